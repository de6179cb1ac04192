/// Steps through a line of a log.
struct LineReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ line: ArraySlice<UInt8>) { rest = line }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes a text if it is next.
    mutating func take(_ text: StaticString) -> Bool {
        let isNext = text.withUTF8Buffer { rest.starts(with: $0) }
        if isNext { rest = rest.dropFirst(text.utf8CodeUnitCount) }
        return isNext
    }

    /// Takes what comes before a text, and the text; nothing if it does not come.
    mutating func upTo(_ text: StaticString) -> ArraySlice<UInt8>? {
        guard let range = rest.firstRange(of: text) else { return nil }
        let found = rest[rest.startIndex..<range.lowerBound]
        rest = rest[range.upperBound...]
        return found
    }

    /// Takes a run of bytes, which may be empty.
    mutating func run(while fits: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let end = rest.firstIndex { !fits($0) } ?? rest.endIndex
        let found = rest[rest.startIndex..<end]
        rest = rest[end...]
        return found
    }

    mutating func skipSpaces() { rest = rest.drop { $0 == 0x20 } }

    /// Takes a number of at most nine digits.
    mutating func number() -> Int? {
        let digits = run(while: ASCII.isDigit)
        guard (1...9).contains(digits.count) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}

extension ArraySlice<UInt8> {
    /// The first place where a text stands.
    func firstRange(of text: StaticString) -> Range<Int>? {
        text.withUTF8Buffer { text in
            guard let first = text.first, text.count <= count else { return nil }
            var place = startIndex
            while let start = self[place...].firstIndex(of: first), start + text.count <= endIndex {
                if self[start..<(start + text.count)].elementsEqual(text) { return start..<(start + text.count) }
                place = start + 1
            }
            return nil
        }
    }

    /// The last place where a text stands.
    func lastRange(of text: StaticString) -> Range<Int>? {
        text.withUTF8Buffer { text in
            guard !text.isEmpty, text.count <= count else { return nil }
            for start in stride(from: endIndex - text.count, through: startIndex, by: -1)
            where self[start] == text[0] && self[start..<(start + text.count)].elementsEqual(text) {
                return start..<(start + text.count)
            }
            return nil
        }
    }

    func starts(with text: StaticString) -> Bool { text.withUTF8Buffer { self.starts(with: $0) } }

    func contains(_ text: StaticString) -> Bool { firstRange(of: text) != nil }

    /// Without spaces at either end.
    var trimmed: ArraySlice<UInt8> {
        var slice = drop(while: ASCII.isSpace)
        while let last = slice.last, ASCII.isSpace(last) { slice.removeLast() }
        return slice
    }

    static func == (left: ArraySlice<UInt8>, right: StaticString) -> Bool {
        right.withUTF8Buffer { left.elementsEqual($0) }
    }
}
