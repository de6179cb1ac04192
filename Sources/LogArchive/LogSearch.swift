import Kernel

/// What is looked for in the archive.
public struct LogSearch: Sendable, Hashable {
    /// Which of the records that match come first.
    public enum Order: Sendable, Hashable {
        /// Those that were received last.
        case newestFirst
        /// Those that were received first.
        case oldestFirst
    }

    /// What a record must hold, all of it; ASCII letters match in either case.
    public let terms: [[UInt8]]
    /// Whose records are meant; `nil` for everyone's.
    public let sources: Set<Identifier<LogOrigin>>?
    /// The first moment of receipt that is meant.
    public let from: Instant
    /// The first moment that is not meant any more.
    public let until: Instant
    /// How many records are wanted at most.
    public let limit: Int
    /// Which come first.
    public let order: Order

    /// How many terms there may be.
    public static let maximumTerms = 16
    /// How long a term may be, in bytes.
    public static let maximumTerm = 256
    /// How many records may be asked for.
    public static let maximumLimit = 10_000
    /// How many bytes the records of one answer have together, unless the first is longer.
    public static let maximumBytes = 64 << 20

    /// A search for records that hold all of `terms` (empty ones say nothing), from those of `sources` in [`from`, `until`).
    ///
    /// - Throws: A `Problem` (invalid, `archive.search`) for more or longer terms, or a larger limit, than there may be.
    public init(
        terms: [String] = [], sources: Set<Identifier<LogOrigin>>? = nil, from: Instant = .distantPast,
        until: Instant = .distantFuture, limit: Int = 100, order: Order = .newestFirst
    ) throws(Problem) {
        let terms = terms.map { Array($0.utf8) }.filter { !$0.isEmpty }
        guard terms.count <= Self.maximumTerms else {
            throw Self.invalid("A search may have \(Self.maximumTerms) terms at most.", "terms")
        }
        guard terms.allSatisfy({ $0.count <= Self.maximumTerm }) else {
            throw Self.invalid("A term may have \(Self.maximumTerm) bytes at most.", "terms")
        }
        guard (1...Self.maximumLimit).contains(limit) else {
            throw Self.invalid("A search may ask for 1 to \(Self.maximumLimit) records.", "limit")
        }
        self.terms = terms
        self.sources = sources
        self.from = from
        self.until = until
        self.limit = limit
        self.order = order
    }

    /// The same search for fewer records.
    ///
    /// - Parameter limit: How many at most; at least one, and no more than before.
    public func limited(to limit: Int) -> LogSearch { LogSearch(self, limit: max(1, min(limit, self.limit))) }

    private init(_ search: LogSearch, limit: Int) {
        terms = search.terms
        sources = search.sources
        from = search.from
        until = search.until
        order = search.order
        self.limit = limit
    }

    private static func invalid(_ message: String, _ field: String) -> Problem {
        Problem(.invalid, code: "archive.search", message, place: Problem.Place(field: field))
    }

    /// How a search went.
    public struct Report: Sendable, Hashable {
        /// Why it ended.
        public enum Ending: Sendable, Hashable {
            /// Everything that could match was looked at.
            case everythingSeen
            /// As many records were found as were wanted; there may be more.
            case limitReached
            /// As many bytes were found as an answer may have; there may be more.
            case sizeReached
            /// Someone cancelled it; what was yielded is right, and there may be more.
            case cancelled
        }

        /// How many records were found and yielded.
        public internal(set) var found = 0
        /// How many blocks were opened and searched.
        public internal(set) var blocks = 0
        /// How many bytes of records these blocks hold.
        public internal(set) var bytes = 0
        /// What could not be read, by file and block; at most a hundred of ``unreadCount``.
        public internal(set) var unread: [Problem] = []
        /// How many places could not be read: with any, the answer is not complete.
        public internal(set) var unreadCount = 0
        /// Why it ended.
        public internal(set) var ending = Ending.everythingSeen

        mutating func note(_ problem: Problem) {
            unreadCount += 1
            if unread.count < 100 { unread.append(problem) }
        }
    }
}
