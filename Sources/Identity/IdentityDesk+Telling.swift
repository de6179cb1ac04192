import Kernel
import Store

/// What is a person's own is kept in the installation, whose ledger no organisation reads. What an organisation's auditors ask
/// about it is told to its own ledger too: who came in and by what, which sessions were ended, and what people changed of the
/// means by which they sign in. Identifiers only and no rows, and after the change: nothing is told that did not happen.
extension IdentityDesk {
    /// The changes of one's own means that are told. A question to a passkey, or the key of an app that is not in use, is none.
    private static let told: Set = [
        "password.changed", "passkey.added", "passkey.removed", "authenticator-app.added", "authenticator-app.removed",
        "recovery-codes.made", "identity.linked", "identity.unlinked",
    ]

    /// Changes what is a person's own, and tells the organisation in whose session they did it.
    @discardableResult
    func change<T: Sendable>(
        _ action: String, of person: Identifier<Person>, in organisation: Identifier<Organisation>,
        _ body: @escaping @Sendable (Change) throws -> T
    ) async throws -> T {
        let subject = "person:\(person)"
        let result = try await database.installation(as: .person(person)).change(action, on: subject, body)
        if Self.told.contains(action) { try await tell(action, on: subject, of: person, in: organisation) }
        return result
    }

    /// Tells that a session began, and by what: an entry has no place for it but the action, `session.began.password`.
    func tellBegun(_ session: Session) async throws {
        let means = Means.allCases.filter(session.means.contains).map(\.inTheLedger)
        try await tell(
            (["session.began"] + means).joined(separator: "."), on: "session:\(session.id)", of: session.person,
            in: session.organisation)
    }

    /// Tells each organisation which of its sessions their person has ended.
    func tellEnded(_ sessions: [Session]) async throws {
        for session in sessions {
            try await tell(
                "session.ended", on: "session:\(session.id)", of: session.person, in: session.organisation)
        }
    }

    private func tell(
        _ action: String, on subject: String, of person: Identifier<Person>, in organisation: Identifier<Organisation>
    ) async throws {
        try await database.scope(organisation, as: .person(person)).change(action, on: subject) { _ in }
    }
}

extension Means {
    fileprivate var inTheLedger: String {
        switch self {
        case .password: "password"
        case .authenticatorApp: "authenticator-app"
        case .passkey: "passkey"
        case .recoveryCode: "recovery-code"
        case .identityProvider: "identity-provider"
        case .identityProviderSecondFactor: "second-factor"
        }
    }
}
