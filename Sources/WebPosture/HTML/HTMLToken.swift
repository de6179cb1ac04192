/// One piece of an HTML document, as far as a scanner needs to tell them apart.
public enum HTMLToken: Hashable, Sendable {
    /// The beginning of an element.
    case start(StartTag)
    /// The end of the element of that name, in lower case.
    case end(String)
    /// Text between tags, or what a script or style element holds: where it lies in the bytes.
    case text(Range<Int>)
    /// What stands inside a comment or a declaration.
    case comment(Range<Int>)

    /// A start tag with its attributes.
    public struct StartTag: Hashable, Sendable {
        /// One attribute.
        public struct Attribute: Hashable, Sendable {
            /// The name in lower case.
            public let name: String
            /// The value with its character references resolved; empty where there is none.
            public let value: String
        }

        /// The element's name in lower case.
        public let name: String
        /// The attributes in the order in which they stand; of two with one name only the first counts.
        public let attributes: [Attribute]

        /// The value of the first attribute of that name; `nil` if it does not stand there.
        public subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }
    }
}
