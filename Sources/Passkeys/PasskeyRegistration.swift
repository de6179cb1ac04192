import Crypto
import Kernel

/// A passkey that was just made, with everything checked (WebAuthn §7.1).
public struct PasskeyRegistration: Hashable, Sendable {
    /// What to keep. The caller refuses it if another account has a passkey of the same id (step 26).
    public let passkey: Passkey
    /// Whether the authenticator checked who made it.
    public let isUserVerified: Bool
    /// The authenticator's model (AAGUID), all zero if it does not say; not proved by anything.
    public let model: [UInt8]
    /// What stands behind it.
    public let attestation: PasskeyAttestation

    /// Checks the browser's answer to `navigator.credentials.create`.
    ///
    /// - Throws: `Problem` whose code begins with `passkey.`
    public static func verify(
        _ response: PasskeyCreationResponse, against expectation: PasskeyExpectation
    ) throws -> PasskeyRegistration {
        let clientData = try ClientData(response.clientData)
        try clientData.check(type: "webauthn.create", against: expectation)

        let object = try AttestationObject(response.attestationObject)
        let data = try AuthenticatorData(object.authenticatorData)
        try data.check(
            relyingPartyHash: expectation.relyingPartyHash,
            demandsUserVerification: expectation.demandsUserVerification)
        guard let attested = data.attested else {
            throw PasskeyProblem.form("response.attestationObject", "It contains no new credential.")
        }
        guard attested.credentialID == response.credentialID else { throw PasskeyProblem.credential }

        let key = try PasskeyPublicKey(attested.publicKey)
        let attestation = try object.judged(
            by: key, clientDataHash: Array(SHA256.hash(data: response.clientData)))
        let passkey = Passkey(
            credentialID: attested.credentialID, publicKey: attested.publicKey, algorithm: key.algorithm,
            counter: data.counter, isBackupEligible: data.flags.contains(.backupEligible),
            isBackedUp: data.flags.contains(.backedUp), transports: response.transports)
        return PasskeyRegistration(
            passkey: passkey, isUserVerified: data.flags.contains(.userVerified), model: attested.model,
            attestation: attestation)
    }
}
