import Crypto
import CryptoExtras
import Foundation
import Kernel
import Testing

@testable import OpenIDConnect

@Suite("What a provider says about somebody is believed only if all of it holds")
struct IDTokenTests {
    @Test("a good token says who it is, how and when")
    func good() async throws {
        let claims = Provider.claims(["amr": ["pwd", "mfa"], "auth_time": Provider.seconds - 5])
        let identity = try await Provider.verify(try Provider.rs256(claims))
        #expect(identity.issuer == Provider.address)
        #expect(identity.subject == "4711")
        #expect(identity.methods == ["pwd", "mfa"])
        #expect(identity.authenticatedAt == Provider.now - .seconds(5))
    }

    /// A claim that does not hold, and the field at which it is refused.
    struct Claim: Sendable, CustomTestStringConvertible {
        let name: String
        let value: (any Sendable)?
        var field: String?

        init(_ name: String, _ value: (any Sendable)?, at field: String? = nil) {
            self.name = name
            self.value = value
            self.field = field ?? name
        }

        var testDescription: String { "\(name) \(value.map { "\($0)".prefix(40).description } ?? "missing")" }
    }

    @Test(
        "one claim that does not hold spoils it",
        arguments: [
            Claim("iss", "https://login.example/"), Claim("iss", nil), Claim("iss", "https://other.example"),
            Claim("aud", "somebody else"), Claim("aud", nil), Claim("aud", [String]()), Claim("aud", 7),
            Claim("aud", ["vouchsafe", "other"], at: "azp"), Claim("azp", "other"),
            Claim("nonce", "another"), Claim("nonce", nil), Claim("nonce", ""),
            Claim("exp", nil), Claim("exp", Provider.seconds - 60), Claim("exp", "tomorrow"), Claim("exp", -1),
            Claim("iat", nil), Claim("iat", Provider.seconds + 61), Claim("iat", 1e300),
            Claim("nbf", Provider.seconds + 61),
            Claim("sub", nil), Claim("sub", ""), Claim("sub", 7), Claim("sub", "grün"), Claim("sub", "a\nb"),
            Claim("sub", String(repeating: "s", count: 256)), Claim("auth_time", "yesterday"),
        ])
    func badClaim(_ claim: Claim) async throws {
        let token = try Provider.rs256(Provider.claims([claim.name: claim.value]))
        #expect(await refusal { _ = try await Provider.verify(token) } == "token \(claim.field ?? "")")
    }

    @Test(
        "what only looks strange is taken",
        arguments: [
            Claim("aud", ["vouchsafe"]), Claim("azp", "vouchsafe"), Claim("exp", Provider.seconds - 59),
            Claim("iat", Provider.seconds + 60), Claim("nbf", Provider.seconds + 60),
            Claim("sub", String(repeating: "s", count: 255)), Claim("extra", ["a": ["b": 1]]), Claim("amr", "pwd"),
        ])
    func strangeClaim(_ claim: Claim) async throws {
        let token = try Provider.rs256(Provider.claims([claim.name: claim.value]))
        #expect(await refusal { _ = try await Provider.verify(token) } == nil)
    }

    @Test("of several audiences the one that asked must be us")
    func severalAudiences() async throws {
        let token = try Provider.rs256(Provider.claims(["aud": ["other", "vouchsafe"], "azp": "vouchsafe"]))
        #expect(await refusal { _ = try await Provider.verify(token) } == nil)
    }

    @Test("a token without a signature, or with one that a shared secret made, is not even looked at")
    func weakAlgorithms() async throws {
        for name in ["none", "None", "NONE", "HS256", "HS512", "", "RS1"] {
            let token = try Provider.token(["alg": name, "kid": "a"]) { _ in [] }
            #expect(await refusal { _ = try await Provider.verify(token) } == "token alg", "\(name)")
        }
        // The public key as the secret of an HMAC: whoever lets the header choose believes it.
        let key = SymmetricKey(data: Data(try Provider.rsa.get().publicKey.pemRepresentation.utf8))
        let forged = try Provider.token(["alg": "HS256", "kid": "a"]) {
            Array(HMAC<SHA256>.authenticationCode(for: $0, using: key))
        }
        #expect(await refusal { _ = try await Provider.verify(forged) } == "token alg")
    }

    @Test("another key's signature is not the provider's, whatever key the header names or brings along")
    func otherKey() async throws {
        let headers: [[String: Any]] = [
            ["alg": "RS256", "kid": "a"],
            ["alg": "RS256", "kid": "a", "jwk": try Provider.jwk(try Provider.otherRSA.get())],
            ["alg": "RS256", "kid": "a", "jku": "https://evil.example/keys"],
        ]
        for header in headers {
            let token = try Provider.rs256(header: header, by: Provider.otherRSA)
            #expect(await refusal { _ = try await Provider.verify(token) } == "token signature")
        }
    }

    @Test("one changed letter breaks the signature")
    func changed() async throws {
        let parts = try Provider.rs256().split(separator: ".").map(String.init)
        let claims = Base64URL.text(try JSON.bytes(Provider.claims(["sub": "4712"])))
        #expect(
            await refusal { _ = try await Provider.verify("\(parts[0]).\(claims).\(parts[2])") } == "token signature")
    }

    @Test(
        "what has not the form of a token is refused before anything is decoded",
        arguments: [
            "", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "e30.e30.e30=", "e30.e30.\n",
            String(repeating: "a", count: (16 << 10) + 1),
        ])
    func malformed(_ token: String) async {
        #expect(await refusal { _ = try await Provider.verify(token) }?.hasPrefix("token") == true)
    }

    @Test("a header that demands what is not known, or another kind of token, is refused")
    func strangeHeaders() async throws {
        let headers: [([String: Any], String?)] = [
            (["alg": "RS256", "kid": "a", "crit": ["b64"], "b64": false], "token crit"),
            (["alg": "RS256", "kid": "a", "typ": "at+jwt"], "token typ"),
            (["alg": "RS256", "kid": 7], "token kid"), (["kid": "a"], "token alg"),
            (["alg": "RS256", "kid": "a", "typ": "JWT"], nil),
        ]
        for (header, expected) in headers {
            #expect(
                await refusal { _ = try await Provider.verify(try Provider.rs256(header: header)) } == expected,
                "\(header)")
        }
    }

    @Test("a name that stands twice in the claims is refused, and so is what lies too deep")
    func strictJSON() async throws {
        let key = try Provider.rsa.get()
        let good = try JSON.bytes(Provider.claims())
        let twice = Array(#"{"sub":"somebody else","#.utf8) + good.dropFirst()
        let deep =
            Array(#"{"x":\#(String(repeating: "[", count: 40))\#(String(repeating: "]", count: 40)),"#.utf8)
            + good.dropFirst()
        for body in [twice, deep] {
            let message = "\(Base64URL.text(Array(#"{"alg":"RS256","kid":"a"}"#.utf8))).\(Base64URL.text(body))"
            let signature = try key.signature(
                for: SHA256.hash(data: Array(message.utf8)), padding: .insecurePKCS1v1_5)
            let token = "\(message).\(Base64URL.text([UInt8](signature.rawRepresentation)))"
            #expect(await refusal { _ = try await Provider.verify(token) } == "token id_token")
        }
    }

    @Test("a new sign-in that was demanded must have happened since")
    func newSignIn() async throws {
        let request = AuthorizationRequest(
            state: "s", nonce: "the nonce", verifier: Provider.request.verifier, demandsNewSignIn: true)
        let times: [(Int64?, String?)] = [
            (nil, "token auth_time"), (Provider.seconds - 61, "token auth_time"), (Provider.seconds - 30, nil),
            (Provider.seconds + 5, nil),
        ]
        for (time, expected) in times {
            let token = try Provider.rs256(Provider.claims(["auth_time": time]))
            #expect(await refusal { _ = try await Provider.verify(token, request: request) } == expected)
        }
    }
}
