import Kernel
import Store

/// Who holds a token, and so bounds what it may: a person of the organisation, or one of its service accounts.
public enum TokenHolder: Hashable, Sendable, Codable {
    case person(Identifier<Person>)
    case serviceAccount(Identifier<ServiceAccount>)

    /// The pseudonymous form that ledgers keep.
    public var subject: String {
        switch self {
        case .person(let id): "person:\(id)"
        case .serviceAccount(let id): "service-account:\(id)"
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .person(let id): id.bytes
        case .serviceAccount(let id): id.bytes
        }
    }
}

/// A token by which a program asks. It belongs to the installation, because it is found before the organisation is known.
public struct AccessToken: Record, Codable, Hashable {
    /// What its identifier names.
    public typealias Kind = Token

    /// Its identifier, unique within the organisation.
    public let id: Identifier<Token>
    /// What it is for, in its maker's words.
    public let name: String
    /// The one organisation that it opens.
    public let organisation: Identifier<Organisation>
    /// Whose it is.
    public let holder: TokenHolder
    /// What was written into it; never more than its holder may at the moment of use.
    public let permissions: [Permission]
    /// When it was made.
    public let madeAt: Instant
    /// Who made it, as the ledger names actors.
    public let madeBy: String
    /// The first moment at which it no longer works.
    public let expiresAt: Instant
    let tokenHash: [UInt8]

    /// The longest that a token works.
    public static let longest = Period.days(366)

    /// Where its rows lie.
    public static let table = RecordTable(
        "access_token",
        indexColumns: [.blob("token_hash"), .blob("held_in"), .blob("holder"), .integer("expires_at")],
        indexes: [TableDefinition.Index("token_hash", isUnique: true), TableDefinition.Index("held_in", "holder")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [
            .blob(tokenHash), .blob(organisation.bytes), .blob(holder.bytes), .integer(expiresAt.milliseconds),
        ]
    }
}

/// A program's account: what a pipeline or another machine is, where no person is meant.
public struct ServiceAccount: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<ServiceAccount>
    /// What it is called.
    public let name: String
    /// What it is there for, so that whoever reviews access can tell whether it still is.
    public let purpose: String
    /// The most that its tokens may.
    public let permissions: [Permission]
    /// When it was made.
    public let madeAt: Instant
    /// Who made it, as the ledger names actors.
    public let madeBy: String

    /// Where its rows lie.
    public static let table = RecordTable("service_account")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }
}

extension Permission {
    /// Whether a token may carry it.
    ///
    /// Not one's own account and nobody's access, by which a token could outlast itself; and not exceptions, which take two
    /// persons: one who asks in person and approves by their own token would be both. A review of logs is signed by a person.
    public var isForTokens: Bool {
        switch self {
        case .readCommitments, .readEvidence, .readHosts, .readSites, .changeSites, .readLogs, .readLogRecords,
            .changeLogs, .sendLogs, .readAlerts, .handleAlerts, .changeRules, .readPolicies, .importPolicy,
            .readLedger, .readSettings,
            .readPeople, .readTokens, .readIdentityProvider, .readPublications:
            true
        case .reviewLogs, .requestException, .approveException, .changePeople, .recoverPeople, .changeOwners,
            .changeRoles,
            .reviewAccess, .changeTokens, .changeSignIn, .changeIdentityProvider, .changeOwnAccount, .signIn:
            false
        }
    }

    /// What may be written into a token, in the order of the list.
    public static var ofTokens: [Permission] { allCases.filter { $0.isForTokens && !$0.isForAnyone } }
}
