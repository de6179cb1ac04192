import Kernel
import Store

/// One round in which somebody says of every person and every service account whether they still need their access.
public struct AccessReview: Record, Codable, Hashable {
    /// What can be decided.
    public enum Decision: String, Codable, Sendable, CaseIterable { case keep, remove }

    /// One person in the round. Pseudonymous, so that the round outlives an erasure.
    public struct Line: Codable, Hashable, Sendable {
        /// Whose access it is.
        public let person: Identifier<Person>
        /// What their role was called when it was decided on, or until then when the round began.
        public let role: String
        /// What was decided; `nil` while nothing is.
        public var decision: Decision?
        /// By whom, as the ledger names actors.
        public var decidedBy: String?
        /// When.
        public var decidedAt: Instant?
    }

    /// One service account in the round.
    public struct ServiceAccountLine: Codable, Hashable, Sendable {
        /// Which it is.
        public let account: Identifier<ServiceAccount>
        /// What it was called.
        public let name: String
        /// What was decided; `nil` while nothing is.
        public var decision: Decision?
        /// By whom, as the ledger names actors.
        public var decidedBy: String?
        /// When.
        public var decidedAt: Instant?
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<AccessReview>
    /// When it began.
    public let startedAt: Instant
    /// When it must be completed.
    public let dueAt: Instant
    /// Who began it.
    public let startedBy: String
    /// Everyone who had access when it began, and whoever came later and was decided on.
    public var lines: [Line]
    /// The same of service accounts.
    public var serviceAccounts: [ServiceAccountLine]
    /// When it was completed; `nil` while it is open.
    public var completedAt: Instant?
    /// By whom.
    public var completedBy: String?

    /// Where its rows lie.
    public static let table = RecordTable(
        "access_review", indexColumns: [.integer("started_at"), .integer("completed_at").optional])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.integer(startedAt.milliseconds), completedAt.map { .integer($0.milliseconds) } ?? .null]
    }

    /// Whether something was decided about the access that a member has. Whoever joined meanwhile, came back, or was given
    /// another role since, has one on which nobody has decided.
    public func isDecided(on membership: Membership) -> Bool {
        lines.contains { line in
            line.person == membership.person && line.decision != nil
                && line.decidedAt.map { $0 >= membership.grantedAt } ?? false
        }
    }

    /// Whether something was decided about a service account; what it may never changes.
    public func isDecided(on account: Identifier<ServiceAccount>) -> Bool {
        serviceAccounts.contains { $0.account == account && $0.decision != nil }
    }

    /// - Parameter role: What the person's role is called now.
    mutating func decide(
        _ decision: Decision, on person: Identifier<Person>, role: String, by actor: String, at now: Instant
    ) {
        lines.removeAll { $0.person == person }
        lines.append(Line(person: person, role: role, decision: decision, decidedBy: actor, decidedAt: now))
    }

    /// Takes back what was decided about `people`; who was put out stays out.
    mutating func reopen(for people: Set<Identifier<Person>>) {
        lines.removeAll { people.contains($0.person) && $0.decision != nil }
    }

    mutating func decide(_ decision: Decision, on account: ServiceAccount, by actor: String, at now: Instant) {
        serviceAccounts.removeAll { $0.account == account.id }
        serviceAccounts.append(
            ServiceAccountLine(
                account: account.id, name: account.name, decision: decision, decidedBy: actor, decidedAt: now))
    }
}

/// How often an organisation reviews access.
public struct ReviewRhythm: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<ReviewRhythm>
    /// The longest time from one completed review to the next, in days.
    public let days: Int

    /// A quarter.
    public static let standard = 92
    /// What may be chosen.
    public static let range = 30...366
    /// How many days before it is due a review begins.
    public static let notice = 14

    /// Where its rows lie.
    public static let table = RecordTable("access_review_rhythm")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }
}
