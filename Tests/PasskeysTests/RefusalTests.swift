import Testing

@testable import Passkeys

/// Everything for which an answer is refused, each with its code. What is not spoilt is right and signed.
struct RefusalTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let code: String
        let spoil: @Sendable (inout Authenticator) throws -> Void

        var testDescription: String { name }

        init(_ name: String, _ code: String, _ spoil: @escaping @Sendable (inout Authenticator) throws -> Void) {
            self.name = name
            self.code = code
            self.spoil = spoil
        }
    }

    /// What is wrong alike when a passkey is made and when it is used.
    static let both = [
        Case("another type", "passkey.type") { $0.type = "payment.get" },
        Case("another challenge", "passkey.challenge") { $0.challenge[31] ^= 1 },
        Case("a shorter challenge", "passkey.challenge") { $0.challenge.removeLast() },
        Case("a longer challenge", "passkey.challenge") { $0.challenge.append(0) },
        Case("no challenge", "passkey.challenge") { $0.challenge = [] },
        Case("another origin", "passkey.origin") { $0.origin = "https://vouchsafe.example.org" },
        Case("a subdomain", "passkey.origin") { $0.origin = "https://www.vouchsafe.example" },
        Case("no encryption", "passkey.origin") { $0.origin = "http://vouchsafe.example" },
        Case("another port", "passkey.origin") { $0.origin = "https://vouchsafe.example:8443" },
        Case("a slash", "passkey.origin") { $0.origin += "/" },
        Case("upper case", "passkey.origin") { $0.origin = "https://Vouchsafe.example" },
        Case("crossOrigin", "passkey.cross-origin") { $0.clientDataEnd = #","crossOrigin":true"# },
        Case("topOrigin", "passkey.cross-origin") { $0.clientDataEnd = #","topOrigin":"https://other.example""# },
        Case("topOrigin against its word", "passkey.cross-origin") {
            $0.clientDataEnd = #","crossOrigin":false,"topOrigin":"https://vouchsafe.example""#
        },
        Case("crossOrigin as a text", "passkey.form") { $0.clientDataEnd = #","crossOrigin":"false""# },
        Case("a member twice", "passkey.form") { $0.clientDataEnd = #","type":"webauthn.get""# },
        Case("JSON cut off", "passkey.form") { $0.clientDataEnd = #","a":["# },
        Case("too long", "passkey.form") { $0.clientDataEnd = #","a":"\#(String(repeating: "x", count: 8192))""# },
        Case("another relying party", "passkey.relying-party") { $0.host = "other.example" },
        Case("nobody present", "passkey.not-present") { $0.flags = 0x04 },
        Case("nobody verified", "passkey.not-verified") { $0.flags = 0x01 },
        Case("backed up without being eligible", "passkey.backup") { $0.flags = 0x15 },
        Case("trailing bytes", "passkey.form") { $0.dataEnd = [0] },
        Case("extensions announced", "passkey.form") { $0.flags = 0x85 },
        Case("extensions that are no map", "passkey.form") {
            $0.flags = 0x85; $0.dataEnd = [0x01]
        },
        Case("extensions not in order", "passkey.form") {
            $0.flags = 0x85
            $0.dataEnd = [0xA2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x01]
        },
    ]

    static let making = [
        Case("no id", "passkey.form") { $0.credentialID = [] },
        Case("an id of 1024 bytes", "passkey.form") { $0.credentialID = [UInt8](repeating: 1, count: 1024) },
        Case("none, with a statement", "passkey.form") { $0.statement = ["alg": -7] },
        Case("a format without a name", "passkey.form") { $0.format = "" },
        Case("a format of 33 characters", "passkey.form") { $0.format = String(repeating: "x", count: 33) },
        Case("a statement that is no map", "passkey.form") { $0.statement = .array([]) },
        Case("self-attestation without signature", "passkey.attestation") { $0.format = "packed" },
        Case("self-attestation with a wrong signature", "passkey.attestation") {
            $0.format = "packed"
            $0.statement = ["alg": -7, "sig": .bytes(try $0.sign([1, 2, 3]))]
        },
        Case("self-attestation by another algorithm", "passkey.attestation") {
            $0.format = "packed"
            $0.statement = ["alg": -8, "sig": .bytes(try $0.sign([1, 2, 3]))]
        },
        Case("a key that is no map", "passkey.form") { $0.coseKey = 1 },
        Case("a key without algorithm", "passkey.form") { $0.coseKey = [1: 2] },
        Case("ES384", "passkey.algorithm") { $0.coseKey = [1: 2, 3: -35] },
        Case("ES256K", "passkey.algorithm") { $0.coseKey = [1: 2, 3: -47] },
        Case("a key of another kind than its algorithm", "passkey.key") {
            $0.coseKey = [1: 3, 3: -7, -1: 1, -2: .bytes(zeros(32)), -3: .bytes(zeros(32))]
        },
        Case("a point beside the curve", "passkey.key") {
            $0.coseKey = [1: 2, 3: -7, -1: 1, -2: .bytes(zeros(32)), -3: .bytes(zeros(32))]
        },
        Case("another curve", "passkey.key") {
            $0.coseKey = [1: 2, 3: -7, -1: 2, -2: .bytes(zeros(32)), -3: .bytes(zeros(32))]
        },
        Case("a compressed point", "passkey.key") { $0.coseKey = try $0.publicKey.with(-3, .boolean(true)) },
        Case("a coordinate of 33 bytes", "passkey.key") {
            $0.coseKey = try $0.publicKey.with(-2, .bytes([0] + ($0.publicKey[-2]?.bytes ?? [])))
        },
        Case("something more in the key", "passkey.key") { $0.coseKey = try $0.publicKey.with(2, .bytes([1])) },
        Case("the secret key in the key", "passkey.key") { $0.coseKey = try $0.publicKey.with(-4, .bytes([1])) },
        Case("Ed25519 on another curve", "passkey.key") {
            $0.coseKey = [1: 1, 3: -8, -1: 7, -2: .bytes(zeros(32))]
        },
        Case("Ed25519 of 31 bytes", "passkey.key") { $0.coseKey = [1: 1, 3: -8, -1: 6, -2: .bytes(zeros(31))] },
        Case("RSA of 2047 bits", "passkey.key") { $0.coseKey = rsa([0x7F] + ones(255)) },
        Case("RSA of 1024 bits", "passkey.key") { $0.coseKey = rsa(ones(128)) },
        Case("RSA of 4104 bits", "passkey.key") { $0.coseKey = rsa(ones(513)) },
        Case("RSA with a zero before it", "passkey.key") { $0.coseKey = rsa([0] + ones(256)) },
        Case("RSA with an even modulus", "passkey.key") { $0.coseKey = rsa(ones(255) + [0xFE]) },
        Case("RSA with exponent 3", "passkey.key") { $0.coseKey = rsa(ones(256), exponent: [3]) },
        Case("RSA with exponent 1", "passkey.key") { $0.coseKey = rsa(ones(256), exponent: [1]) },
        Case("RSA with a zero before the exponent", "passkey.key") {
            $0.coseKey = rsa(ones(256), exponent: [0, 1, 0, 1])
        },
    ]

    static let using = [
        Case("another credential", "passkey.credential") { $0.credentialID = [1] },
        Case("another account", "passkey.person") { $0.userHandle = [1] },
        Case("eligible for backup, which it was not", "passkey.backup") { $0.flags = 0x0D },
        Case("a new credential", "passkey.form") { $0.flags = 0x45 },
    ]

    @Test(arguments: both + making)
    func makingIsRefused(_ spoilt: Case) throws {
        var authenticator = try Authenticator()
        try spoilt.spoil(&authenticator)
        let response = try authenticator.creation()
        #expect(
            code { _ = try PasskeyRegistration.verify(response, against: Authenticator.expectation) } == spoilt.code)
    }

    @Test(arguments: both + using)
    func usingIsRefused(_ spoilt: Case) throws {
        var authenticator = try Authenticator()
        let passkey = try authenticator.passkey()
        try spoilt.spoil(&authenticator)
        let response = try authenticator.request()
        #expect(code { try Self.use(response, of: passkey) } == spoilt.code)
    }

    @Test(
        "a counter must grow unless nobody counts",
        arguments: [(0, 0, true), (0, 1, true), (1, 2, true), (1, 1, false), (2, 1, false), (1, 0, false)]
            as [(UInt32, UInt32, Bool)])
    func counter(stored: UInt32, new: UInt32, isFine: Bool) throws {
        var authenticator = try Authenticator()
        authenticator.counter = new
        let (response, passkey) = (try authenticator.request(), try authenticator.passkey(counter: stored))
        #expect(code { try Self.use(response, of: passkey) } == (isFine ? nil : "passkey.copied"))
    }

    @Test func nobodyElseCanMakeItLookCopied() throws {
        let passkey = try Authenticator().passkey(counter: 5)
        let response = try Authenticator().request()
        #expect(code { try Self.use(response, of: passkey) } == "passkey.signature")
    }

    @Test func whoWasNotKnownMustBeNamedByThePasskey() throws {
        var authenticator = try Authenticator()
        let passkey = try authenticator.passkey()
        let anyone = PasskeyAssertion.Asked.anyone(userHandle: Authenticator.handle)
        try Self.use(try authenticator.request(), of: passkey, asked: anyone)
        authenticator.userHandle = nil
        let silent = try authenticator.request()
        try Self.use(silent, of: passkey)
        #expect(code { try Self.use(silent, of: passkey, asked: anyone) } == "passkey.person")
    }

    @Test func aPasskeyThatWasNotAskedForIsRefused() throws {
        let authenticator = try Authenticator()
        let asked = PasskeyAssertion.Asked.known(credentialIDs: [[1], [2]], userHandle: Authenticator.handle)
        let (response, passkey) = (try authenticator.request(), try authenticator.passkey())
        #expect(code { try Self.use(response, of: passkey, asked: asked) } == "passkey.credential")
    }

    @Test func theAnswersIDMustBeTheSignedOne() throws {
        let response = try Authenticator().creation()
        let renamed = PasskeyCreationResponse(
            credentialID: [1], clientData: response.clientData, attestationObject: response.attestationObject)
        #expect(
            code { _ = try PasskeyRegistration.verify(renamed, against: Authenticator.expectation) }
                == "passkey.credential")
    }

    static func use(
        _ response: PasskeyRequestResponse, of passkey: Passkey,
        asked: PasskeyAssertion.Asked = .known(
            credentialIDs: [[UInt8](repeating: 7, count: 16)], userHandle: Authenticator.handle)
    ) throws {
        _ = try PasskeyAssertion.verify(response, of: passkey, asked: asked, against: Authenticator.expectation)
    }
}

private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

private func ones(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xFF, count: count) }

private func rsa(_ modulus: [UInt8], exponent: [UInt8] = [1, 0, 1]) -> CBORValue {
    [1: 3, 3: -257, -1: .bytes(modulus), -2: .bytes(exponent)]
}

extension CBORValue {
    /// The same map with one entry set.
    func with(_ label: Int64, _ value: CBORValue) -> CBORValue {
        guard case .map(let members) = self else { return self }
        let others = members.filter { $0.key != .integer(label) }
        return .map(others + [Member(key: .integer(label), value: value)])
    }
}
