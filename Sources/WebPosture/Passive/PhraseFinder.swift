/// Finds any of many phrases in one pass over a text.
struct PhraseFinder: Sendable {
    private let phrases: [[UInt8]]
    /// Which phrases begin with these two bytes.
    private let beginnings: [UInt16: [Int]]
    /// One bit for each such pair, because most of a text begins none.
    private let isBeginning: [Bool]
    private let foldsCase: Bool

    /// A finder of phrases of at least two bytes each.
    init(_ phrases: [String], foldsCase: Bool) {
        let bytes = phrases.map { phrase in phrase.utf8.map { foldsCase ? $0.lowercasedASCII : $0 } }
        var beginnings: [UInt16: [Int]] = [:]
        var isBeginning = [Bool](repeating: false, count: 1 << 16)
        for (index, phrase) in bytes.enumerated() where phrase.count > 1 {
            let pair = UInt16(phrase[0]) << 8 | UInt16(phrase[1])
            beginnings[pair, default: []].append(index)
            isBeginning[Int(pair)] = true
        }
        self.phrases = bytes
        self.beginnings = beginnings
        self.isBeginning = isBeginning
        self.foldsCase = foldsCase
    }

    /// Where the first phrase lies that stands in the text.
    func first(in text: [UInt8]) -> Range<Int>? {
        guard text.count > 1 else { return nil }
        for at in 0..<(text.count - 1) {
            let pair = UInt16(folded(text[at])) << 8 | UInt16(folded(text[at + 1]))
            guard isBeginning[Int(pair)], let candidates = beginnings[pair] else { continue }
            for index in candidates where stands(phrases[index], in: text, at: at) {
                return at..<(at + phrases[index].count)
            }
        }
        return nil
    }

    private func stands(_ phrase: [UInt8], in text: [UInt8], at start: Int) -> Bool {
        guard start + phrase.count <= text.count else { return false }
        for index in phrase.indices where folded(text[start + index]) != phrase[index] { return false }
        return true
    }

    private func folded(_ byte: UInt8) -> UInt8 { foldsCase ? byte.lowercasedASCII : byte }
}

extension [UInt8] {
    /// A piece of a text as evidence: on one line, without the bytes that print nothing.
    func excerpt(_ range: Range<Int>) -> String {
        let start = Swift.max(startIndex, range.lowerBound)
        let piece = self[start..<Swift.min(endIndex, range.upperBound, start + 200)]
        return String(decoding: piece.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }
}
