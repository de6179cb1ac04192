/// What JavaScript does to text where Mozilla's Observatory relies on it, so that both see the same words.
extension StringProtocol {
    /// The text without the white space and line ends at both ends (ECMA-262 `String.prototype.trim`).
    var trimmedAsJavaScript: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.isJavaScriptSpace }),
            let last = scalars.lastIndex(where: { !$0.isJavaScriptSpace })
        else { return "" }
        return String(String.UnicodeScalarView(scalars[first...last]))
    }

    /// The pieces between runs of white space, as `split(/\s+/)` has them after trimming: one empty piece for no text.
    var wordsAsJavaScript: [String] {
        let words = unicodeScalars.split(whereSeparator: \.isJavaScriptSpace).map {
            String(String.UnicodeScalarView($0))
        }
        return words.isEmpty ? [""] : words
    }

    /// The first `count` UTF-16 units.
    func prefixAsJavaScript(_ count: Int) -> String {
        utf16.count <= count ? String(self) : String(decoding: utf16.prefix(count), as: UTF16.self)
    }
}

extension Unicode.Scalar {
    /// White space and line terminators of ECMA-262 §12.2 and §12.3.
    var isJavaScriptSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
        default: false
        }
    }
}
