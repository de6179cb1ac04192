import Kernel
import Store
import Verdicts

/// What an organisation has published: the one row that the public may read, rewritten by each publication.
public struct Publication: Record, Codable, Hashable {
    public let id: Identifier<Publication>
    public let publishedAt: Instant
    public let items: [Item]

    /// One commitment as it was last stated.
    public struct Item: Codable, Hashable, Sendable {
        public let commitment: Identifier<Commitment>
        /// The statement that says so, for its proof.
        public let statement: Identifier<Publication.Item>
        public let policy: String
        public let policyTitle: String
        public let policyVersion: String
        public let policyHash: String
        public let name: String
        public let section: String
        public let summary: String
        public let verdict: Verdict
        public let reason: String
        public let since: Instant?
        public let observedAt: Instant?
        public let asOf: Instant
        /// Until when the statement may be relied on.
        public let validUntil: Instant
        /// Until when an exception is accepted. Its reason is free text that may name hosts and people, so it stays inside.
        public let exceptionUntil: Instant?
        /// The share of the last 90 days in which it was kept.
        public let keptShare: Double?
    }

    public static let table = RecordTable("publication", isPublic: true)

    public var indexColumns: [SQLValue] { [] }

    /// The one publication of an organisation.
    static func id(of organisation: Identifier<Organisation>) -> Identifier<Publication> { organisation.retyped() }
}
