import Kernel

/// Who a provider says somebody is, once its signature and everything that it says about the token has been checked.
public struct VerifiedIdentity: Hashable, Sendable {
    /// Who says it.
    public let issuer: String
    /// Whom the provider means: never reused there for anyone else (OpenID Connect Core §5.7).
    public let subject: String
    /// How they showed themselves there (RFC 8176), as far as the provider tells.
    public let methods: Set<String>
    /// When they did so, if the provider tells.
    public let authenticatedAt: Instant?

    /// An identity out of its parts; for tests, everyone else verifies a token.
    package init(issuer: String, subject: String, methods: Set<String> = [], authenticatedAt: Instant? = nil) {
        self.issuer = issuer
        self.subject = subject
        self.methods = methods
        self.authenticatedAt = authenticatedAt
    }
}

/// The statement of a provider about who is in the browser (OpenID Connect Core §2, §3.1.3.7).
public struct IDToken: Sendable {
    private let algorithm: SignatureAlgorithm
    private let keyName: String?
    private let message: [UInt8]
    private let signature: [UInt8]
    private let claims: [String: JSONValue]

    /// The most bytes of a token.
    public static let sizeLimit = 16 << 10
    /// How far the provider's clock may be off.
    public static let leeway = Period.seconds(60)

    /// Takes a token apart without believing any of it.
    ///
    /// - Throws: `Problem` `identity-provider.token` at the part that will not do.
    public init(reading text: String) throws {
        guard text.utf8.count <= Self.sizeLimit else {
            throw ProviderProblem.token("id_token", "The token is larger than 16 KiB.")
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64URL.bytes(parts[0]), let body = Base64URL.bytes(parts[1]),
            let signature = Base64URL.bytes(parts[2])
        else { throw ProviderProblem.token("id_token", "The token has not the form of a signed one.") }
        let header = try Self.members(of: head, "header")
        // What must be understood and is not (RFC 7515 §4.1.11).
        guard header["crit"] == nil else {
            throw ProviderProblem.token("crit", "The token demands an extension that is not known here.")
        }
        // A token of another kind that says so is not an ID token (RFC 8725 §3.11).
        if let type = header["typ"]?.text?.lowercased(), type.hasSuffix("+jwt") {
            throw ProviderProblem.token("typ", "The token is of another kind.")
        }
        guard let name = header["alg"]?.text, let algorithm = SignatureAlgorithm(rawValue: name) else {
            throw ProviderProblem.token("alg", "The token is not signed in a way that is accepted here.")
        }
        switch header["kid"] {
        case nil: keyName = nil
        case .text(let text): keyName = text
        default: throw ProviderProblem.token("kid", "The name of the key is no text.")
        }
        self.algorithm = algorithm
        self.signature = signature
        message = Array("\(parts[0]).\(parts[1])".utf8)
        claims = try Self.members(of: body, "id_token")
    }

    private static func members(of bytes: [UInt8], _ field: String) throws -> [String: JSONValue] {
        do throws(JSONValue.Fault) {
            return try JSONValue.members(of: bytes)
        } catch {
            throw ProviderProblem.token(field, "A part of the token is no JSON object: \(error.reason)")
        }
    }

    /// Who it is, if everything holds.
    ///
    /// - Parameters:
    ///   - request: The visit that brought the token.
    ///   - begun: When that visit began; a new sign-in that was demanded may not be older.
    /// - Throws: `Problem` `identity-provider.token` at the claim that does not hold; `identity-provider.unknown-key` if the
    ///   provider's keys should be read again.
    public func verified(
        with keys: ProviderKeys, of provider: ProviderMetadata, as client: Client,
        answering request: AuthorizationRequest,
        begun: Instant, at now: Instant
    ) async throws -> VerifiedIdentity {
        guard provider.algorithms.contains(algorithm) else {
            throw ProviderProblem.token("alg", "The provider does not say that it signs in this way.")
        }
        guard try await keys.verify(signature, over: message, by: algorithm, named: keyName) else {
            throw ProviderProblem.token("signature", "The signature is not the provider's.")
        }
        guard claims["iss"]?.text == provider.issuer.text else {
            throw ProviderProblem.token("iss", "It comes from another provider.")
        }
        try checkAudience(client.id)
        try checkTimes(at: now)
        guard let nonce = claims["nonce"]?.text,
            constantTimeEquals(Array(nonce.utf8), Array(request.nonce.utf8))
        else { throw ProviderProblem.token("nonce", "It was not made for this sign-in.") }
        guard let subject = claims["sub"]?.text, (1...255).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        else { throw ProviderProblem.token("sub", "It does not name anybody.") }
        let authenticatedAt = try time("auth_time")
        if request.demandsNewSignIn {
            guard let authenticatedAt, authenticatedAt + Self.leeway >= begun else {
                throw ProviderProblem.token("auth_time", "The provider did not ask you anew who you are.")
            }
        }
        return VerifiedIdentity(
            issuer: provider.issuer.text, subject: subject, methods: Set((claims["amr"]?.texts ?? []).prefix(50)),
            authenticatedAt: authenticatedAt)
    }

    private func checkAudience(_ client: String) throws {
        let audience = claims["aud"]?.text.map { [$0] } ?? claims["aud"]?.texts ?? []
        guard audience.contains(client) else { throw ProviderProblem.token("aud", "It is meant for somebody else.") }
        // Of several that it is meant for, one asked for it; that must have been us.
        guard claims["azp"] == nil ? audience.count == 1 : claims["azp"]?.text == client else {
            throw ProviderProblem.token("azp", "Somebody else asked for it.")
        }
    }

    private func checkTimes(at now: Instant) throws {
        guard let end = try time("exp"), now < end + Self.leeway else {
            throw ProviderProblem.token("exp", "It has expired.")
        }
        guard let made = try time("iat"), made <= now + Self.leeway else {
            throw ProviderProblem.token("iat", "It was made in the future, or does not say when.")
        }
        if let start = try time("nbf"), start > now + Self.leeway {
            throw ProviderProblem.token("nbf", "It does not hold yet.")
        }
    }

    /// A moment in seconds since 1970, if the claim is there.
    private func time(_ claim: String) throws -> Instant? {
        guard let value = claims[claim] else { return nil }
        guard let seconds = value.number, (0..<253_402_300_800).contains(seconds) else {
            throw ProviderProblem.token(claim, "A time in it is no time.")
        }
        return Instant(milliseconds: Int64(seconds * 1000))
    }
}
