import Kernel
import TestSupport
import Testing

@testable import Passkeys

struct CBORTests {
    /// Of RFC 8949, Appendix A: those of its examples that have only kinds of value which are read here.
    private static let examples: [(String, CBORValue)] = [
        ("00", 0), ("01", 1), ("0a", 10), ("17", 23), ("1818", 24), ("1819", 25), ("1864", 100), ("1903e8", 1000),
        ("1a000f4240", 1_000_000), ("1b000000e8d4a51000", 1_000_000_000_000), ("20", -1), ("29", -10), ("3863", -100),
        ("3903e7", -1000), ("f4", .boolean(false)), ("f5", .boolean(true)), ("f6", .null), ("40", .bytes([])),
        ("4401020304", .bytes([1, 2, 3, 4])), ("60", ""), ("6161", "a"), ("6449455446", "IETF"), ("62225c", "\"\\"),
        ("62c3bc", "ü"), ("63e6b0b4", "水"), ("64f0908591", "𐅑"), ("80", .array([])),
        ("83010203", .array([1, 2, 3])), ("8301820203820405", .array([1, .array([2, 3]), .array([4, 5])])),
        ("a0", [:]), ("a201020304", [1: 2, 3: 4]), ("a26161016162820203", ["a": 1, "b": .array([2, 3])]),
        ("826161a161626163", .array(["a", ["b": "c"]])),
    ]

    @Test func theStandardsExamples() throws {
        for (hex, value) in Self.examples {
            let bytes = try #require([UInt8](hex: hex))
            #expect(try CBORReader.value(bytes[...]) == value, "\(hex)")
            #expect(CBORWriter.bytes(value).hex == hex)
        }
    }

    @Test(
        "only the canonical form is read",
        arguments: [
            "", "18", "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "1bffffffffffffffff",
            "3bffffffffffffffff", "3817", "1c", "1f", "3f", "5f4101ff", "7f6161ff", "9f01ff", "bf6161 01ff", "580161",
            "5817", "42 01", "6161 61", "61ff", "62c328", "63eda080", "81", "9a00010000", "9b7fffffffffffffff", "a1",
            "a101", "a201010101", "a202010101", "a2616201616101", "a22001 0101", "a2626161016162 01", "a14101 01",
            "a18001", "a1f501", "a1f601", "c001", "d9d9f700", "e0", "f0", "f7", "f818", "f820", "f90000", "fa00000000",
            "fb3ff199999999999a", "ff", "0000", "8181818181", "818181818180", "a101a101a101a101a10101",
        ])
    func othersAreNot(hex: String) throws {
        let bytes = try #require([UInt8](hex: hex.filter { $0 != " " }))
        #expect(throws: CBORReader.Fault.self) { try CBORReader.value(bytes[...]) }
    }

    @Test func depthAndSizeAreBounded() throws {
        #expect(try CBORReader.value([0x81, 0x81, 0x81, 0x81, 0x01]) == .array([.array([.array([.array([1])])])]))
        #expect(throws: CBORReader.Fault.self) { try CBORReader.value([0x81, 0x81, 0x81, 0x81, 0x81, 0x01]) }
        #expect(throws: CBORReader.Fault.self) {
            try CBORReader.value([0x5A, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 65_536))
        }
        let longest = [0x59, 0xFF, 0xFD] + [UInt8](repeating: 0, count: 65_533)
        #expect(try CBORReader.value(longest[...]).bytes?.count == 65_533)
    }

    @Test("whatever is read of 200,000 spoilt inputs has exactly that spelling")
    func spoiltInputs() throws {
        var generator = SeededGenerator(4)
        let seeds = Vector.published.filter { $0.name != "none.ES256.long-credential-id" }
            .flatMap { [$0("registration.attestationObject"), $0("public_key")] }.filter { !$0.isEmpty }
        let examples = Self.examples.compactMap { [UInt8](hex: $0.0) }
        var accepted = 0
        for round in 0..<200_000 {
            // Short ones mostly: of those more stay well-formed, and long ones cost time.
            let some = round.isMultiple(of: 20) ? seeds : examples
            var bytes = some[Int.random(in: 0..<some.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...4, using: &generator) { Self.spoil(&bytes, &generator) }
            guard let value = try? CBORReader.value(bytes[...]) else { continue }
            accepted += 1
            if CBORWriter.bytes(value) != bytes { Issue.record("\(bytes.hex) has another spelling") }
        }
        #expect(accepted > 10_000)
    }

    @Test("spoilt answers end with a problem of ours, or prove nothing")
    func spoiltAnswers() throws {
        var generator = SeededGenerator(5)
        let response = try Authenticator().creation(signsItself: true)
        for _ in 0..<5_000 {
            var (client, object) = (response.clientData, response.attestationObject)
            Self.spoil(&object, &generator)
            if Bool.random(using: &generator) { Self.spoil(&client, &generator) }
            let spoilt = PasskeyCreationResponse(
                credentialID: response.credentialID, clientData: client, attestationObject: object)
            do {
                let made = try PasskeyRegistration.verify(spoilt, against: Authenticator.expectation)
                // Under another format's name the statement is not looked at; what signs itself must be untouched.
                let isWhole = client == response.clientData && object == response.attestationObject
                #expect(isWhole || made.attestation != .selfSigned)
            } catch {
                #expect((error as? Problem)?.code.hasPrefix("passkey.") == true, "\(error)")
            }
        }
    }

    private static func spoil(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let byte = UInt8.random(in: .min ... .max, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes.insert(byte, at: place)
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2: bytes.removeSubrange(place...)
        case 3 where place < bytes.count: bytes[place] ^= 1 << (byte & 7)
        default: if place < bytes.count { bytes[place] = byte }
        }
    }
}
