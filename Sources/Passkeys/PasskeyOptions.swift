import Kernel

/// A question for `navigator.credentials.create`, in the shape of `PublicKeyCredential.parseCreationOptionsFromJSON`.
public struct PasskeyCreationOptions: Hashable, Sendable, Encodable {
    let rp: RelyingParty
    let user: User
    let challenge: Base64URLBytes
    let pubKeyCredParams: [Parameter]
    let timeout: Int
    let excludeCredentials: [PasskeyDescriptor]
    let authenticatorSelection: Selection
    let attestation: String

    struct RelyingParty: Hashable, Sendable, Encodable {
        let id: String
        let name: String
    }

    struct User: Hashable, Sendable, Encodable {
        let id: Base64URLBytes
        let name: String
        let displayName: String
    }

    struct Parameter: Hashable, Sendable, Encodable {
        let type: String
        let alg: Int64
    }

    struct Selection: Hashable, Sendable, Encodable {
        let residentKey: String
        let requireResidentKey: Bool
        let userVerification: PasskeyUserVerification
    }

    /// A question for a new passkey.
    ///
    /// - Parameters:
    ///   - relyingParty: The relying party's id, a host name.
    ///   - service: What the service is called; browsers show it.
    ///   - userHandle: The person's random handle (`PasskeyOptions.userHandle`), never a name or an address.
    ///   - name: What they sign in with; the authenticator shows it.
    ///   - displayName: The person's name.
    ///   - existing: Passkeys that the person has already; their authenticators refuse to make another one.
    public init(
        relyingParty: String, service: String, userHandle: [UInt8], name: String, displayName: String,
        challenge: [UInt8], existing: [Passkey], userVerification: PasskeyUserVerification
    ) {
        rp = RelyingParty(id: relyingParty, name: service)
        user = User(id: Base64URLBytes(userHandle), name: name, displayName: displayName)
        self.challenge = Base64URLBytes(challenge)
        // In this order, the first one that the authenticator knows is taken.
        pubKeyCredParams = [PasskeyAlgorithm.edDSA, .es256, .rs256].map {
            Parameter(type: "public-key", alg: $0.rawValue)
        }
        timeout = PasskeyOptions.timeout
        excludeCredentials = existing.map(PasskeyDescriptor.init)
        authenticatorSelection = Selection(
            residentKey: "preferred", requireResidentKey: false, userVerification: userVerification)
        attestation = "none"
    }
}

/// A question for `navigator.credentials.get`, in the shape of `PublicKeyCredential.parseRequestOptionsFromJSON`.
public struct PasskeyRequestOptions: Hashable, Sendable, Encodable {
    let challenge: Base64URLBytes
    let rpId: String
    let timeout: Int
    let allowCredentials: [PasskeyDescriptor]
    let userVerification: PasskeyUserVerification

    /// A question for a passkey.
    ///
    /// - Parameter allowed: The passkeys of the person who is asked; none to let the passkey say who it is.
    public init(
        relyingParty: String, challenge: [UInt8], allowed: [Passkey], userVerification: PasskeyUserVerification
    ) {
        self.challenge = Base64URLBytes(challenge)
        rpId = relyingParty
        timeout = PasskeyOptions.timeout
        allowCredentials = allowed.map(PasskeyDescriptor.init)
        self.userVerification = userVerification
    }
}

/// Whether the authenticator is to check who uses it.
public enum PasskeyUserVerification: String, Hashable, Sendable, Codable {
    /// It must: the passkey is to count for two factors.
    case required
    /// It should if it can: the passkey comes on top of a password.
    case preferred
}

/// One passkey, named in a question.
struct PasskeyDescriptor: Hashable, Sendable, Encodable {
    let type: String
    let id: Base64URLBytes
    let transports: [String]

    init(_ passkey: Passkey) {
        type = "public-key"
        id = Base64URLBytes(passkey.credentialID)
        transports = passkey.transports
    }
}

/// What questions are made of.
public enum PasskeyOptions {
    /// How long the browser lets the person take, in milliseconds: five minutes, as WebAuthn advises (§15.1).
    public static let timeout = 300_000

    /// The random bytes of a question; good for one answer.
    public static func challenge(randomness: Randomness) -> [UInt8] { randomness.bytes(32) }

    /// A handle for a person, made once and kept: random, so that an authenticator that is lost tells nothing (§14.6.1).
    public static func userHandle(randomness: Randomness) -> [UInt8] { randomness.bytes(64) }
}
