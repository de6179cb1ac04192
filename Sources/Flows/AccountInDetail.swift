import Identity
import Kernel
import Wire

extension Rooms {
    /// A person's own account: what they sign in with, where they are in, and what they have to be told.
    public func account(of signedIn: SignedIn) async throws -> OwnAccount {
        let person = signedIn.account.id
        let factors = try await identity.ownFactors(of: person)
        let identities = try await identity.ownIdentities(of: signedIn)
        let isLinked = identities.contains { $0.organisation == signedIn.tenant.id }
        return OwnAccount(
            name: signedIn.account.name, email: signedIn.account.email,
            lacks: signedIn.lacks.map { Self.sentence($0, of: signedIn.tenant) }, isRecovered: signedIn.isRecovered,
            hasApp: factors.hasApp, recoveryCodesLeft: factors.recoveryCodesLeft,
            passkeys: factors.passkeys.map {
                OwnAccount.Passkey(
                    id: $0.id, name: $0.name, addedAt: $0.addedAt, lastUsedAt: $0.lastUsedAt, isBackedUp: $0.isBackedUp)
            },
            hasPassword: try await identity.waysToConfirm(signedIn).hasPassword,
            asksCurrentPassword: try await identity.asksCurrentPassword(signedIn),
            identities: identities.map {
                OwnAccount.Identity(id: $0.id, name: $0.name, linkedAt: $0.linkedAt, lastUsedAt: $0.lastUsedAt)
            },
            linkable: isLinked ? nil : try await identity.identityProvider(for: signedIn)?.name,
            sessions: try await identity.sessions(of: signedIn).map {
                OwnAccount.Session(
                    id: $0.id, means: Self.words($0.means), beganAt: $0.beganAt, lastUsedAt: $0.lastUsedAt,
                    endsAt: $0.expiresAt, isThisOne: $0.isThisOne)
            },
            news: try await identity.notices(of: person).map { OwnAccount.News(text: $0.text, at: $0.at) })
    }

    private static func words(_ means: Set<Means>) -> [String] {
        Means.allCases.filter(means.contains).map { means in
            switch means {
            case .password: "password"
            case .authenticatorApp: "authenticator app"
            case .passkey: "passkey"
            case .recoveryCode: "recovery code"
            case .identityProvider: "identity provider"
            case .identityProviderSecondFactor: "its second factor"
            }
        }
    }

    private static func sentence(_ demand: SignInDemand, of tenant: Tenant) -> String {
        let factor = demand == .phishingResistant ? "a passkey" : "a second factor"
        return "\(tenant.name) demands \(factor). Add one here, then sign in with it."
    }
}
