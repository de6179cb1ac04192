import Crypto
import Foundation
import Kernel
import Store

@testable import Identity
@testable import Passkeys

/// A passkey that a test plays, as a browser would answer with it.
struct SoftPasskey {
    private let key = P256.Signing.PrivateKey()
    private let credentialID: [UInt8]
    private let host = "vouchsafe.example"

    init(_ number: UInt8) {
        credentialID = [UInt8](repeating: number, count: 16)
    }

    private var hostHash: [UInt8] { Array(SHA256.hash(data: Array(host.utf8))) }

    private func clientData(_ type: String, _ challenge: [UInt8]) -> [UInt8] {
        let text = Data(challenge).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        return Array(
            #"{"type":"\#(type)","challenge":"\#(text)","origin":"https://\#(host)","crossOrigin":false}"#.utf8)
    }

    /// What the browser answers when it is added.
    func creation(_ challenge: [UInt8]) -> PasskeyCreationResponse {
        let point = Array(key.publicKey.x963Representation)
        let coseKey: [UInt8] =
            [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20] + point[1..<33] + [0x22, 0x58, 0x20]
            + point[33...]
        let data =
            hostHash + [0x45, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 16) + [0, UInt8(credentialID.count)]
            + credentialID
            + coseKey
        let object: [UInt8] =
            [0xA3, 0x63] + Array("fmt".utf8) + [0x64] + Array("none".utf8) + [0x67] + Array("attStmt".utf8) + [
                0xA0, 0x68,
            ]
            + Array("authData".utf8) + [0x58, UInt8(data.count)] + data
        return PasskeyCreationResponse(
            credentialID: credentialID, clientData: clientData("webauthn.create", challenge), attestationObject: object)
    }

    /// What it answers when it is asked.
    func request(_ challenge: [UInt8], userHandle: [UInt8]) throws -> PasskeyRequestResponse {
        let clientData = clientData("webauthn.get", challenge)
        let data = hostHash + [0x05, 0, 0, 0, 0]
        let signature = try key.signature(for: data + Array(SHA256.hash(data: clientData)))
        return PasskeyRequestResponse(
            credentialID: credentialID, clientData: clientData, authenticatorData: data,
            signature: Array(signature.derRepresentation), userHandle: userHandle)
    }
}

extension TwoHouses {
    /// Adds a passkey to Pia's account, as whoever holds the session.
    func add(_ passkey: SoftPasskey, as signedIn: SignedIn) async throws {
        let site = try Site(authority: "vouchsafe.example")
        let question = try await desk.newPasskeyQuestion(of: signedIn, at: site)
        try await desk.addPasskey(passkey.creation(question.challenge.bytes), called: "mine", of: signedIn, at: site)
    }

    /// Signs in with it, alone or as the second step.
    func signIn(with passkey: SoftPasskey, pending: SecretToken? = nil) async throws -> (SecretToken, SignedIn) {
        let site = try Site(authority: "vouchsafe.example")
        let question = try await desk.passkeyQuestion(for: pending, visitor: "visitor", at: site)
        let handle = try await installation.database.installation(as: .operator).read {
            try $0.find(Factors.self, pia.account.id.retyped())?.record.userHandle ?? []
        }
        return try await desk.signIn(
            with: try passkey.request(question.challenge.bytes, userHandle: handle), pending: pending,
            visitor: "visitor",
            at: site)
    }

    /// A recovery that waits for its second factor.
    func pendingRecovery() async throws -> SecretToken {
        guard case .needsSecondFactor(let pending) = try await recover() else {
            throw Problem(.conflict, code: "test", "No second factor was asked for.")
        }
        return pending
    }

    /// Uses a link where nothing more is asked for.
    func use(_ token: SecretToken, current: String = "") async throws -> SignedIn {
        guard
            case .done(_, let signedIn) = try await desk.recover(
                with: token, password: Self.new, current: current, network: "192.0.2.0/24")
        else { throw Problem(.conflict, code: "test", "A second factor was asked for.") }
        return signedIn
    }
}
