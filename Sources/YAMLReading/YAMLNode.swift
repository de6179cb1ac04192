/// A value of a YAML file with the line on which it starts.
public struct YAMLNode: Sendable {
    /// What the value is.
    public enum Content: Sendable {
        /// Text; `isPlain` tells that it stood without quotes, so that it may mean a number, a truth value or nothing.
        case scalar(String, isPlain: Bool)
        /// A list of values.
        case list([YAMLNode])
        /// Keys and values in the order of the file; no key stands twice.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    /// What the value is.
    public let content: Content
    /// The line on which it starts, from 1.
    public let line: Int

    /// The text and whether it stood without quotes; `nil` for a list or a mapping.
    public var scalar: (text: String, isPlain: Bool)? {
        if case .scalar(let text, let isPlain) = content { (text, isPlain) } else { nil }
    }

    /// The value under `key`; `nil` where there is none, or this is no mapping.
    public subscript(key: String) -> YAMLNode? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key.scalar?.text == key }?.value
    }
}
