/// What a document says of itself in place of headers (HTML §4.2.5.3 and §4.2.5.1).
public enum MetaHeaders {
    /// Header name → values, for the headers that have a meaning in a document.
    public static func read(_ document: [UInt8]) -> [String: [String]] {
        var found: [String: [String]] = ["content-security-policy": []]
        for token in HTMLTokenizer(document) {
            guard case .start(let tag) = token, tag.name == "meta", let content = tag["content"] else { continue }
            if let equivalent = tag["http-equiv"] {
                if equivalent.lowercased().trimmedAsJavaScript == "content-security-policy", !content.isEmpty {
                    found["content-security-policy", default: []].append(content)
                }
            } else if tag["name"]?.lowercased().trimmedAsJavaScript == "referrer", !content.isEmpty {
                // The last one counts.
                found["referrer-policy"] = [content]
            }
        }
        return found
    }
}
