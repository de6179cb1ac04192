import Crypto
import Kernel
import Store

/// A secret that its holder presents: shown once, kept only as a hash.
public struct SecretToken: Hashable, Sendable, CustomStringConvertible {
    /// What the holder keeps: 256 random bits in URL-safe letters.
    public let text: String

    init(randomness: Randomness) {
        text = randomness.bytes(32).hex
    }

    /// A token as someone presented it.
    public init(presented text: String) {
        self.text = text
    }

    /// What is stored. The token has 256 random bits, so a plain hash cannot be searched back.
    var hash: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Never the secret.
    public var description: String { "(secret)" }
}

/// That a person is signed in, until it ends. The browser holds the token; this holds its hash.
public struct Session: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<Session>
    /// Who is signed in.
    public let person: Identifier<Person>
    /// The organisation they are signed in to.
    public let organisation: Identifier<Organisation>
    /// When they signed in.
    public let beganAt: Instant
    /// The first moment at which it no longer holds, at most 24 hours after it began.
    public let expiresAt: Instant
    /// What forms must send back; bound to this session.
    public private(set) var formToken: String
    /// By what they have shown who they are.
    public let means: Set<Means>
    /// When they last did so; dangerous acts ask for it again after a while.
    public private(set) var confirmedAt: Instant
    private(set) var tokenHash: [UInt8]
    /// The organisations that stand for what was shown; it opens no other.
    let vouchedBy: Vouching

    /// Whether it was begun by an organisation's provider and ends at that organisation: whoever controls the provider could
    /// otherwise be its people everywhere.
    public var isConfined: Bool { means.contains(.identityProvider) }

    /// Confirms it, and puts it under a new token and a new form token: those of before are worth nothing any more (ASVS 5.0
    /// 7.2.4). It stays what it was otherwise, and so opens no more and ends no later.
    mutating func confirm(at now: Instant, under token: SecretToken, formToken: SecretToken) {
        confirmedAt = now
        tokenHash = token.hash
        self.formToken = formToken.text
    }

    /// The longest a session lasts (NIST SP 800-63B-4 §2.2.3).
    static let longest = Period.hours(24)
    /// How long it lasts while nobody uses it (NIST SP 800-63B-4 §2.2.3).
    static let longestIdle = Period.hours(1)
    /// How long nobody need be asked again before a dangerous act.
    static let confirmed = Period.minutes(15)

    /// Where its rows lie.
    public static let table = RecordTable(
        "session", indexColumns: [.blob("token_hash"), .blob("person"), .integer("expires_at")],
        indexes: [TableDefinition.Index("token_hash", isUnique: true), TableDefinition.Index("person")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.blob(tokenHash), .blob(person.bytes), .integer(expiresAt.milliseconds)]
    }
}

/// The hash of a person's password, apart from the account so that each is read only where it is needed.
struct Credential: Record, Codable, Hashable {
    let id: Identifier<Credential>
    /// A PHC string: algorithm, parameters, salt, hash.
    let encoded: String
    let setAt: Instant
    /// The organisations that stand for whoever set it.
    var vouchedBy: Vouching

    static let table = RecordTable("credential")

    var indexColumns: [SQLValue] { [] }

    /// Comparing takes its time: a password that was changed meanwhile is not the one that was given.
    ///
    /// - Throws: `Problem` `identity.sign-in`.
    func demandUnchanged(in view: ReadView) throws {
        guard try view.find(Credential.self, id)?.record.setAt == setAt else {
            throw Problem(
                .unauthenticated, code: "identity.sign-in", "The password was changed at this moment.",
                hint: "Give the new one.")
        }
    }
}

/// One of a person's sessions, as they see it.
public struct OwnSession: Sendable {
    /// How routes name it.
    public let id: String
    /// By what it was begun.
    public let means: Set<Means>
    /// When it began.
    public let beganAt: Instant
    /// When it was last used, to the minute.
    public let lastUsedAt: Instant
    /// When it ends by itself.
    public let expiresAt: Instant
    /// Whether it is the one that asks.
    public let isThisOne: Bool
}
