import Crypto
import Foundation
import Kernel

/// One visit to the provider: what it is asked, and what ties its answer to this browser and this moment.
public struct AuthorizationRequest: Hashable, Sendable {
    /// Comes back with the browser, so that nobody's answer but our own question's is taken.
    public let state: String
    /// Comes back inside the token, so that no other token is taken.
    public let nonce: String
    /// What only this server knows: a code that was intercepted is worth nothing without it (RFC 7636).
    public let verifier: String
    /// Whether the person must show themselves to the provider anew, though they may be signed in there.
    public let demandsNewSignIn: Bool

    /// - Parameter verifier: 43 to 128 letters, digits, hyphens, points, underscores and tildes (RFC 7636 §4.1).
    public init(state: String, nonce: String, verifier: String, demandsNewSignIn: Bool = false) {
        self.state = state
        self.nonce = nonce
        self.verifier = verifier
        self.demandsNewSignIn = demandsNewSignIn
    }

    /// The verifier's hash, which goes ahead of it (S256, the only method used).
    public var challenge: String { Base64URL.text(Array(SHA256.hash(data: Array(verifier.utf8)))) }

    /// Where the browser goes. Only `openid` is asked for: who somebody is, and neither their name nor their address.
    public func address(at provider: ProviderMetadata, as client: Client) -> String {
        var fields = [
            (name: "response_type", value: "code"), (name: "client_id", value: client.id),
            (name: "redirect_uri", value: client.returnAddress), (name: "scope", value: "openid"),
            (name: "state", value: state), (name: "nonce", value: nonce), (name: "code_challenge", value: challenge),
            (name: "code_challenge_method", value: "S256"),
        ]
        if demandsNewSignIn { fields += [(name: "prompt", value: "login"), (name: "max_age", value: "0")] }
        let endpoint = provider.authorizationEndpoint
        return endpoint.absoluteString + (endpoint.query() == nil ? "?" : "&") + FormEncoding.text(fields)
    }

    /// The code that the browser brought back.
    ///
    /// - Throws: `Problem` `identity-provider.state`, `.mixed`, `.denied`, `.unavailable`, `.refused` or `.answer`.
    public func code(in query: [String: String], from provider: ProviderMetadata) throws -> String {
        guard constantTimeEquals(Array((query["state"] ?? "").utf8), Array(state.utf8)) else {
            throw ProviderProblem.state
        }
        // Errors carry the issuer too (RFC 9207 §2.4).
        guard let issuer = query["iss"] ?? (provider.namesItself ? nil : provider.issuer.text),
            issuer == provider.issuer.text
        else { throw ProviderProblem.otherIssuer }
        if let error = query["error"] { throw ProviderProblem.denied(error) }
        guard let code = query["code"], !code.isEmpty, code.utf8.count <= 4096 else {
            throw ProviderProblem.answer("It brought no code.")
        }
        return code
    }
}
