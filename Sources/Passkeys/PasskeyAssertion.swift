import Crypto
import Kernel

/// That somebody used a passkey, with everything checked (WebAuthn §7.2).
public struct PasskeyAssertion: Hashable, Sendable {
    /// The passkey as it is to be kept from now on: with its new counter and whether it is copied now.
    public let passkey: Passkey
    /// Whether the authenticator checked who used it: two factors in one, or only one.
    public let isUserVerified: Bool

    /// Whose passkey must have answered.
    public enum Asked: Hashable, Sendable {
        /// One of a person who is known already; these passkeys were named in the question.
        case known(credentialIDs: Set<[UInt8]>, userHandle: [UInt8])
        /// Any: the passkey itself says whose it is, and `userHandle` is that of the account which has it.
        case anyone(userHandle: [UInt8])
    }

    /// Checks the browser's answer to `navigator.credentials.get`.
    ///
    /// - Parameters:
    ///   - passkey: The stored passkey that has the answer's credential id.
    ///   - asked: Who was asked, and the user handle of the account to which `passkey` belongs.
    /// - Throws: `Problem` whose code begins with `passkey.`
    public static func verify(
        _ response: PasskeyRequestResponse, of passkey: Passkey, asked: Asked, against expectation: PasskeyExpectation
    ) throws -> PasskeyAssertion {
        guard response.credentialID == passkey.credentialID else { throw PasskeyProblem.credential }
        try check(response, asked: asked)

        let clientData = try ClientData(response.clientData)
        try clientData.check(type: "webauthn.get", against: expectation)

        let data = try AuthenticatorData(response.authenticatorData)
        try data.check(
            relyingPartyHash: expectation.relyingPartyHash,
            demandsUserVerification: expectation.demandsUserVerification)
        guard data.attested == nil else {
            throw PasskeyProblem.form("response.authenticatorData", "It contains a new credential.")
        }
        guard data.flags.contains(.backupEligible) == passkey.isBackupEligible else { throw PasskeyProblem.backup }

        let key = try PasskeyPublicKey(passkey.publicKey)
        let message = response.authenticatorData + Array(SHA256.hash(data: response.clientData))
        guard key.algorithm == passkey.algorithm, key.verifies(response.signature, over: message) else {
            throw PasskeyProblem.signature
        }

        // Last, so that nobody without the key can make an account's passkey look copied. Many passkeys never count (both zero).
        guard data.counter > passkey.counter || (data.counter == 0 && passkey.counter == 0) else {
            throw PasskeyProblem.copied
        }
        return PasskeyAssertion(
            passkey: passkey.used(counter: data.counter, isBackedUp: data.flags.contains(.backedUp)),
            isUserVerified: data.flags.contains(.userVerified))
    }

    private static func check(_ response: PasskeyRequestResponse, asked: Asked) throws {
        switch asked {
        case .known(let credentialIDs, let userHandle):
            guard credentialIDs.contains(response.credentialID) else { throw PasskeyProblem.credential }
            guard response.userHandle == nil || response.userHandle == userHandle else { throw PasskeyProblem.person }
        case .anyone(let userHandle):
            guard response.userHandle == userHandle else { throw PasskeyProblem.person }
        }
    }
}
