import Kernel
import OpenIDConnect
import Store

@testable import Identity

extension TestHouse {
    static let issuer = "https://login.example"

    /// The house with a provider.
    static func withProvider(trustsSecondFactor: Bool = false) async throws -> TestHouse {
        let house = try await make()
        try await house.setProvider(trustsSecondFactor: trustsSecondFactor)
        return house
    }

    @discardableResult
    func setProvider(
        issuer: String = TestHouse.issuer, secret: IdentityProviderForm.Secret = .new("s3cret"),
        trustsSecondFactor: Bool = false
    ) async throws -> IdentityProvider {
        try await desk.setIdentityProvider(
            IdentityProviderForm(
                name: "Alder Login", issuer: try Issuer(issuer, rule: .secure), clientID: "vouchsafe", secret: secret,
                trustsSecondFactor: trustsSecondFactor), by: try await again(owner))
    }

    /// What the provider says once it was asked.
    static func says(_ subject: String, by methods: Set<String> = [], issuer: String = issuer) -> VerifiedIdentity {
        VerifiedIdentity(issuer: issuer, subject: subject, methods: methods)
    }

    /// A whole visit, at whose end the provider says that it is `subject`.
    func visit(
        _ errand: ProviderErrand, as identity: VerifiedIdentity, to organisation: Identifier<Organisation>? = nil,
        from network: String = "192.0.2.0/24"
    ) async throws -> ProviderOutcome {
        let begun = try await desk.beginVisit(errand, to: organisation ?? tenant.id)
        let back = try await desk.visit(begun.cookie)
        return try await desk.finish(back, as: identity, try await desk.end(back, network: network))
    }

    /// A sign-in at the provider that asks for nothing more.
    func signIn(as identity: VerifiedIdentity) async throws -> (SecretToken, SignedIn) {
        guard case .signIn(.done(let token, let signedIn)) = try await visit(.signIn, as: identity) else {
            throw Problem(.conflict, code: "test.step", "A second factor is asked for.")
        }
        return (token, signedIn)
    }

    /// Somebody who joined by the provider and has nothing else.
    func joined(_ name: String, as subject: String, role: String = "member") async throws -> SignedIn {
        let (link, _) = try await desk.invite("\(name)@example.org", as: role, by: try await again(owner))
        let outcome = try await visit(
            .join(link, name: name, email: "\(name)@example.org"), as: Self.says(subject))
        guard case .signIn(.done(_, let signedIn)) = outcome else {
            throw Problem(.conflict, code: "test.step", "A second factor is asked for.")
        }
        return signedIn
    }
}
