import Identity
import Kernel
import OpenIDConnect
import Wire

extension Rooms {
    /// The organisation's identity provider, as whoever sets it sees it.
    ///
    /// - Returns: `nil` if there is none.
    public func providerSettings(for caller: Caller) async throws -> ProviderSettings? {
        try await identity.identityProvider(of: caller.tenant.id, as: caller.principal).map { provider in
            ProviderSettings(
                name: provider.name, issuer: provider.issuer.text, clientID: provider.clientID,
                hasSecret: provider.hasSecret, trustsSecondFactor: provider.trustsSecondFactor, setAt: provider.setAt,
                signInAddress: "/sign-in/at/\(caller.tenant.slug)")
        }
    }
}
