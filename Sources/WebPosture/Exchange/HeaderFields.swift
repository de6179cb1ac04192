/// The header fields of one message in the order in which they came, those of one name each by itself.
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
    public private(set) var fields: [Field]

    /// Fields out of names and values.
    public init(_ fields: [(name: String, value: String)] = []) {
        self.fields = fields.map { Field(name: $0.name, value: $0.value) }
    }

    /// The values of every field of that name, in whatever case either is spelt (RFC 9110 §5.1).
    public subscript(name: String) -> [String] {
        let wanted = name.utf8
        return fields.filter { $0.name.utf8.elementsEqual(wanted, by: Self.isSameLetter) }.map(\.value)
    }

    /// The value of the first field of that name.
    public func first(_ name: String) -> String? { self[name].first }

    /// Adds a field at the end.
    public mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// Those fields that `isWanted` wants.
    public func filter(_ isWanted: (Field) -> Bool) -> HeaderFields {
        var copy = self
        copy.fields.removeAll { !isWanted($0) }
        return copy
    }

    private static func isSameLetter(_ left: UInt8, _ right: UInt8) -> Bool {
        left == right || ((left | 0x20) == (right | 0x20) && (0x61...0x7A).contains(left | 0x20))
    }
}

extension HeaderFields: ExpressibleByArrayLiteral {
    /// Fields out of pairs of name and value.
    public init(arrayLiteral elements: (String, String)...) { self.init(elements.map { (name: $0, value: $1) }) }
}
