import Kernel
import Store
import Verdicts

/// What an organisation has published: the one row that the public may read, rewritten by each publication.
public struct Publication: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<Publication>
    /// When it was last rewritten.
    public let publishedAt: Instant
    /// One item for each commitment that has been stated.
    public let items: [Item]

    /// One commitment as it was last stated.
    public struct Item: Codable, Hashable, Sendable {
        /// The commitment's lasting name.
        public let commitment: Identifier<Commitment>
        /// The statement that says so, for its proof.
        public let statement: Identifier<Publication.Item>
        /// The policy's id, as its pack names it.
        public let policy: String
        /// The policy's title, as published.
        public let policyTitle: String
        /// The policy's version, as its issuer counts.
        public let policyVersion: String
        /// The SHA-256 of the policy's exact text, in hexadecimal digits.
        public let policyHash: String
        /// The commitment's id within the policy.
        public let name: String
        /// The heading of the policy under which it stands.
        public let section: String
        /// The promise in our own words.
        public let summary: String
        /// The verdict as of `asOf`.
        public let verdict: Verdict
        /// Why, in one sentence that names counts and never subjects.
        public let reason: String
        /// Since when the verdict has been this one.
        public let since: Instant?
        /// When the newest observation behind it was made; `nil` if nothing was observed.
        public let observedAt: Instant?
        /// The moment that the statement speaks of.
        public let asOf: Instant
        /// Until when the statement may be relied on.
        public let validUntil: Instant
        /// Until when an exception is accepted. Its reason is free text that may name hosts and people, so it stays inside.
        public let exceptionUntil: Instant?
        /// The share of the last 90 days in which it was kept.
        public let keptShare: Double?
    }

    /// Where its rows lie.
    public static let table = RecordTable("publication", isPublic: true)

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }

    /// The one publication of an organisation.
    static func id(of organisation: Identifier<Organisation>) -> Identifier<Publication> { organisation.retyped() }
}
