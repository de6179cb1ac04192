/// Character references in attribute values (WHATWG HTML §13.2.5.72): by number, and by the names that stand for a character of
/// ASCII. Others are left as they are, because no address, header or rule depends on them.
enum CharacterReferences {
    /// The text of an attribute's value.
    static func resolved(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.first {
            if byte == UInt8(ascii: "&"), let (scalar, length) = reference(rest.dropFirst()) {
                text += Array(String(Character(scalar)).utf8)
                rest = rest.dropFirst(length + 1)
            } else {
                text.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// What follows an ampersand, if it stands for a character, and how many bytes it takes.
    private static func reference(_ rest: ArraySlice<UInt8>) -> (Unicode.Scalar, length: Int)? {
        if rest.first == UInt8(ascii: "#") {
            guard let (scalar, length) = number(rest.dropFirst()) else { return nil }
            return (scalar, length + 1)
        }
        let name = rest.prefix(longestName).prefix { $0.isLetter }
        let isClosed = rest.dropFirst(name.count).first == UInt8(ascii: ";")
        let text = String(decoding: name, as: UTF8.self)
        if isClosed, let scalar = named[text] { return (Unicode.Scalar(scalar), name.count + 1) }
        // Old names count without a semicolon too, unless that would break an address such as `?a=1&lt=2`.
        let follower = rest.dropFirst(name.count).first
        guard unclosed.contains(text), !isClosed, follower != UInt8(ascii: "="), follower?.isDigit != true,
            let scalar = named[text]
        else { return nil }
        return (Unicode.Scalar(scalar), name.count)
    }

    private static func number(_ rest: ArraySlice<UInt8>) -> (Unicode.Scalar, length: Int)? {
        let isHexadecimal = rest.first.map { $0 | 0x20 == UInt8(ascii: "x") } ?? false
        let digits = rest.dropFirst(isHexadecimal ? 1 : 0).prefix {
            isHexadecimal ? Character(Unicode.Scalar($0)).isHexDigit : $0.isDigit
        }
        guard !digits.isEmpty else { return nil }
        let isClosed = rest.dropFirst(digits.count + (isHexadecimal ? 1 : 0)).first == UInt8(ascii: ";")
        let value = UInt32(String(decoding: digits, as: UTF8.self), radix: isHexadecimal ? 16 : 10)
        let scalar = value.flatMap { $0 == 0 ? nil : Unicode.Scalar($0) } ?? "\u{FFFD}"
        return (scalar, digits.count + (isHexadecimal ? 1 : 0) + (isClosed ? 1 : 0))
    }

    private static let longestName = 24

    private static let unclosed: Set = ["AMP", "GT", "LT", "QUOT", "amp", "gt", "lt", "quot"]

    /// The names of the HTML standard that stand for one character of ASCII.
    private static let named: [String: UInt8] = [
        "Tab": 0x09, "NewLine": 0x0A, "excl": 0x21, "QUOT": 0x22, "quot": 0x22, "num": 0x23, "dollar": 0x24,
        "percnt": 0x25, "AMP": 0x26, "amp": 0x26, "apos": 0x27, "lpar": 0x28, "rpar": 0x29, "ast": 0x2A,
        "midast": 0x2A, "plus": 0x2B, "comma": 0x2C, "period": 0x2E, "sol": 0x2F, "colon": 0x3A, "semi": 0x3B,
        "LT": 0x3C, "lt": 0x3C, "equals": 0x3D, "GT": 0x3E, "gt": 0x3E, "quest": 0x3F, "commat": 0x40,
        "lbrack": 0x5B, "lsqb": 0x5B, "bsol": 0x5C, "rbrack": 0x5D, "rsqb": 0x5D, "Hat": 0x5E, "UnderBar": 0x5F,
        "lowbar": 0x5F, "DiacriticalGrave": 0x60, "grave": 0x60, "lbrace": 0x7B, "lcub": 0x7B, "VerticalLine": 0x7C,
        "verbar": 0x7C, "vert": 0x7C, "rbrace": 0x7D, "rcub": 0x7D,
    ]
}
