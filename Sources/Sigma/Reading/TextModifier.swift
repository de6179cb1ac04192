import Kernel

/// What each modifier makes of text.
enum TextModifier {
    static func apply(
        _ modifier: FieldModifier, to patterns: [TextPattern], after modifiers: [FieldModifier]
    ) throws(RuleFault) -> [TextPattern] {
        switch modifier {
        case .contains: return patterns.map(\.afterAnything.beforeAnything)
        case .startswith: return patterns.map(\.beforeAnything)
        case .endswith: return patterns.map(\.afterAnything)
        case .windash: return patterns.map(\.withAnyDash)
        case .utf16le: return patterns.map { $0.mapLiterals { wide($0, isBigEndian: false) } }
        case .utf16be: return patterns.map { $0.mapLiterals { wide($0, isBigEndian: true) } }
        case .utf16:
            return patterns.map { pattern in
                TextPattern(parts: [.literal(mark)] + pattern.mapLiterals { wide($0, isBigEndian: false) }.parts)
            }
        case .base64: return try encoded(patterns, modifiers) { [Base64.encoded($0)] }
        case .base64offset: return try encoded(patterns, modifiers, Base64.encodedAnywhere)
        default: return patterns
        }
    }

    /// The byte order mark as text; encoded it becomes the two bytes that UTF-16 begins with.
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private static func wide(_ bytes: [UInt8], isBigEndian: Bool) -> [UInt8] {
        String(decoding: bytes, as: UTF8.self).utf16.flatMap { unit in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 255))
            return isBigEndian ? [high, low] : [low, high]
        }
    }

    private static func encoded(
        _ patterns: [TextPattern], _ modifiers: [FieldModifier], _ encode: ([UInt8]) -> [[UInt8]]
    ) throws(RuleFault) -> [TextPattern] {
        var results: [TextPattern] = []
        for pattern in patterns {
            guard var bytes = pattern.literal, !bytes.isEmpty else {
                throw RuleFault(
                    code: "value", message: "Text with wildcards, or none, cannot be encoded.",
                    hint: "Put `contains` behind the encoding: `|base64offset|contains`.")
            }
            if modifiers.contains(.utf16), bytes.starts(with: mark) {
                bytes.replaceSubrange(0..<mark.count, with: [0xFF, 0xFE])
            }
            // Of a single byte no digit may be left, which would fit everywhere.
            results += encode(bytes).filter { !$0.isEmpty }.map { TextPattern(parts: [.literal($0)]) }
        }
        return results
    }
}

/// Base64 of text that may stand anywhere in what was encoded.
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The encoding with its padding, RFC 4648 section 4.
    static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                let digit = digits[Int(bits >> UInt32(18 - 6 * index)) & 63]
                text.append(index <= group.count ? digit : UInt8(ascii: "="))
            }
        }
        return text
    }

    /// The digits that stay the same wherever the bytes stand in what is encoded: one text for each of the three places.
    static func encodedAnywhere(_ bytes: [UInt8]) -> [[UInt8]] {
        (0..<3).map { offset in
            let whole = encoded([UInt8](repeating: 0, count: offset) + bytes)
            // The first digits hold bits of what stands before, the last ones bits of what comes after.
            let before = [0, 2, 3][offset]
            let after = [0, 3, 2][(bytes.count + offset) % 3]
            return Array(whole[before..<(whole.count - after)])
        }
    }
}
