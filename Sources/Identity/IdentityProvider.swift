import Kernel
import OpenIDConnect
import Store

/// Where the people of an organisation may sign in beside this server; at most one an organisation.
///
/// Whoever controls it can be any of its organisation's people here, so only an owner sets it.
public struct IdentityProvider: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<IdentityProvider>
    /// What people call it.
    public let name: String
    /// By what it signs.
    public let issuer: Issuer
    /// What it calls this server.
    public let clientID: String
    /// Whether this server has a secret to show it; a public client has none.
    public let hasSecret: Bool
    /// Whether its word that it asked for two factors counts as a second factor here.
    public let trustsSecondFactor: Bool
    /// When it was set.
    public let setAt: Instant

    /// Where its rows lie.
    public static let table = RecordTable("identity_provider")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }

    /// Where browsers come back to, on every site of this server.
    public static let returnPath = "/sign-in/provider/return"
}

/// What this server shows an organisation's provider. It lies with the installation: what lies with the organisation can be
/// exported by it, for an auditor to read.
struct IdentityProviderSecret: Record, Codable, Hashable {
    let id: Identifier<IdentityProviderSecret>
    let secret: String

    static let table = RecordTable("identity_provider_secret")

    var indexColumns: [SQLValue] { [] }
}

/// That somebody whom an organisation's provider knows is a person here. They said so themselves; no address did.
struct LinkedIdentity: Record, Codable, Hashable {
    let id: Identifier<LinkedIdentity>
    let person: Identifier<Person>
    /// Whose provider it is: the only organisation that it opens.
    let organisation: Identifier<Organisation>
    let issuer: String
    let subject: String
    /// What the provider was called when it was linked.
    let name: String
    let linkedAt: Instant
    var lastUsedAt: Instant?
    /// The keyed hash of organisation, issuer and subject, by which a sign-in finds it.
    let identityIndex: [UInt8]

    static let table = RecordTable(
        "linked_identity", indexColumns: [.blob("person"), .blob("identity_index")],
        indexes: [TableDefinition.Index("person"), TableDefinition.Index("identity_index", isUnique: true)],
        subjectColumn: "person")

    var indexColumns: [SQLValue] { [.blob(person.bytes), .blob(identityIndex)] }

    static func index(
        of identity: VerifiedIdentity, in organisation: Identifier<Organisation>, _ view: ReadView
    ) -> [UInt8] {
        // A line break can stand in none of the parts, so no two triples are written alike.
        view.blindIndex(table, "identity_index", of: "\(organisation)\n\(identity.issuer)\n\(identity.subject)")
    }

    static func find(
        _ identity: VerifiedIdentity, in organisation: Identifier<Organisation>, _ view: ReadView
    ) throws -> Stored<LinkedIdentity>? {
        let index = index(of: identity, in: organisation, view)
        return try view.list(LinkedIdentity.self, Query("identity_index = ?", [.blob(index)], limit: 1)).first
    }
}

/// A provider at which a person is known, as they see it.
public struct OwnIdentity: Sendable {
    /// How routes name it.
    public let id: String
    /// What the provider was called when it was linked.
    public let name: String
    /// What it calls itself.
    public let issuer: String
    /// The organisation that it opens.
    public let organisation: Identifier<Organisation>
    /// When it was linked.
    public let linkedAt: Instant
    /// When it was last used to sign in.
    public let lastUsedAt: Instant?
}
