import Kernel

/// What the authenticator says and signs (WebAuthn §6.1).
struct AuthenticatorData: Hashable, Sendable {
    /// What the authenticator says of the moment and of the passkey.
    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        /// UP: somebody touched it.
        static let userPresent = Flags(rawValue: 1 << 0)
        /// UV: it checked who, by PIN, finger or face.
        static let userVerified = Flags(rawValue: 1 << 2)
        /// BE: the passkey may be copied to other devices of the person.
        static let backupEligible = Flags(rawValue: 1 << 3)
        /// BS: it is copied now.
        static let backedUp = Flags(rawValue: 1 << 4)
        /// AT: a new credential follows.
        static let attested = Flags(rawValue: 1 << 6)
        /// ED: extensions follow.
        static let extended = Flags(rawValue: 1 << 7)
    }

    /// A credential that was just made.
    struct Attested: Hashable, Sendable {
        /// The authenticator's model (AAGUID), all zero if it does not say.
        let model: [UInt8]
        let credentialID: [UInt8]
        /// The public key in the bytes that the authenticator chose.
        let publicKey: [UInt8]
    }

    /// SHA-256 of the relying party's id.
    let relyingPartyHash: [UInt8]
    let flags: Flags
    /// How often the passkey has signed, or 0 if it does not count.
    let counter: UInt32
    let attested: Attested?

    /// The longest credential id (§4, Credential ID).
    static let longestCredentialID = 1023

    private static let field = "response.authenticatorData"

    /// - Throws: `Problem` `passkey.form`.
    init(_ bytes: [UInt8]) throws {
        guard bytes.count >= 37, bytes.count <= CBORReader.longest else {
            throw PasskeyProblem.form(Self.field, "The authenticator data have \(bytes.count) bytes.")
        }
        relyingPartyHash = Array(bytes[0..<32])
        flags = Flags(rawValue: bytes[32])
        counter = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var rest = bytes[37...]
        attested = flags.contains(.attested) ? try Self.attested(&rest) : nil
        if flags.contains(.extended) {
            var reader = CBORReader(rest)
            guard try Self.next(&reader).keys != nil else {
                throw PasskeyProblem.form(Self.field, "The extensions are no map.")
            }
            rest = reader.rest
        }
        guard rest.isEmpty else {
            throw PasskeyProblem.form(Self.field, "Something follows after the authenticator data.")
        }
    }

    /// Checks what registration and sign-in check alike (§7.1 steps 14 to 18, §7.2 steps 15 to 18).
    func check(relyingPartyHash expected: [UInt8], demandsUserVerification: Bool) throws {
        guard constantTimeEquals(relyingPartyHash, expected) else { throw PasskeyProblem.relyingParty }
        guard flags.contains(.userPresent) else { throw PasskeyProblem.notPresent }
        guard !demandsUserVerification || flags.contains(.userVerified) else { throw PasskeyProblem.notVerified }
        guard !flags.contains(.backedUp) || flags.contains(.backupEligible) else { throw PasskeyProblem.backup }
    }

    private static func attested(_ rest: inout ArraySlice<UInt8>) throws -> Attested {
        guard rest.count >= 18 else { throw PasskeyProblem.form(field, "The new credential is cut off.") }
        let model = Array(rest.prefix(16))
        let length = rest.dropFirst(16).prefix(2).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(18)
        guard (1...longestCredentialID).contains(length), rest.count >= length else {
            throw PasskeyProblem.form(field, "The credential's id has \(length) bytes.")
        }
        let credentialID = Array(rest.prefix(length))
        var reader = CBORReader(rest.dropFirst(length))
        // What the key is made of is judged by `PasskeyPublicKey`; here only where it ends matters.
        _ = try next(&reader)
        let publicKey = Array(rest[rest.index(rest.startIndex, offsetBy: length)..<reader.rest.startIndex])
        rest = reader.rest
        return Attested(model: model, credentialID: credentialID, publicKey: publicKey)
    }

    private static func next(_ reader: inout CBORReader) throws -> CBORValue {
        do throws(CBORReader.Fault) { return try reader.next() } catch { throw PasskeyProblem.cbor(field, error) }
    }
}
