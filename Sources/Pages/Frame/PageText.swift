import Mustache

/// How text becomes part of a page: the five characters that HTML gives a meaning to are replaced by references.
///
/// The library's own escaping goes by grapheme clusters and takes most of a page's time; this goes by bytes, which for
/// UTF-8 is the same, because no byte of a longer sequence is below 0x80.
struct PageText: MustacheContentType {
    /// The name by which templates ask for it.
    static let name = "PAGE"

    func escapeText(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            guard let first = bytes.firstIndex(where: { Self.reference(for: $0) != nil }) else {
                return String(decoding: bytes, as: UTF8.self)
            }
            var escaped: [UInt8] = []
            escaped.reserveCapacity(bytes.count + bytes.count / 4 + 16)
            escaped.append(contentsOf: bytes[..<first])
            for byte in bytes[first...] {
                if let reference = Self.reference(for: byte) {
                    reference.withUTF8Buffer { escaped.append(contentsOf: $0) }
                } else {
                    escaped.append(byte)
                }
            }
            return String(decoding: escaped, as: UTF8.self)
        }
    }

    @inline(__always)
    private static func reference(for byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
