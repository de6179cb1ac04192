import Kernel

/// The little JSON (RFC 8259) that an export needs, by bytes.
enum JSONText {
    /// Adds `bytes` as the inside of a JSON string: line feed, quotation mark and backslash by two characters, other control
    /// characters as `\u00xx`, all else as it is. Every byte sequence has this one spelling.
    static func appendEscaped(_ bytes: Span<UInt8>, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + bytes.count)
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "\n"): text.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\""): text.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): text.append(contentsOf: "\\\\".utf8)
            case 0..<0x20:
                text.append(contentsOf: "\\u00".utf8)
                text.append(contentsOf: [bytes[index]].hex.utf8)
            default: text.append(bytes[index])
            }
        }
    }

    /// How deep arrays and objects may lie in one another.
    static let depthLimit = 64

    /// Whether `text` is exactly one JSON object in UTF-8, without white space outside of strings and not too deep.
    ///
    /// Such bytes can stand in a line as they are: whoever reads the line finds their end where they end.
    static func isObject(_ text: Span<UInt8>) -> Bool {
        guard text.count >= 2, text[0] == UInt8(ascii: "{"), text[text.count - 1] == UInt8(ascii: "}") else {
            return false
        }
        var walk = JSONWalk()
        return walk.isOneValue(text) && (walk.isASCII || text.isUTF8)
    }
}
