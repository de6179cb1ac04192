/// Walks over one JSON value without making anything of it.
struct JSONWalk {
    /// Whether only ASCII was met so far.
    private(set) var isASCII = true
    private var position = 0
    private var depth = 0
    /// One bit for each open array or object, the innermost lowest: 1 for an object.
    private var kinds: UInt64 = 0

    private enum Expected {
        case value, valueOrEnd, key, keyOrEnd, commaOrEnd
    }

    mutating func isOneValue(_ text: Span<UInt8>) -> Bool {
        var expected = Expected.value
        while position < text.count {
            let byte = text[position]
            switch expected {
            case .key, .keyOrEnd:
                if byte == UInt8(ascii: "\"") {
                    guard string(text), position < text.count, text[position] == UInt8(ascii: ":") else { return false }
                    position += 1
                    expected = .value
                    continue
                }
                guard expected == .keyOrEnd, close(byte) else { return false }
                expected = .commaOrEnd
            case .value, .valueOrEnd:
                if expected == .valueOrEnd, close(byte) {
                    expected = .commaOrEnd
                    continue
                }
                switch byte {
                case UInt8(ascii: "{"):
                    guard open(isObject: true) else { return false }
                    expected = .keyOrEnd
                case UInt8(ascii: "["):
                    guard open(isObject: false) else { return false }
                    expected = .valueOrEnd
                default:
                    guard plainValue(text, byte) else { return false }
                    expected = .commaOrEnd
                }
            case .commaOrEnd:
                if depth == 0 { return false }
                if byte == UInt8(ascii: ",") {
                    position += 1
                    expected = kinds & 1 == 1 ? .key : .value
                } else if !close(byte) {
                    return false
                }
            }
        }
        return depth == 0 && expected == .commaOrEnd
    }

    private mutating func open(isObject: Bool) -> Bool {
        guard depth < JSONText.depthLimit else { return false }
        depth += 1
        kinds = kinds << 1 | (isObject ? 1 : 0)
        position += 1
        return true
    }

    /// Goes past the end of the innermost array or object, if `byte` is it.
    private mutating func close(_ byte: UInt8) -> Bool {
        guard depth > 0, byte == (kinds & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
        depth -= 1
        kinds >>= 1
        position += 1
        return true
    }

    private mutating func plainValue(_ text: Span<UInt8>, _ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""): string(text)
        case UInt8(ascii: "t"): word("true", text)
        case UInt8(ascii: "f"): word("false", text)
        case UInt8(ascii: "n"): word("null", text)
        default: number(text)
        }
    }

    private mutating func string(_ text: Span<UInt8>) -> Bool {
        position += 1
        while position < text.count {
            position = text.endOfPlainRun(from: position)
            guard position < text.count else { return false }
            let byte = text[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\") {
                guard escape(text) else { return false }
            } else if byte < 0x20 {
                return false
            } else {
                isASCII = false
            }
        }
        return false
    }

    private mutating func escape(_ text: Span<UInt8>) -> Bool {
        guard position < text.count else { return false }
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "u"):
            guard text.count - position >= 4 else { return false }
            for _ in 0..<4 {
                switch text[position] {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    position += 1
                default: return false
                }
            }
            return true
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        default: return false
        }
    }

    private mutating func word(_ word: StaticString, _ text: Span<UInt8>) -> Bool {
        let count = word.utf8CodeUnitCount
        guard text.count - position >= count,
            word.withUTF8Buffer({ text.extracting(position..<(position + count)).isEqual(to: $0.span) })
        else { return false }
        position += count
        return true
    }

    private mutating func number(_ text: Span<UInt8>) -> Bool {
        if text[position] == UInt8(ascii: "-") { position += 1 }
        let start = position
        guard digits(text) else { return false }
        if text[start] == UInt8(ascii: "0"), position > start + 1 { return false }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            guard digits(text) else { return false }
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard digits(text) else { return false }
        }
        return true
    }

    private mutating func digits(_ text: Span<UInt8>) -> Bool {
        let start = position
        while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) { position += 1 }
        return position > start
    }
}
