/// A policy's text as bytes, with its lines, sentences and words.
struct PolicyText {
    let bytes: [UInt8]
    /// The offset at which each line starts.
    private let lineStarts: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [0]
        for (position, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(position + 1) }
        lineStarts = starts
    }

    /// The line, from 1, that holds the byte at `offset`.
    func line(of offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// The start of what stands in `range`, on one line and short enough for a message.
    func excerpt(_ range: Range<Int>, limit: Int = 60) -> String {
        let isCut = range.count > limit
        let slice = bytes[range.lowerBound..<min(range.upperBound, range.lowerBound + limit)]
        var text = ""
        for scalar in String(decoding: slice, as: UTF8.self).unicodeScalars {
            let isReadable = !(scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0xFFFD)
            text.unicodeScalars.append(isReadable && !isLineSeparator(scalar) ? scalar : " ")
        }
        return isCut ? "\(text)…" : text
    }

    /// Tells whether a cut before the byte at `offset` would tear a character apart.
    func splitsCharacter(at offset: Int) -> Bool {
        guard offset > 0, offset < bytes.count else { return false }
        return bytes[offset] & 0xC0 == 0x80 && bytes[offset - 1] >= 0x80
    }

    /// The sentences; together they hold every non-whitespace byte.
    var sentences: [Range<Int>] {
        SentenceSplitter(bytes: bytes).sentences()
    }

    private func isLineSeparator(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x2028 || scalar.value == 0x2029 || (0x202A...0x202E).contains(scalar.value)
            || (0x2066...0x2069).contains(scalar.value)
    }
}

/// The words of a text in lower case, for comparing wordings whatever their punctuation.
func words(of bytes: some Sequence<UInt8>) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): word.append(byte)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
        default:
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
    }
    if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
    return words
}
