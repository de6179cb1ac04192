/// The header fields of a message in the order in which they came, those of one name each by itself.
public struct HeaderFields: Hashable, Sendable {
    /// One field line.
    public struct Field: Hashable, Sendable, Codable {
        /// The name as it was spelled.
        public let name: String
        /// The value without the blanks around it.
        public let value: String

        /// A field out of its parts.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Every field.
    public var fields: [Field]

    /// Fields in the order in which they came.
    public init(_ fields: [Field] = []) { self.fields = fields }

    /// The values of all fields of that name, in any case of letters.
    public func values(_ name: String) -> [String] {
        let wanted = name.utf8
        return fields.filter { $0.name.utf8.elementsEqual(wanted, by: Self.isSameLetter) }.map(\.value)
    }

    /// The value of the first field of that name.
    public subscript(name: String) -> String? { values(name).first }

    /// The values of all fields of that name as one, as RFC 9110 §5.3 joins them; `nil` if there is none.
    public func joined(_ name: String) -> String? {
        let values = values(name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Adds a field at the end.
    public mutating func add(_ name: String, _ value: String) { fields.append(Field(name, value)) }

    private static func isSameLetter(_ left: UInt8, _ right: UInt8) -> Bool {
        left == right || ((left | 0x20) == (right | 0x20) && (0x61...0x7A).contains(left | 0x20))
    }
}

extension HeaderFields: ExpressibleByArrayLiteral {
    /// Fields out of pairs of name and value.
    public init(arrayLiteral elements: (String, String)...) { self.init(elements.map { Field($0, $1) }) }
}
