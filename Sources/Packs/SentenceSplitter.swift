/// Splits a text into sentences, byte by byte, so that every non-whitespace byte lies in exactly one.
///
/// Headings, list items and paragraphs end at their line; wrapped lines are joined. A full stop ends no sentence in an
/// abbreviation, a number or an initial, nor where a lower-case word follows; it ends one even where the space after it is missing.
struct SentenceSplitter {
    let bytes: [UInt8]

    func sentences() -> [Range<Int>] {
        blocks().flatMap(sentences)
    }

    // MARK: - Blocks

    /// Runs of lines that belong together: a heading, a list item, a paragraph.
    private func blocks() -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var last: Range<Int>?
        for line in lines() {
            guard let line = trimmed(line) else {
                last = nil
                continue
            }
            if let previous = last, let block = blocks.last, continues(previous, with: line) {
                blocks[blocks.count - 1] = block.lowerBound..<line.upperBound
            } else {
                blocks.append(line)
            }
            last = line
        }
        return blocks
    }

    private func lines() -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for (position, byte) in bytes.enumerated() where byte == 0x0A || byte == 0x0D || byte == 0x0C {
            // The carriage return before it ended the line; a second, empty one would cut the paragraph.
            let isPair = byte == 0x0A && position > 0 && bytes[position - 1] == 0x0D
            if !isPair { lines.append(start..<position) }
            start = position + 1
        }
        lines.append(start..<bytes.count)
        return lines
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int>? {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isWhitespace(bytes[start]) { start += 1 }
        while end > start, isWhitespace(bytes[end - 1]) { end -= 1 }
        return start < end ? start..<end : nil
    }

    /// A line goes on with the next one if it was wrapped: it is long or the next starts small, and neither is a line by nature.
    private func continues(_ line: Range<Int>, with next: Range<Int>) -> Bool {
        if startsBlock(next) || bytes[line.lowerBound] == UInt8(ascii: "#") { return false }
        let end = endWithoutClosers(line)
        let isFinished = end > line.lowerBound && isTerminal(bytes[end - 1])
        let isWide = line.count >= 60
        return isFinished ? isWide : isWide || isLower(bytes[next.lowerBound])
    }

    /// Markdown headings, quotes, tables, fences, rules and list items stand on lines of their own.
    private func startsBlock(_ line: Range<Int>) -> Bool {
        let first = bytes[line.lowerBound]
        let second = line.count > 1 ? bytes[line.lowerBound + 1] : 0x20
        switch first {
        case UInt8(ascii: "#"), UInt8(ascii: ">"), UInt8(ascii: "|"), UInt8(ascii: "`"), UInt8(ascii: "="),
            UInt8(ascii: "~"):
            return true
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"):
            return isWhitespace(second) || second == first
        default: break
        }
        if bytes[line].starts(with: "•".utf8) { return true }
        let digits = bytes[line].prefix(while: isDigit)
        guard (1...3).contains(digits.count), digits.count < line.count else { return false }
        let mark = bytes[line.lowerBound + digits.count]
        return mark == UInt8(ascii: ".") || mark == UInt8(ascii: ")") || mark == UInt8(ascii: "-")
    }

    // MARK: - Sentences

    private func sentences(in block: Range<Int>) -> [Range<Int>] {
        var sentences: [Range<Int>] = []
        var start = block.lowerBound
        var position = start
        while position < block.upperBound {
            let end = sentenceEnd(at: position, from: start, in: block)
            position += 1
            guard let end, let sentence = trimmed(start..<end) else { continue }
            sentences.append(sentence)
            start = end
            position = max(position, end)
        }
        if let rest = trimmed(start..<block.upperBound) { sentences.append(rest) }
        return sentences
    }

    /// Where the sentence ends whose last character may stand at `position`; `nil` if it goes on.
    private func sentenceEnd(at position: Int, from start: Int, in block: Range<Int>) -> Int? {
        let byte = bytes[position]
        if isGluedYear(endingAt: position, from: start, in: block) { return position + 1 }
        guard isTerminal(byte) else { return nil }
        var end = position + 1
        while end < block.upperBound, isTerminal(bytes[end]) { end += 1 }
        end = endOfClosers(from: end, in: block)
        guard end < block.upperBound else { return end }
        if !isSpace(at: end) {
            return byte != UInt8(ascii: ".") || isGluedStop(position, from: start, in: block)
                ? glued(end, in: block) : nil
        }
        let gap = endOfSpace(from: end, in: block)
        guard gap < block.upperBound else { return gap }
        if isLower(bytes[gap]) { return nil }
        if byte == UInt8(ascii: "."), position + 1 == end, isAbbreviation(endingAt: position, from: start, before: gap)
        {
            return nil
        }
        // No-break spaces are bytes of the text; those at the end belong to what ended.
        return gap
    }

    /// “…on Monday.All staff…”: a stop between a small letter and a capital that starts a word.
    private func isGluedStop(_ position: Int, from start: Int, in block: Range<Int>) -> Bool {
        position - start >= 2 && isLower(bytes[position - 1]) && isLower(bytes[position - 2])
    }

    private func glued(_ end: Int, in block: Range<Int>) -> Int? {
        guard end + 1 < block.upperBound, isUpper(bytes[end]), isLower(bytes[end + 1]) else { return nil }
        return end
    }

    /// “Updated: Sep 2021Security Policy”: a year that runs into the next heading.
    private func isGluedYear(endingAt position: Int, from start: Int, in block: Range<Int>) -> Bool {
        guard position - start >= 4, position + 2 < block.upperBound, isDigit(bytes[position]),
            isUpper(bytes[position + 1]),
            isLower(bytes[position + 2])
        else { return false }
        return bytes[(position - 3)...position].allSatisfy(isDigit) && isWhitespace(bytes[position - 4])
    }

    /// `e.g.`, `Dr.`, an initial, or the number that opens a list item.
    private func isAbbreviation(endingAt position: Int, from start: Int, before next: Int) -> Bool {
        var wordStart = position
        while wordStart > start, !isWhitespace(bytes[wordStart - 1]), !isOpener(bytes[wordStart - 1]),
            bytes[wordStart - 1] < 0x80
        {
            wordStart -= 1
        }
        let word = bytes[wordStart..<position].map { isUpper($0) ? $0 | 0x20 : $0 }
        if word.isEmpty { return false }
        if wordStart == start, word.count <= 3, word.allSatisfy(isDigit) { return true }
        if word.count == 1, isLower(word[0]), isUpper(bytes[wordStart]), word[0] != UInt8(ascii: "i") { return true }
        let text = String(decoding: word, as: UTF8.self)
        if Self.abbreviations.contains(text) { return true }
        return Self.numbered.contains(text) && isDigit(bytes[next])
    }

    /// Abbreviations that hardly ever end a sentence.
    private static let abbreviations: Set<String> = [
        "e.g", "i.e", "eg", "ie", "cf", "vs", "viz", "approx", "mr", "mrs", "ms", "dr", "prof", "st", "esp", "incl",
        "excl",
        "resp", "u.s", "u.k",
    ]
    /// Abbreviations that do not end a sentence where a number follows.
    private static let numbered: Set<String> = [
        "no", "nos", "art", "arts", "sec", "fig", "para", "p", "pp", "ch", "vol", "ver", "v", "jan", "feb", "mar",
        "apr",
        "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    ]

    // MARK: - Bytes

    private func isTerminal(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
    }

    private func isOpener(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"")
            || byte == UInt8(ascii: "'")
    }

    private static let closers: [[UInt8]] = ["”", "’", "»", "…"].map { Array($0.utf8) }
    private static let noBreakSpace: [UInt8] = [0xC2, 0xA0]

    private func endOfClosers(from start: Int, in block: Range<Int>) -> Int {
        var end = start
        while end < block.upperBound {
            switch bytes[end] {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "*"),
                UInt8(ascii: "_"):
                end += 1
            default:
                guard let closer = Self.closers.first(where: { bytes[end..<block.upperBound].starts(with: $0) }) else {
                    return end
                }
                end += closer.count
            }
        }
        return end
    }

    private func endWithoutClosers(_ line: Range<Int>) -> Int {
        var end = line.upperBound
        while end > line.lowerBound, !isTerminal(bytes[end - 1]),
            endOfClosers(from: end - 1, in: line) == line.upperBound
        {
            end -= 1
        }
        return end
    }

    private func isSpace(at position: Int) -> Bool {
        isWhitespace(bytes[position]) || bytes[position...].starts(with: Self.noBreakSpace)
    }

    private func endOfSpace(from start: Int, in block: Range<Int>) -> Int {
        var end = start
        while end < block.upperBound, isSpace(at: end) { end += isWhitespace(bytes[end]) ? 1 : 2 }
        return min(end, block.upperBound)
    }

    private func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
