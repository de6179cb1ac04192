import Testing

@testable import Passkeys

/// The test vectors of WebAuthn Level 3, section 16: fifteen credentials; see `Vectors/w3c-webauthn-3.txt` for their source.
struct PublishedVectorTests {
    /// What this program is to say of each credential: how it signs and what attests it, or why it is refused.
    private static let outcomes: [String: Result<(PasskeyAlgorithm, PasskeyAttestation), Refusal>] = [
        "none.ES256": .success((.es256, .none)),
        "packed-self.ES256": .success((.es256, .selfSigned)),
        "none.ES256.crossOrigin": .failure(Refusal(code: "passkey.cross-origin")),
        "none.ES256.topOrigin": .failure(Refusal(code: "passkey.cross-origin")),
        "none.ES256.long-credential-id": .success((.es256, .none)),
        "packed.ES256": .success((.es256, .unchecked(format: "packed"))),
        "packed.ES384": .failure(Refusal(code: "passkey.algorithm")),
        "packed.ES512": .failure(Refusal(code: "passkey.algorithm")),
        "packed.RS256": .success((.rs256, .unchecked(format: "packed"))),
        "packed.EdDSA": .success((.edDSA, .unchecked(format: "packed"))),
        "packed.Ed448": .failure(Refusal(code: "passkey.algorithm")),
        "tpm.ES256": .success((.es256, .unchecked(format: "tpm"))),
        "android-key.ES256": .success((.es256, .unchecked(format: "android-key"))),
        "apple.ES256": .success((.es256, .unchecked(format: "apple"))),
        "fido-u2f.ES256": .success((.es256, .unchecked(format: "fido-u2f"))),
    ]

    struct Refusal: Error {
        let code: String
    }

    @Test func everyCredentialIsThere() { #expect(Set(Vector.published.map(\.name)) == Set(Self.outcomes.keys)) }

    @Test(arguments: Vector.published.filter(\.hasRegistration))
    func everyRegistrationEndsAsExpected(vector: Vector) throws {
        switch try #require(Self.outcomes[vector.name]) {
        case .success(let (algorithm, attestation)):
            let registration = try vector.register()
            #expect(registration.attestation == attestation)
            #expect(registration.passkey.algorithm == algorithm)
            #expect(registration.passkey.credentialID == vector("credential_id"))
            #expect(registration.passkey.publicKey == vector("public_key"))
        case .failure(let refusal): #expect(code { _ = try vector.register() } == refusal.code)
        }
    }

    @Test(arguments: Vector.published)
    func everyAssertionEndsAsExpected(vector: Vector) throws {
        switch try #require(Self.outcomes[vector.name]) {
        case .success(let (algorithm, _)):
            let passkey = try vector.hasRegistration ? vector.register().passkey : vector.passkey(algorithm: algorithm)
            #expect(try vector.authenticate(passkey).passkey.counter == 0)
        case .failure(let refusal): #expect(code { _ = try vector.authenticate(vector.passkey()) } == refusal.code)
        }
    }
}
