/// Steps over the members of a JSON object, as far as is needed to find some of them.
struct JSONMembers {
    /// A member: the key without its quotes, and the value as it is written.
    typealias Member = (key: ArraySlice<UInt8>, value: ArraySlice<UInt8>)

    /// The members of an object in their order; `nil` for what is no object. What is inside the values is only balanced.
    static func read(_ object: ArraySlice<UInt8>) -> [Member]? {
        var reader = Self(rest: object)
        var members: [Member] = []
        guard reader.take(UInt8(ascii: "{")) else { return nil }
        if reader.take(UInt8(ascii: "}")) { return reader.isAtEnd ? members : nil }
        while true {
            guard let key = reader.string(), reader.take(UInt8(ascii: ":")), let value = reader.value() else {
                return nil
            }
            members.append((key.dropFirst().dropLast(), value))
            if reader.take(UInt8(ascii: "}")) { return reader.isAtEnd ? members : nil }
            guard reader.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    /// The elements of a list, as they are written; `nil` for what is no list.
    static func elements(_ list: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var reader = Self(rest: list)
        var elements: [ArraySlice<UInt8>] = []
        guard reader.take(UInt8(ascii: "[")) else { return nil }
        if reader.take(UInt8(ascii: "]")) { return reader.isAtEnd ? elements : nil }
        while true {
            guard let value = reader.value() else { return nil }
            elements.append(value)
            if reader.take(UInt8(ascii: "]")) { return reader.isAtEnd ? elements : nil }
            guard reader.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    /// The text of a value: of a string with its escapes resolved, of a number or a truth value as it is written.
    static func text(_ value: ArraySlice<UInt8>) -> [UInt8]? {
        switch value.first {
        case UInt8(ascii: "\""): unescaped(value.dropFirst().dropLast())
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"), nil: nil
        default: Array(value)
        }
    }

    private var rest: ArraySlice<UInt8>

    private var isAtEnd: Bool { rest.allSatisfy(ASCII.isSpace) }

    private mutating func take(_ byte: UInt8) -> Bool {
        rest = rest.drop(while: ASCII.isSpace)
        guard rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func string() -> ArraySlice<UInt8>? {
        rest = rest.drop(while: ASCII.isSpace)
        guard rest.first == UInt8(ascii: "\"") else { return nil }
        var place = rest.startIndex + 1
        while place < rest.endIndex {
            if rest[place] == UInt8(ascii: "\\") {
                place += 2
            } else if rest[place] == UInt8(ascii: "\"") {
                let found = rest[rest.startIndex...place]
                rest = rest[(place + 1)...]
                return found
            } else {
                place += 1
            }
        }
        return nil
    }

    private mutating func value() -> ArraySlice<UInt8>? {
        rest = rest.drop(while: ASCII.isSpace)
        let start = rest.startIndex
        let whole = rest
        var depth = 0
        repeat {
            rest = rest.drop(while: ASCII.isSpace)
            guard let byte = rest.first else { return nil }
            switch byte {
            case UInt8(ascii: "\""): guard string() != nil else { return nil }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                rest = rest.dropFirst()
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                rest = rest.dropFirst()
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { return nil }
                rest = rest.dropFirst()
            default:
                let word = rest.prefix { !ASCII.isSpace($0) && !Self.delimiters.contains($0) }
                rest = rest[word.endIndex...]
            }
        } while depth > 0
        guard depth == 0 else { return nil }
        return whole[start..<rest.startIndex]
    }

    private static let delimiters = Array("{}[],:\"".utf8)

    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.contains(UInt8(ascii: "\\")) else { return Array(text) }
        var bytes: [UInt8] = []
        var reader = LineReader(text)
        while true {
            bytes += reader.run { $0 != UInt8(ascii: "\\") }
            guard reader.take("\\"), let escaped = reader.rest.first else { return bytes }
            reader = LineReader(reader.rest.dropFirst())
            switch escaped {
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "u"):
                guard var scalar = unit(&reader) else { continue }
                if scalar & 0xFC00 == 0xD800 {
                    var probe = reader
                    if probe.take("\\u"), let low = unit(&probe), low & 0xFC00 == 0xDC00 {
                        scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                        reader = probe
                    }
                }
                bytes += Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
            default: bytes.append(escaped)
            }
        }
    }

    private static func unit(_ reader: inout LineReader) -> UInt32? {
        let digits = reader.rest.prefix(4)
        guard digits.count == 4 else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            guard let number = ASCII.hexValue(digit) else { return nil }
            value = value << 4 | UInt32(number)
        }
        reader = LineReader(reader.rest.dropFirst(4))
        return value
    }
}
