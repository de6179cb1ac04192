import Kernel
import Passkeys
import Store

/// By what a person has shown who they are.
public enum Means: String, Codable, Hashable, Sendable, CaseIterable {
    case password, authenticatorApp, passkey, recoveryCode
    /// The organisation's identity provider says who it is: holds for that organisation, and proves nothing to any other.
    case identityProvider
    /// It also says that it asked for two factors, and the organisation trusts it with that.
    case identityProviderSecondFactor
}

/// What an organisation demands of those who sign in to it.
public enum SignInDemand: String, Codable, Hashable, Sendable, CaseIterable {
    case none
    case secondFactor = "second-factor"
    case phishingResistant = "phishing-resistant"

    /// Whether somebody who has shown `means` may do more than manage their own account.
    public func isMet(by means: Set<Means>) -> Bool {
        switch self {
        case .none: true
        // A passkey that verified its holder is two factors in one.
        case .secondFactor: means.contains(.passkey) || means.count > 1
        case .phishingResistant: means.contains(.passkey)
        }
    }
}

/// What an organisation has decided about signing in; one row an organisation, none while nothing is demanded.
struct SignInRule: Record, Codable, Hashable {
    let id: Identifier<SignInRule>
    let demand: SignInDemand

    static let table = RecordTable("sign_in_rule")

    var indexColumns: [SQLValue] { [] }
}

/// What a person has beside their password and their passkeys; one row a person.
struct Factors: Record, Codable, Hashable {
    let id: Identifier<Factors>
    /// What their passkeys call them: random, so that it tells nothing.
    let userHandle: [UInt8]
    /// Their authenticator app.
    var app: OneTimePasswordFactor?
    /// One that was shown to them and has not yet proved that it works.
    var appToConfirm: AppToConfirm?
    /// What is left of their recovery codes.
    var recoveryCodes: RecoveryCodes?
    /// The organisations that stand for whoever set up the app.
    var appVouchedBy: Vouching = nil
    /// And for whoever was shown the recovery codes.
    var codesVouchedBy: Vouching = nil

    static let table = RecordTable("factors", subjectColumn: "id")

    var indexColumns: [SQLValue] { [] }
}

/// An authenticator app that was shown to a person and waits for its first code.
struct AppToConfirm: Codable, Hashable {
    let app: OneTimePasswordFactor
    /// The first moment at which it is too late.
    let until: Instant
}

/// A passkey of a person, with the name that they gave it.
struct OwnPasskey: Record, Codable, Hashable {
    let id: Identifier<OwnPasskey>
    let person: Identifier<Person>
    let name: String
    let addedAt: Instant
    /// The domain that it was made for; it works nowhere else.
    let relyingParty: String
    var passkey: Passkey
    var lastUsedAt: Instant?
    /// Hashes of the questions that it has answered and that could still be answered again.
    var answered: [Answered] = []
    /// The keyed hash of the credential id, by which a sign-in finds it.
    let credentialIndex: [UInt8]
    /// The organisations that stand for whoever added it.
    var vouchedBy: Vouching

    /// A question that was answered.
    struct Answered: Codable, Hashable {
        let question: [UInt8]
        let until: Instant
    }

    /// Takes note that a question was answered, which holds for one sign-in only.
    ///
    /// - Throws: `Problem` `passkey.challenge` if it was answered before.
    mutating func answer(_ challenge: [UInt8], at now: Instant) throws {
        answered.removeAll { $0.until <= now }
        guard !answered.contains(where: { $0.question == challenge }) else { throw Challenge.refusal }
        answered.append(Answered(question: challenge, until: now + Challenge.lifetime))
    }

    static let table = RecordTable(
        "passkey", indexColumns: [.blob("person"), .blob("credential_index")],
        indexes: [TableDefinition.Index("person"), TableDefinition.Index("credential_index", isUnique: true)],
        subjectColumn: "person")

    var indexColumns: [SQLValue] { [.blob(person.bytes), .blob(credentialIndex)] }
}

/// That the first answer was right and a second factor is still missing.
struct PendingSignIn: Record, Codable, Hashable {
    let id: Identifier<PendingSignIn>
    let person: Identifier<Person>
    /// What they have shown already.
    let shown: Set<Means>
    /// The only organisation that it leads to; `nil` for the person's first.
    let organisation: Identifier<Organisation>?
    let expiresAt: Instant
    let tokenHash: [UInt8]
    /// How many codes were wrong; after a few the password is asked for again.
    var failures: Int
    /// The organisations that stand for the password that was given.
    var vouchedBy: Vouching
    /// The recovery that the second factor completes, if it is none of an ordinary sign-in.
    var recovery: PendingRecovery?

    /// How long the second factor is waited for.
    static let lifetime = Period.minutes(5)
    /// Wrong codes that end it.
    static let mostFailures = 5

    /// Sign-ins of one person that may be under way at a time.
    static let mostOfOnePerson = 5

    /// Ends all sign-ins of `person` that are under way: what began under the old means must not end under the new ones.
    static func endAll(of person: Identifier<Person>, in change: Change) throws {
        for open in try change.view.list(PendingSignIn.self, Query("person = ?", [.blob(person.bytes)])) {
            try change.delete(open)
        }
    }

    /// Removes what has expired, whoever's, and the oldest of `person`'s where there are too many: whoever has a password must
    /// not be able to fill the table with it.
    static func makeRoom(for person: Identifier<Person>, in change: Change) throws {
        let ended = Query("expires_at <= ?", [.integer(change.now.milliseconds)], limit: 100)
        for old in try change.view.list(PendingSignIn.self, ended) { try change.delete(old) }
        let open = try change.view.list(
            PendingSignIn.self, Query("person = ?", [.blob(person.bytes)], order: "expires_at DESC"))
        for old in open.dropFirst(mostOfOnePerson - 1) { try change.delete(old) }
    }

    static let table = RecordTable(
        "pending_sign_in", indexColumns: [.blob("token_hash"), .blob("person"), .integer("expires_at")],
        indexes: [
            TableDefinition.Index("token_hash", isUnique: true), TableDefinition.Index("person"),
            TableDefinition.Index("expires_at"),
        ])

    var indexColumns: [SQLValue] { [.blob(tokenHash), .blob(person.bytes), .integer(expiresAt.milliseconds)] }
}

/// What a person is told about their own account: that something by which they sign in was changed.
public struct AccountNotice: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<AccountNotice>
    let person: Identifier<Person>
    /// What happened, as a sentence.
    public let text: String
    /// When it happened.
    public let at: Instant

    /// Where its rows lie.
    public static let table = RecordTable(
        "account_notice", indexColumns: [.blob("person"), .integer("at")], indexes: [TableDefinition.Index("person")],
        subjectColumn: "person")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [.blob(person.bytes), .integer(at.milliseconds)] }
}

/// What a person sees of the means by which they sign in.
public struct OwnFactors: Sendable {
    /// One of their passkeys.
    public struct Passkey: Sendable {
        /// How routes name it.
        public let id: String
        /// The name that they gave it.
        public let name: String
        /// When it was added.
        public let addedAt: Instant
        /// When it was last used to sign in.
        public let lastUsedAt: Instant?
        /// Whether its maker keeps a copy for the person's other devices.
        public let isBackedUp: Bool
    }

    /// Whether an authenticator app is set up.
    public let hasApp: Bool
    /// Their passkeys, oldest first.
    public let passkeys: [Passkey]
    /// How many recovery codes they have left.
    public let recoveryCodesLeft: Int

    /// Whether a password alone does not let them in.
    public var hasSecondFactor: Bool { hasApp || !passkeys.isEmpty }
}
