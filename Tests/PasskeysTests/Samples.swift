import Crypto
import CryptoExtras
import Foundation
import Kernel
import Testing

@testable import Passkeys

/// The vectors that lie beside these tests.
struct Vector: CustomTestStringConvertible, Sendable {
    let name: String
    private let values: [String: [UInt8]]

    var testDescription: String { name }

    func callAsFunction(_ key: String) -> [UInt8] { values[key] ?? [] }

    var hasRegistration: Bool { values["registration.attestationObject"] != nil }

    static let published: [Vector] = {
        let sections = text("w3c-webauthn-3.txt").split(separator: "\n[").dropFirst()
        return sections.map { section in
            let lines = section.split(separator: "\n")
            let pairs = lines.dropFirst().map { line in
                let parts = line.components(separatedBy: " = ")
                return (parts[0], [UInt8](hex: parts[1]) ?? [])
            }
            return Vector(name: String(lines[0].dropLast()), values: Dictionary(uniqueKeysWithValues: pairs))
        }
    }()

    static func text(_ name: String) -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")
        return (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    func expectation(_ part: String, demandsUserVerification: Bool = false) -> PasskeyExpectation {
        PasskeyExpectation(
            challenge: self("\(part).challenge"), origins: ["https://example.org"], relyingParty: "example.org",
            demandsUserVerification: demandsUserVerification)
    }

    func register() throws -> PasskeyRegistration {
        try PasskeyRegistration.verify(
            PasskeyCreationResponse(
                credentialID: self("credential_id"), clientData: self("registration.clientDataJSON"),
                attestationObject: self("registration.attestationObject")),
            against: expectation("registration"))
    }

    /// The passkey as a registration that was checked would have left it.
    func passkey(algorithm: PasskeyAlgorithm = .es256) -> Passkey {
        let flags = AuthenticatorData.Flags(rawValue: self("authentication.authenticatorData")[32])
        return Passkey(
            credentialID: self("credential_id"), publicKey: self("public_key"), algorithm: algorithm, counter: 0,
            isBackupEligible: flags.contains(.backupEligible), isBackedUp: false, transports: [])
    }

    func authenticate(_ passkey: Passkey) throws -> PasskeyAssertion {
        try PasskeyAssertion.verify(
            PasskeyRequestResponse(
                credentialID: self("credential_id"), clientData: self("authentication.clientDataJSON"),
                authenticatorData: self("authentication.authenticatorData"),
                signature: self("authentication.signature")),
            of: passkey, asked: .known(credentialIDs: [passkey.credentialID], userHandle: []),
            against: expectation("authentication"))
    }
}

/// An authenticator that a test plays, with every part open to be spoilt before it is signed.
struct Authenticator {
    enum Key {
        case edDSA(Curve25519.Signing.PrivateKey)
        case es256(P256.Signing.PrivateKey)
        case rs256(_RSA.Signing.PrivateKey)
    }

    static let origin = "https://vouchsafe.example"
    static let challenge = [UInt8](0..<32)
    static let handle = [UInt8](repeating: 9, count: 64)

    let algorithm: PasskeyAlgorithm
    let key: Key
    var host = "vouchsafe.example"
    var flags: UInt8 = 0x05
    var counter: UInt32 = 0
    var credentialID = [UInt8](repeating: 7, count: 16)
    var type: String?
    var challenge = Authenticator.challenge
    var origin = Authenticator.origin
    /// More members of the client data, each with a comma before it.
    var clientDataEnd = #","crossOrigin":false"#
    var coseKey: CBORValue?
    var format = "none"
    var statement: CBORValue = [:]
    /// What follows after the parts of the authenticator data.
    var dataEnd: [UInt8] = []
    var userHandle: [UInt8]? = Authenticator.handle

    init(_ algorithm: PasskeyAlgorithm = .es256) throws {
        self.algorithm = algorithm
        key =
            switch algorithm {
            case .edDSA: .edDSA(Curve25519.Signing.PrivateKey())
            case .es256: .es256(P256.Signing.PrivateKey())
            case .rs256: .rs256(try _RSA.Signing.PrivateKey(keySize: .bits2048))
            }
    }

    var publicKey: CBORValue {
        get throws {
            switch key {
            case .edDSA(let key): return [1: 1, 3: -8, -1: 6, -2: .bytes(Array(key.publicKey.rawRepresentation))]
            case .es256(let key):
                let point = Array(key.publicKey.x963Representation)
                return [1: 2, 3: -7, -1: 1, -2: .bytes(Array(point[1..<33])), -3: .bytes(Array(point[33...]))]
            case .rs256(let key):
                let numbers = try key.publicKey.getKeyPrimitives()
                return [1: 3, 3: -257, -1: .bytes(Array(numbers.modulus)), -2: .bytes(Array(numbers.publicExponent))]
            }
        }
    }

    func sign(_ message: [UInt8]) throws -> [UInt8] {
        switch key {
        case .edDSA(let key): Array(try key.signature(for: message))
        case .es256(let key): Array(try key.signature(for: message).derRepresentation)
        case .rs256(let key): Array(try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }

    func clientData(_ usual: String) -> [UInt8] {
        let text =
            #"{"type":"\#(type ?? usual)","challenge":"\#(Base64URL.text(challenge))","origin":"\#(origin)"\#(clientDataEnd)}"#
        return Array(text.utf8)
    }

    func data(attested: [UInt8] = []) -> [UInt8] {
        let counter: [UInt8] = (0..<4).reversed().map { UInt8(truncatingIfNeeded: self.counter >> UInt32(8 * $0)) }
        return Array(SHA256.hash(data: Array(host.utf8))) + [flags | (attested.isEmpty ? 0 : 0x40)] + counter + attested
            + dataEnd
    }

    /// What it answers when a passkey is made.
    func creation(signsItself: Bool = false) throws -> PasskeyCreationResponse {
        let clientData = clientData("webauthn.create")
        let attested =
            [UInt8](repeating: 0, count: 16) + [UInt8(credentialID.count >> 8), UInt8(credentialID.count & 255)]
            + credentialID + CBORWriter.bytes(try coseKey ?? publicKey)
        let data = data(attested: attested)
        var statement = statement
        if signsItself {
            let signature = try sign(data + Array(SHA256.hash(data: clientData)))
            statement = ["alg": .integer(algorithm.rawValue), "sig": .bytes(signature)]
        }
        let object: CBORValue = [
            "fmt": .text(signsItself ? "packed" : format), "attStmt": statement, "authData": .bytes(data),
        ]
        return PasskeyCreationResponse(
            credentialID: credentialID, clientData: clientData, attestationObject: CBORWriter.bytes(object))
    }

    /// What it answers when the passkey is used.
    func request() throws -> PasskeyRequestResponse {
        let clientData = clientData("webauthn.get")
        let data = data()
        return PasskeyRequestResponse(
            credentialID: credentialID, clientData: clientData, authenticatorData: data,
            signature: try sign(data + Array(SHA256.hash(data: clientData))), userHandle: userHandle)
    }

    func passkey(counter: UInt32 = 0) throws -> Passkey {
        Passkey(
            credentialID: credentialID, publicKey: CBORWriter.bytes(try publicKey), algorithm: algorithm,
            counter: counter, isBackupEligible: false, isBackedUp: false, transports: [])
    }

    static let expectation = PasskeyExpectation(
        challenge: challenge, origins: [origin], relyingParty: "vouchsafe.example", demandsUserVerification: true)
}

/// The code of the problem that `work` ends with; `nil` if it succeeds.
func code(_ work: () throws -> Void) -> String? {
    do {
        try work()
        return nil
    } catch {
        return (error as? Problem)?.code ?? "\(error)"
    }
}
