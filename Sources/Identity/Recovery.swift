import Kernel
import Store

/// That somebody who may helps a person back into their account: by a link, with which the person sets a password of their own.
/// Nobody sets one for them.
///
/// It lies with the organisation, whose ledger tells who started it and why, and is worth something only there.
public struct Recovery: Record, Codable, Hashable {
    /// How it ended.
    public enum Outcome: String, Codable, Hashable, Sendable {
        case completed, replaced, withdrawn
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<Recovery>
    /// Whose account it is.
    public let person: Identifier<Person>
    /// Why, in the words of whoever started it.
    public let reason: String
    /// Who started it, as the ledger names actors: `person:…`, or `operator`.
    public let startedBy: String
    /// When.
    public let startedAt: Instant
    /// The first moment at which the link no longer works.
    public let expiresAt: Instant
    /// Whether their second factors are lost too; then the link alone is not enough.
    public internal(set) var isSecondFactorLost: Bool
    /// Who else has confirmed it, as the ledger names actors.
    public internal(set) var confirmedBy: String?
    /// How it ended; `nil` while it is under way.
    public internal(set) var outcome: Outcome?
    /// When it ended.
    public internal(set) var endedAt: Instant?
    let tokenHash: [UInt8]

    /// How long the link works.
    public static let lifetime = Period.hours(24)

    /// Whether somebody else must still confirm it.
    public var awaitsConfirmation: Bool { isSecondFactorLost && confirmedBy == nil }

    /// Where its rows lie.
    public static let table = RecordTable(
        "recovery", indexColumns: [.blob("person"), .blob("token_hash"), .integer("expires_at")],
        indexes: [TableDefinition.Index("token_hash", isUnique: true), TableDefinition.Index("person")],
        subjectColumn: "person")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.blob(person.bytes), .blob(tokenHash), .integer(expiresAt.milliseconds)]
    }

    mutating func end(_ outcome: Outcome, at now: Instant) {
        self.outcome = outcome
        endedAt = now
    }
}

/// A recovery whose second factor is still to be shown: what is set once it was.
struct PendingRecovery: Codable, Hashable {
    let organisation: Identifier<Organisation>
    let recovery: Identifier<Recovery>
    /// The hash of the new password.
    let encoded: String
}

/// What whoever opens the link of a recovery is told.
public struct RecoveryOffer: Sendable {
    /// Where it holds.
    public let tenant: Tenant
    /// Whose account it is.
    public let account: Account
    /// The recovery.
    public let recovery: Recovery
    /// Whether a second factor is asked for after the new password.
    public let asksSecondFactor: Bool
    /// Whether the password of now would keep the organisations that it opens.
    public let mayShowPassword: Bool
    /// Whether there is somebody else here who could confirm it.
    public let canBeConfirmed: Bool
}

/// A recovery under way, as those see it who manage people.
public struct RecoveryUnderWay: Sendable {
    /// The recovery.
    public let recovery: Recovery
    /// Whether there is somebody else here who could confirm it.
    public let canBeConfirmed: Bool
}

extension SignedIn {
    /// Whether the session opens only organisations that stand for a recovery, and not every one of the person's.
    public var isRecovered: Bool { session.vouchedBy != nil && !session.isConfined }
}
