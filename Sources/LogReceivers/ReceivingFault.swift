/// Why something that was sent could not be taken in, or not whole.
public enum ReceivingFault: String, Sendable, Hashable, CaseIterable {
    /// A record is longer than is taken: its beginning was kept, the rest was not.
    case tooLong
    /// Where a record ends could not be told, or its connection ended before it did; what was there was kept.
    case brokenFraming
    /// Whoever sent it is not known here.
    case stranger
    /// Too many connections are open already, in all or from this sender.
    case tooManyConnections
    /// A connection was closed because its greeting (TLS) failed, or took too long.
    case brokenGreeting
    /// A file or the journal could not be read.
    case unreadable
    /// It was read, and could not be handed over before the end.
    case notHandedOver

    /// The reason for people, to stand behind a number: `12 records: longer than is taken`.
    public var words: String {
        switch self {
        case .tooLong: "longer than is taken: the beginning was kept"
        case .brokenFraming: "it could not be told where a record ends: what was there was kept"
        case .stranger: "from a sender that is not known here"
        case .tooManyConnections: "too many connections are open already"
        case .brokenGreeting: "the greeting (TLS) failed or took too long"
        case .unreadable: "it could not be read"
        case .notHandedOver: "read, and not handed over before the end"
        }
    }
}
