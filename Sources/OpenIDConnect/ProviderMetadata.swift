import Foundation
import Kernel

/// What a provider says about itself (OpenID Connect Discovery §3), as far as signing in needs it.
public struct ProviderMetadata: Hashable, Sendable {
    /// How this server shows the provider who it is.
    public enum ClientAuthentication: Hashable, Sendable { case basic, post }

    /// The provider's name.
    public let issuer: Issuer
    /// Where browsers are sent.
    public let authorizationEndpoint: URL
    /// Where the code is exchanged.
    public let tokenEndpoint: String
    /// Where its keys are.
    public let keysAddress: String
    /// How it signs, of what we take.
    public let algorithms: Set<SignatureAlgorithm>
    /// How it wants to be shown a secret.
    public let clientAuthentication: ClientAuthentication
    /// Whether each of its answers names it (RFC 9207 §3), so that one that does not is refused.
    public let namesItself: Bool

    /// The most bytes that a provider's document may have.
    public static let sizeLimit = 256 << 10

    /// Reads the document of the provider that is expected.
    ///
    /// - Throws: `Problem` `identity-provider.metadata`, or `identity-provider.address` at an endpoint.
    public init(reading bytes: [UInt8], of issuer: Issuer, rule: AddressRule) throws {
        guard bytes.count <= Self.sizeLimit else {
            throw ProviderProblem.metadata("issuer", "It is larger than 256 KiB.")
        }
        let members: [String: JSONValue]
        do throws(JSONValue.Fault) {
            members = try JSONValue.members(of: bytes)
        } catch {
            throw ProviderProblem.metadata("issuer", "It is no JSON object: \(error.reason)")
        }
        // What another issuer describes could be used to sign in to us with its tokens (Discovery §4.3).
        guard members["issuer"]?.text == issuer.text else {
            throw ProviderProblem.metadata("issuer", "It names another issuer than the one that is set here.")
        }
        func endpoint(_ name: String) throws -> String {
            guard let text = members[name]?.text else { throw ProviderProblem.metadata(name, "It lacks \(name).") }
            _ = try rule.check(text, field: name)
            return text
        }
        self.issuer = issuer
        authorizationEndpoint = try rule.check(try endpoint("authorization_endpoint"), field: "authorization_endpoint")
        tokenEndpoint = try endpoint("token_endpoint")
        keysAddress = try endpoint("jwks_uri")
        if let types = members["response_types_supported"]?.texts, !types.contains("code") {
            throw ProviderProblem.metadata(
                "response_types_supported", "It does not offer the authorization code flow.")
        }
        // RS256 is what every provider must offer (Discovery §3), so it is meant where nothing is said.
        let offered = members["id_token_signing_alg_values_supported"]?.texts ?? [SignatureAlgorithm.rs256.rawValue]
        algorithms = Set(offered.compactMap(SignatureAlgorithm.init))
        guard !algorithms.isEmpty else {
            throw ProviderProblem.metadata(
                "id_token_signing_alg_values_supported", "It signs in no way that is accepted here.")
        }
        clientAuthentication = try Self.authentication(
            members["token_endpoint_auth_methods_supported"]?.texts ?? ["client_secret_basic"])
        namesItself = members["authorization_response_iss_parameter_supported"] == .boolean(true)
    }

    private static func authentication(_ methods: [String]) throws -> ClientAuthentication {
        if methods.contains("client_secret_basic") { return .basic }
        if methods.contains("client_secret_post") || methods.contains("none") { return .post }
        throw ProviderProblem.metadata(
            "token_endpoint_auth_methods_supported", "It takes a client's secret in no way that is known here.")
    }
}
