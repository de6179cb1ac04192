import Foundation
import Kernel
import Testing

@testable import Passkeys

/// PyPI's `webauthn` judged the same answers: `Vectors/make-peer-cases.py` made them with Python's `cryptography` 50.0.2 and
/// wrote down what `webauthn` 3.0.1 said. `VOUCHSAFE_PASSKEY_CASES` names a file with more of them.
struct PeerTests {
    @Test func bothJudgeAlike() throws {
        let more = ProcessInfo.processInfo.environment["VOUCHSAFE_PASSKEY_CASES"]
        let text = try more.map { try String(contentsOfFile: $0, encoding: .utf8) } ?? Vector.text("peer-cases.txt")
        let lines = text.split(separator: "\n")
        #expect(lines.count >= 78)
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            let verdict = code { try Self.verify(words) } == nil ? "accepted" : "refused"
            #expect(verdict == words[2], "\(words[0]) \(words[1])")
        }
    }

    private static func verify(_ words: [String]) throws {
        let counter = try #require(UInt32(words[3]))
        let parts = try words[4...].map { try #require([UInt8](hex: $0)) }
        let expectation = PasskeyExpectation(
            challenge: parts[0], origins: ["https://vouchsafe.example"], relyingParty: "vouchsafe.example",
            demandsUserVerification: true)
        if words[0] == "registration" {
            let object = try AttestationObject(parts[2])
            let credentialID = try #require(AuthenticatorData(object.authenticatorData).attested).credentialID
            _ = try PasskeyRegistration.verify(
                PasskeyCreationResponse(
                    credentialID: credentialID, clientData: parts[1], attestationObject: parts[2]),
                against: expectation)
        } else {
            let passkey = Passkey(
                credentialID: [1], publicKey: parts[2], algorithm: try PasskeyPublicKey(parts[2]).algorithm,
                counter: counter, isBackupEligible: false, isBackedUp: false, transports: [])
            let response = PasskeyRequestResponse(
                credentialID: [1], clientData: parts[1], authenticatorData: parts[3], signature: parts[4])
            _ = try PasskeyAssertion.verify(
                response, of: passkey, asked: .known(credentialIDs: [[1]], userHandle: []), against: expectation)
        }
    }
}
