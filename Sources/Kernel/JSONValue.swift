/// A value in JSON (RFC 8259) that somebody else wrote and that decides something.
public enum JSONValue: Hashable, Sendable {
    case text(String)
    case number(Double)
    case boolean(Bool)
    case null
    case array([JSONValue])
    case object([String: JSONValue])

    /// What is wrong with a text that should be JSON.
    public struct Fault: Error, Hashable {
        /// A clause that ends with a full stop.
        public let reason: String
    }

    /// Reads one object strictly: no name twice, no lone surrogates, at most eight levels, nothing after the end.
    ///
    /// A general decoder lets the last of two equal names win, and another program the first. What a signature covers must
    /// mean the same to everybody.
    public static func members(of bytes: [UInt8]) throws(Fault) -> [String: JSONValue] {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Fault(reason: "it is no UTF-8.") }
        var reader = JSONReader(bytes: bytes)
        return try reader.whole()
    }

    /// The text, if it is one.
    public var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The number, if it is one.
    public var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// The elements, if it is an array.
    public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    /// The elements, if it is an array of nothing but texts.
    public var texts: [String]? {
        guard let elements else { return nil }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts : nil
    }
}

private struct JSONReader {
    typealias Fault = JSONValue.Fault

    private static let deepest = 8

    private let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func whole() throws(Fault) -> [String: JSONValue] {
        skipSpace()
        guard peek == UInt8(ascii: "{") else { throw Fault(reason: "it does not begin with a brace.") }
        let members = try object(depth: 1)
        skipSpace()
        guard peek == nil else { throw Fault(reason: "something follows after its end.") }
        return members
    }

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func object(depth: Int) throws(Fault) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        at += 1
        skipSpace()
        if take("}") { return members }
        repeat {
            skipSpace()
            let name = try text()
            skipSpace()
            guard take(":") else { throw Fault(reason: "a colon is missing.") }
            let value = try value(depth: depth)
            guard members.updateValue(value, forKey: name) == nil else {
                throw Fault(reason: "a name stands there twice.")
            }
            skipSpace()
        } while take(",")
        guard take("}") else { throw Fault(reason: "an object is not closed.") }
        return members
    }

    private mutating func array(depth: Int) throws(Fault) -> [JSONValue] {
        at += 1
        skipSpace()
        if take("]") { return [] }
        var elements: [JSONValue] = []
        repeat {
            elements.append(try value(depth: depth))
            skipSpace()
        } while take(",")
        guard take("]") else { throw Fault(reason: "an array is not closed.") }
        return elements
    }

    private mutating func value(depth: Int) throws(Fault) -> JSONValue {
        guard depth <= Self.deepest else { throw Fault(reason: "it lies too deep.") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "t"):
            try word("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default: return .number(try number())
        }
    }

    private mutating func text() throws(Fault) -> String {
        guard take("\"") else { throw Fault(reason: "a text does not begin with a quotation mark.") }
        var text: [UInt8] = []
        while let byte = peek {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
            case 0..<0x20: throw Fault(reason: "a text contains a control character.")
            default: text.append(byte)
            }
        }
        throw Fault(reason: "a text is not closed.")
    }

    private mutating func escape() throws(Fault) -> Character {
        let kind = peek
        at += 1
        switch kind {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw Fault(reason: "an escape is not known.")
        }
        var value = try codeUnit()
        if (0xD800..<0xDC00).contains(value) {
            guard take("\\"), take("u") else { throw Fault(reason: "half of a surrogate pair is missing.") }
            let low = try codeUnit()
            guard (0xDC00..<0xE000).contains(low) else { throw Fault(reason: "half of a surrogate pair is missing.") }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw Fault(reason: "half of a surrogate pair is missing.") }
        return Character(scalar)
    }

    private mutating func codeUnit() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw Fault(reason: "an escape is cut short.")
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }

    private mutating func number() throws(Fault) -> Double {
        let start = at
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        guard let number = Double(String(decoding: bytes[start..<at], as: UTF8.self)), number.isFinite else {
            throw Fault(reason: "a number is too large.")
        }
        return number
    }

    private mutating func digits() throws(Fault) {
        let start = at
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
        guard at > start else { throw Fault(reason: "a value is missing or unknown.") }
    }

    private mutating func word(_ word: StaticString) throws(Fault) {
        for index in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[index] else { throw Fault(reason: "a value is missing or unknown.") }
            at += 1
        }
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || (9...10).contains(byte) || byte == 13 { at += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }
}
