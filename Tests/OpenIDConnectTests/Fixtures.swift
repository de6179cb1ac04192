import Crypto
import CryptoExtras
import Foundation
import Kernel

@testable import OpenIDConnect

/// A provider of our own making: its keys are real, so that what is tested is what would be believed.
enum Provider {
    static let now = Instant(milliseconds: 1_800_000_000_000)
    static let seconds = now.milliseconds / 1000
    static let address = "https://login.example"
    static let client = Client(
        id: "vouchsafe", secret: "s", returnAddress: "https://here.example/sign-in/provider/return")
    static let request = AuthorizationRequest(
        state: "the state", nonce: "the nonce", verifier: String(repeating: "v", count: 43))

    // Made once: an RSA key takes a while.
    static let rsa = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }
    static let otherRSA = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }
    static let point = P256.Signing.PrivateKey()
    static let edwards = Curve25519.Signing.PrivateKey()

    static func metadata(
        _ changes: [String: Any?] = [:], rule: AddressRule = .secure
    ) throws -> ProviderMetadata {
        var members: [String: Any] = [
            "issuer": address, "authorization_endpoint": address + "/authorize", "token_endpoint": address + "/token",
            "jwks_uri": address + "/keys", "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA", "HS256", "none"],
        ]
        for (name, value) in changes { members[name] = value }
        return try ProviderMetadata(
            reading: try JSON.bytes(members), of: try Issuer(address, rule: .secure), rule: rule)
    }

    static func jwk(_ key: _RSA.Signing.PrivateKey, _ more: [String: Any] = [:]) throws -> [String: Any] {
        let parts = try key.publicKey.getKeyPrimitives()
        let own: [String: Any] = [
            "kty": "RSA", "use": "sig", "n": Base64URL.text(parts.modulus), "e": Base64URL.text(parts.publicExponent),
        ]
        return own.merging(more) { $1 }
    }

    static func pointJWK(_ more: [String: Any] = [:]) -> [String: Any] {
        let raw = [UInt8](point.publicKey.rawRepresentation)
        let own: [String: Any] = [
            "kty": "EC", "crv": "P-256", "x": Base64URL.text(raw[..<32]), "y": Base64URL.text(raw[32...]),
        ]
        return own.merging(more) { $1 }
    }

    static func edwardsJWK(_ more: [String: Any] = [:]) -> [String: Any] {
        let own: [String: Any] = [
            "kty": "OKP", "crv": "Ed25519", "x": Base64URL.text([UInt8](edwards.publicKey.rawRepresentation)),
        ]
        return own.merging(more) { $1 }
    }

    static func keys(_ list: [Any], of metadata: ProviderMetadata? = nil) throws -> ProviderKeys {
        try ProviderKeys(reading: try JSON.bytes(["keys": list]), of: try metadata ?? self.metadata())
    }

    static func claims(_ changes: [String: Any?] = [:]) -> [String: Any] {
        var claims: [String: Any] = [
            "iss": address, "aud": "vouchsafe", "sub": "4711", "nonce": "the nonce", "iat": seconds,
            "exp": seconds + 300,
        ]
        for (name, value) in changes { claims[name] = value }
        return claims
    }

    /// A token as its signer makes it; `sign` receives what is signed.
    static func token(
        _ header: [String: Any], _ claims: [String: Any] = claims(), sign: ([UInt8]) throws -> [UInt8]
    ) throws -> String {
        let message = "\(Base64URL.text(try JSON.bytes(header))).\(Base64URL.text(try JSON.bytes(claims)))"
        return "\(message).\(Base64URL.text(try sign(Array(message.utf8))))"
    }

    static func rs256(
        _ claims: [String: Any] = claims(), header: [String: Any] = ["alg": "RS256", "kid": "a"],
        by key: Result<_RSA.Signing.PrivateKey, any Error> = rsa, padding: _RSA.Signing.Padding = .insecurePKCS1v1_5
    ) throws -> String {
        let key = try key.get()
        return try token(header, claims) {
            [UInt8](try key.signature(for: SHA256.hash(data: $0), padding: padding).rawRepresentation)
        }
    }

    static func verify(
        _ token: String, keys: ProviderKeys? = nil, metadata: ProviderMetadata? = nil,
        request: AuthorizationRequest = request, at moment: Instant = now
    ) async throws -> VerifiedIdentity {
        let metadata = try metadata ?? self.metadata()
        let keys = try keys ?? self.keys([try jwk(try rsa.get(), ["kid": "a"])], of: metadata)
        return try await IDToken(reading: token).verified(
            with: keys, of: metadata, as: client, answering: request, begun: now, at: moment)
    }
}

enum JSON {
    static func bytes(_ value: Any) throws -> [UInt8] {
        [UInt8](try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys]))
    }
}

/// The code and the field of what `body` throws.
func refusal(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch let problem as Problem {
        return [problem.code.replacingOccurrences(of: "identity-provider.", with: ""), problem.place?.field]
            .compactMap { $0 }.joined(separator: " ")
    } catch {
        return "\(error)"
    }
}
