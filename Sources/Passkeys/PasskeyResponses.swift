import Kernel

/// What a browser answers to `navigator.credentials.create`, as `PublicKeyCredential.toJSON()` writes it.
public struct PasskeyCreationResponse: Hashable, Sendable, Decodable {
    /// What the authenticator calls the passkey.
    public let credentialID: [UInt8]
    /// The browser's JSON, byte for byte.
    public let clientData: [UInt8]
    /// What the authenticator answered.
    public let attestationObject: [UInt8]
    /// By which ways the browser reaches it; nobody signed that.
    public let transports: [String]

    /// An answer out of its parts.
    public init(credentialID: [UInt8], clientData: [UInt8], attestationObject: [UInt8], transports: [String] = []) {
        self.credentialID = credentialID
        self.clientData = clientData
        self.attestationObject = attestationObject
        self.transports = Self.plain(transports)
    }

    /// - Throws: `Problem` `passkey.form` where the bytes are no base64url, else what the decoder throws.
    public init(from decoder: any Decoder) throws {
        struct Response: Decodable {
            let clientDataJSON: Base64URLBytes
            let attestationObject: Base64URLBytes
            let transports: [String]?
        }
        let envelope = try Envelope<Response>(from: decoder)
        self.init(
            credentialID: try envelope.credentialID, clientData: envelope.response.clientDataJSON.bytes,
            attestationObject: envelope.response.attestationObject.bytes,
            transports: envelope.response.transports ?? [])
    }

    /// Only names such as `internal`, `usb` or `hybrid` (§5.8.4), and not many: they are sent back to browsers.
    private static func plain(_ transports: [String]) -> [String] {
        let names = transports.filter { name in
            (1...32).contains(name.utf8.count)
                && name.utf8.allSatisfy { byte in
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
                }
        }
        return Array(Set(names).sorted().prefix(8))
    }
}

/// What a browser answers to `navigator.credentials.get`, as `PublicKeyCredential.toJSON()` writes it.
public struct PasskeyRequestResponse: Hashable, Sendable, Decodable {
    /// What the authenticator calls the passkey.
    public let credentialID: [UInt8]
    /// The browser's JSON, byte for byte.
    public let clientData: [UInt8]
    /// What the authenticator says.
    public let authenticatorData: [UInt8]
    /// Its signature over both.
    public let signature: [UInt8]
    /// For whom the passkey was made, if it says so.
    public let userHandle: [UInt8]?

    /// An answer out of its parts.
    public init(
        credentialID: [UInt8], clientData: [UInt8], authenticatorData: [UInt8], signature: [UInt8],
        userHandle: [UInt8]? = nil
    ) {
        self.credentialID = credentialID
        self.clientData = clientData
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.userHandle = userHandle
    }

    /// - Throws: `Problem` `passkey.form` where the bytes are no base64url, else what the decoder throws.
    public init(from decoder: any Decoder) throws {
        struct Response: Decodable {
            let clientDataJSON: Base64URLBytes
            let authenticatorData: Base64URLBytes
            let signature: Base64URLBytes
            let userHandle: Base64URLBytes?
        }
        let envelope = try Envelope<Response>(from: decoder)
        self.init(
            credentialID: try envelope.credentialID, clientData: envelope.response.clientDataJSON.bytes,
            authenticatorData: envelope.response.authenticatorData.bytes,
            signature: envelope.response.signature.bytes, userHandle: envelope.response.userHandle?.bytes)
    }
}

/// What both answers have around them.
private struct Envelope<Response: Decodable>: Decodable {
    let id: Base64URLBytes
    let rawId: Base64URLBytes
    let type: String
    let response: Response

    var credentialID: [UInt8] {
        get throws {
            guard type == "public-key" else { throw PasskeyProblem.form("type", "It is no public key.") }
            guard id == rawId, (1...AuthenticatorData.longestCredentialID).contains(id.bytes.count) else {
                throw PasskeyProblem.form("id", "The credential's id is not the same in both places, or too long.")
            }
            return id.bytes
        }
    }
}
