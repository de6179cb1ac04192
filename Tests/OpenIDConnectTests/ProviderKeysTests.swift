import Crypto
import CryptoExtras
import Foundation
import Kernel
import Testing

@testable import OpenIDConnect

@Suite("Of a provider's keys those are used that fit, and no token chooses for itself")
struct ProviderKeysTests {
    @Test("every kind of key verifies what it signed")
    func everyKind() async throws {
        let keys = try Provider.keys([
            try Provider.jwk(try Provider.rsa.get(), ["kid": "a"]), Provider.pointJWK(["kid": "b"]),
            Provider.edwardsJWK(["kid": "c"]),
        ])
        let tokens = [
            try Provider.rs256(),
            try Provider.rs256(header: ["alg": "PS256", "kid": "a"], padding: .PSS),
            try Provider.token(["alg": "ES256", "kid": "b"]) {
                [UInt8](try Provider.point.signature(for: $0).rawRepresentation)
            },
            try Provider.token(["alg": "EdDSA", "kid": "c"]) { [UInt8](try Provider.edwards.signature(for: $0)) },
        ]
        for token in tokens {
            #expect(await refusal { _ = try await Provider.verify(token, keys: keys) } == nil)
        }
    }

    @Test("a forged header does not pin the algorithm of a key that names none")
    func noPinning() async throws {
        let metadata = try Provider.metadata(["id_token_signing_alg_values_supported": ["RS256"]])
        let keys = try Provider.keys([try Provider.jwk(try Provider.rsa.get(), ["kid": "a"])], of: metadata)
        let forged = try Provider.rs256(header: ["alg": "PS256", "kid": "a"], by: Provider.otherRSA, padding: .PSS)
        #expect(await refusal { _ = try await Provider.verify(forged, keys: keys, metadata: metadata) } == "token alg")
        #expect(
            await refusal { _ = try await Provider.verify(try Provider.rs256(), keys: keys, metadata: metadata) } == nil
        )
        // Where the provider offers both, the forged one is merely not signed.
        let both = try Provider.keys([try Provider.jwk(try Provider.rsa.get(), ["kid": "a"])])
        #expect(await refusal { _ = try await Provider.verify(forged, keys: both) } == "token signature")
        #expect(await refusal { _ = try await Provider.verify(try Provider.rs256(), keys: both) } == nil)
    }

    @Test("a key with an algorithm of its own is used for no other")
    func ownAlgorithm() async throws {
        let keys = try Provider.keys([try Provider.jwk(try Provider.rsa.get(), ["kid": "a", "alg": "PS256"])])
        #expect(
            await refusal { _ = try await Provider.verify(try Provider.rs256(), keys: keys) } == "unknown-key kid")
    }

    @Test("an unknown name of a key means none, and never the first")
    func unknownName() async throws {
        for name in ["b", "", "A"] {
            let token = try Provider.rs256(header: ["alg": "RS256", "kid": name])
            #expect(await refusal { _ = try await Provider.verify(token) } == "unknown-key kid", "\(name)")
        }
    }

    @Test("without a name the one key that fits is meant, and of several none")
    func noName() async throws {
        let token = try Provider.rs256(header: ["alg": "RS256"])
        let first = try Provider.jwk(try Provider.rsa.get())
        let second = try Provider.jwk(try Provider.otherRSA.get())
        let one = try Provider.keys([first, Provider.pointJWK(["kid": "b"])])
        #expect(await refusal { _ = try await Provider.verify(token, keys: one) } == nil)
        let two = try Provider.keys([first, second])
        #expect(await refusal { _ = try await Provider.verify(token, keys: two) } == "unknown-key kid")
    }

    @Test("strange keys are passed over, and the good one beside them still works")
    func strangeKeys() async throws {
        let rsa = try Provider.rsa.get()
        let strange: [Any] = [
            7, [String: Any](), ["kty": "AKP", "alg": "ML-DSA-65", "pub": "AA"], ["kty": "oct", "k": "c2VjcmV0"],
            ["kty": "OKP", "crv": "X25519", "x": "AA", "kid": "a"],
            ["kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"],
            ["kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "a"], ["kty": "RSA", "e": "AQAB"],
            try Provider.jwk(rsa, ["use": "enc", "kid": "a"]), try Provider.jwk(rsa, ["alg": "RSA-OAEP", "kid": "a"]),
            try Provider.jwk(rsa, ["alg": "HS256", "kid": "a"]), try Provider.jwk(rsa, ["e": "Aw", "kid": "a"]),
            try Provider.jwk(rsa, ["key_ops": ["encrypt"], "kid": "a"]), try Provider.jwk(rsa, ["kid": 5]),
            try Provider.jwk(rsa, ["d": "AA", "kid": "a"]), Provider.pointJWK(["crv": "P-384", "kid": "a"]),
        ]
        let keys = try Provider.keys(strange + [try Provider.jwk(rsa, ["kid": "a"])])
        #expect(keys.keys.count == 1)
        #expect(await refusal { _ = try await Provider.verify(try Provider.rs256(), keys: keys) } == nil)
        #expect(await refusal { _ = try Provider.keys(strange) } == "keys jwks_uri")
    }

    @Test("a point that is not on its curve verifies nothing")
    func notOnTheCurve() async throws {
        let keys = try Provider.keys([
            Provider.pointJWK(["kid": "b", "y": Base64URL.text([UInt8](repeating: 7, count: 32))])
        ])
        let token = try Provider.token(["alg": "ES256", "kid": "b"]) {
            [UInt8](try Provider.point.signature(for: $0).rawRepresentation)
        }
        #expect(await refusal { _ = try await Provider.verify(token, keys: keys) } == "token signature")
    }

    @Test("two keys of one name are both tried")
    func sameName() async throws {
        let keys = try Provider.keys([
            try Provider.jwk(try Provider.otherRSA.get(), ["kid": "a"]),
            try Provider.jwk(try Provider.rsa.get(), ["kid": "a"]),
        ])
        #expect(await refusal { _ = try await Provider.verify(try Provider.rs256(), keys: keys) } == nil)
    }

    @Test("too many keys, too many bytes and what is no list are refused")
    func bounds() async throws {
        let key = try Provider.jwk(try Provider.rsa.get(), ["kid": "a"])
        #expect(await refusal { _ = try Provider.keys(Array(repeating: key, count: 101)) } == "keys jwks_uri")
        #expect(await refusal { _ = try Provider.keys(Array(repeating: key, count: 100)) } == nil)
        let metadata = try Provider.metadata()
        for body in [Array(repeating: UInt8(ascii: " "), count: (256 << 10) + 1), Array("[]".utf8), Array("{}".utf8)] {
            #expect(await refusal { _ = try ProviderKeys(reading: body, of: metadata) } == "keys jwks_uri")
        }
    }
}
