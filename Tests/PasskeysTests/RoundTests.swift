import Kernel
import Testing

@testable import Passkeys

/// Passkeys are made and used, and nothing of a valid answer can be changed.
struct RoundTests {
    @Test(arguments: PasskeyAlgorithm.allCases, [false, true])
    func aPasskeyIsMadeAndUsed(algorithm: PasskeyAlgorithm, signsItself: Bool) throws {
        var authenticator = try Authenticator(algorithm)
        authenticator.counter = 3
        let made = try PasskeyRegistration.verify(
            try authenticator.creation(signsItself: signsItself), against: Authenticator.expectation)
        #expect(made.attestation == (signsItself ? .selfSigned : .none))
        #expect(made.passkey == (try authenticator.passkey(counter: 3)))
        #expect(made.isUserVerified)

        authenticator.counter = 4
        let used = try PasskeyAssertion.verify(
            try authenticator.request(), of: made.passkey,
            asked: .anyone(userHandle: Authenticator.handle), against: Authenticator.expectation)
        #expect(used.passkey.counter == 4)
        #expect(used.isUserVerified)
    }

    @Test func aPasskeyMayBecomeCopiedToOtherDevices() throws {
        var authenticator = try Authenticator()
        authenticator.flags = 0x0D
        let made = try PasskeyRegistration.verify(try authenticator.creation(), against: Authenticator.expectation)
        #expect(made.passkey.isBackupEligible && !made.passkey.isBackedUp)
        authenticator.flags = 0x1D
        let used = try PasskeyAssertion.verify(
            try authenticator.request(), of: made.passkey,
            asked: .anyone(userHandle: Authenticator.handle), against: Authenticator.expectation)
        #expect(used.passkey.isBackedUp)
        // From then on it may not say that it never was.
        authenticator.flags = 0x05
        let response = try authenticator.request()
        #expect(code { try RefusalTests.use(response, of: used.passkey) } == "passkey.backup")
    }

    @Test("a maker's statement is taken without being trusted", arguments: ["packed", "tpm", "apple", "unheard-of"])
    func makersStatement(format: String) throws {
        var authenticator = try Authenticator()
        authenticator.format = format
        authenticator.statement = ["sig": .bytes([1]), "x5c": .array([.bytes([1, 2, 3])])]
        let made = try PasskeyRegistration.verify(try authenticator.creation(), against: Authenticator.expectation)
        #expect(made.attestation == .unchecked(format: format))
    }

    @Test func extensionsAndReservedFlagsDoNotMatter() throws {
        var authenticator = try Authenticator()
        authenticator.flags = 0xA7
        authenticator.dataEnd = CBORWriter.bytes(["credProtect": 2])
        let passkey = try authenticator.passkey()
        try RefusalTests.use(try authenticator.request(), of: passkey)
        _ = try PasskeyRegistration.verify(try authenticator.creation(), against: Authenticator.expectation)
    }

    @Test("no byte of a valid answer can be changed", arguments: PasskeyAlgorithm.allCases)
    func mutations(algorithm: PasskeyAlgorithm) throws {
        var authenticator = try Authenticator(algorithm)
        authenticator.counter = 7
        let (response, passkey) = (try authenticator.request(), try authenticator.passkey())
        try RefusalTests.use(response, of: passkey)
        let parts = [response.clientData, response.authenticatorData, response.signature, passkey.publicKey]
        for part in parts.indices {
            for place in parts[part].indices {
                for change in [0x01, 0x80, 0xFF] as [UInt8] {
                    var changed = parts
                    changed[part][place] ^= change
                    let spoilt = PasskeyRequestResponse(
                        credentialID: response.credentialID, clientData: changed[0], authenticatorData: changed[1],
                        signature: changed[2], userHandle: response.userHandle)
                    let other = Passkey(
                        credentialID: passkey.credentialID, publicKey: changed[3], algorithm: algorithm, counter: 0,
                        isBackupEligible: false, isBackedUp: false, transports: [])
                    let refusal = code { try RefusalTests.use(spoilt, of: other) }
                    #expect(refusal?.hasPrefix("passkey.") == true, "part \(part), byte \(place), \(change)")
                }
            }
        }
    }

    @Test("no answer can be shortened or lengthened")
    func lengths() throws {
        let authenticator = try Authenticator()
        let (response, passkey) = (try authenticator.request(), try authenticator.passkey())
        for count in 0..<response.authenticatorData.count {
            let spoilt = PasskeyRequestResponse(
                credentialID: response.credentialID, clientData: response.clientData,
                authenticatorData: Array(response.authenticatorData.prefix(count)), signature: response.signature,
                userHandle: response.userHandle)
            #expect(code { try RefusalTests.use(spoilt, of: passkey) } == "passkey.form")
        }
        for signature in [[], Array(response.signature.dropLast()), response.signature + [0]] {
            let spoilt = PasskeyRequestResponse(
                credentialID: response.credentialID, clientData: response.clientData,
                authenticatorData: response.authenticatorData, signature: signature,
                userHandle: response.userHandle)
            #expect(code { try RefusalTests.use(spoilt, of: passkey) } == "passkey.signature")
        }
        let object = try authenticator.creation()
        for count in 0..<object.attestationObject.count {
            let spoilt = PasskeyCreationResponse(
                credentialID: object.credentialID, clientData: object.clientData,
                attestationObject: Array(object.attestationObject.prefix(count)))
            #expect(
                code { _ = try PasskeyRegistration.verify(spoilt, against: Authenticator.expectation) }
                    == "passkey.form")
        }
    }
}
