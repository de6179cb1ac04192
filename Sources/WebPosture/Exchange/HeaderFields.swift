/// The fields of one response in the order in which they came.
public struct HeaderFields: Hashable, Sendable {
    /// One field.
    public struct Field: Hashable, Sendable, Codable {
        /// The name as it was sent.
        public let name: String
        /// The value without white space at its ends.
        public let value: String

        /// A field out of its parts.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// All of them.
    public let fields: [Field]

    /// Fields out of names and values.
    public init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields.map { Field(name: $0.name, value: $0.value) }
    }

    /// The values of every field of that name, in whatever case it is spelt (RFC 9110 §5.1).
    public subscript(name: String) -> [String] {
        fields.filter { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name }.map(\.value)
    }

    /// The value of the first field of that name.
    ///
    /// - Parameter name: In lower case.
    public func first(_ name: String) -> String? { self[name].first }
}
