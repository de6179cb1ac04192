import Kernel
import TestSupport
import Testing

@testable import Age

struct KeyTests {
    @Test func thePublishedX25519KeyIsReadAndPrintedBack() throws {
        let identity = try AgeIdentity(parsing: Samples.identityText)
        #expect(identity.text == Samples.identityText)
        #expect(identity.recipient.text == Samples.recipientText)
        #expect(identity.recipient.kind == .x25519)
        #expect(try AgeRecipient(parsing: Samples.recipientText) == identity.recipient)
    }

    /// The recipient is 1959 characters long, so its ends stand for it; a round trip and a seal stand for the middle.
    @Test func thePublishedHybridKeyGivesThePublishedRecipient() throws {
        let text = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
        let identity = try AgeIdentity(parsing: text)
        #expect(identity.text == text)
        #expect(identity.recipient.kind == .hybrid)
        #expect(
            identity.recipient.text.hasPrefix("age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zrqtz"))
        #expect(identity.recipient.text.hasSuffix("tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k"))
        #expect(try AgeRecipient(parsing: identity.recipient.text) == identity.recipient)
    }

    @Test(arguments: AgeKeyKind.allCases)
    func newKeysAreReadBackAndDiffer(kind: AgeKeyKind) throws {
        let randomness = seededRandomness(3)
        let one = try AgeIdentity(kind, randomness: randomness)
        let other = try AgeIdentity(kind, randomness: randomness)
        #expect(one.recipient != other.recipient)
        #expect(try AgeIdentity(parsing: one.text).recipient == one.recipient)
        #expect(try AgeRecipient(parsing: one.recipient.text) == one.recipient)
        #expect(one.text.utf8.count == (kind == .x25519 ? 74 : 77))
    }

    @Test func everyChangedCharacterIsNoticed() {
        let recipient = Array(Samples.recipientText.utf8)
        let identity = Array(Samples.identityText.utf8)
        for index in recipient.indices {
            for other in "qz1b!é".utf8 where other != recipient[index] {
                var changed = recipient
                changed[index] = other
                let text = String(decoding: changed, as: UTF8.self)
                #expect(code { _ = try AgeRecipient(parsing: text) } == "age.recipient", "\(text)")
            }
        }
        for index in identity.indices {
            var changed = identity
            changed[index] = changed[index] == UInt8(ascii: "Q") ? UInt8(ascii: "P") : UInt8(ascii: "Q")
            let text = String(decoding: changed, as: UTF8.self)
            #expect(code { _ = try AgeIdentity(parsing: text) } == "age.identity", "\(index)")
        }
    }

    @Test(arguments: [
        ("", "does not begin with age1"), ("ssh-ed25519 AAAA", "does not begin with age1"),
        (Samples.recipientText.uppercased(), "upper case"), ("age1zvkyg2lqzraA", "mixes upper and lower case"),
        (Samples.identityText, "secret identity"), (Samples.identityText.lowercased(), "secret identity"),
        (String(Samples.recipientText.dropLast()), "checksum"), (Samples.recipientText + " ", "does not belong there"),
        ("age1qqq", "is cut off"),
        (Bech32.encode(prefix: "age", [UInt8](repeating: 9, count: 31)), "31 bytes and not 32"),
        (Bech32.encode(prefix: "age1pq", [UInt8](repeating: 9, count: 32)), "32 bytes and not 1216"),
        (Bech32.encode(prefix: "age1tag", [UInt8](repeating: 9, count: 33)), "not known here: age1tag"),
        (Bech32.encode(prefix: "age", [UInt8](repeating: 0, count: 32)), "no public key that anything"),
        (Bech32.encode(prefix: "age1pq", [UInt8](repeating: 0xFF, count: 1216)), "no public key that anything"),
    ])
    func aRecipientThatCannotBeReadIsToldWhy(text: String, reason: String) {
        let problem = Result { try AgeRecipient(parsing: text) }.failure
        // The sentence about upper case says what it must be.
        let expected = reason == "upper case" ? "must be in lower case" : reason
        #expect(problem?.code == "age.recipient" && problem?.kind == .invalid)
        #expect(problem?.message.contains(expected) == true, "\(problem?.message ?? "none")")
    }

    @Test(arguments: [
        ("", "no 1 between"), (Samples.recipientText, "recipient, not an identity"),
        (Samples.identityText.lowercased(), "must be in upper case"),
        (String(Samples.identityText.dropLast(2)), "checksum"),
        (
            Bech32.encode(prefix: "age-secret-key-", [UInt8](repeating: 9, count: 33)).uppercased(),
            "33 bytes and not 32"
        ),
        (Bech32.encode(prefix: "age-secret-key-pq-", [1]).uppercased(), "1 bytes and not 32"),
        (Bech32.encode(prefix: "age-plugin-yubikey-", [1, 2, 3]).uppercased(), "does not begin with AGE-SECRET-KEY-1"),
    ])
    func anIdentityThatCannotBeReadIsToldWhyAndNotShown(text: String, reason: String) {
        let problem = Result { try AgeIdentity(parsing: text) }.failure
        #expect(problem?.code == "age.identity")
        #expect(problem?.message.contains(reason) == true, "\(problem?.message ?? "none")")
        if !text.isEmpty { #expect(!"\(problem.map(String.init(reflecting:)) ?? "")".contains(text)) }
    }

    @Test func aFileOfKeysMayHaveCommentsAndEmptyLines() throws {
        let text = "# created: 2026-03-01\n# public key: x\n\(Samples.identityText)\r\n\n\(Samples.hybridText)"
        #expect(try AgeIdentity.list(text).map(\.text) == [Samples.identityText, Samples.hybridText])
        let recipients = "\r\n#\n\(Samples.recipientText)\n"
        #expect(try AgeRecipient.list(recipients).map(\.text) == [Samples.recipientText])
    }

    @Test(arguments: ["", "\n\n", "# only a comment"])
    func aFileWithoutKeysIsRefused(text: String) {
        #expect(code { _ = try AgeIdentity.list(text) } == "age.identity")
        #expect(code { _ = try AgeRecipient.list(text) } == "age.recipient")
    }

    @Test func theProblemOfAFileNamesTheLine() {
        let problem = Result { try AgeIdentity.list("#\n\n\(Samples.identityText)\n \(Samples.identityText)\n") }
            .failure
        #expect(problem?.place == Problem.Place(line: 4))
        #expect(problem?.description.contains("GFPYYSJZ") == false)
    }

    @Test func secretsShowNothingOfThemselves() throws {
        let values: [Any] = [
            try AgeIdentity(parsing: Samples.identityText), try Samples.identity(.hybrid),
            try AgePassphrase(Array("GFPYYSJZ".utf8)),
            [try AgeDecryptor(with: AgePassphrase(Array("GFPYYSJZ".utf8)))],
            AgeDecryptor(with: [try AgeIdentity(parsing: Samples.identityText)]),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(
                    !text.contains("GFPYYSJZ") && !text.contains("66, 66") && !text.contains("71, 70, 80"), "\(text)")
            }
        }
    }

    @Test func aPassphraseMustHaveSomethingInItAndABoundedCost() {
        #expect(code { _ = try AgePassphrase([]) } == "age.passphrase")
        for (factor, highest) in [(0, 22), (-1, 22), (23, 22), (31, 31), (1, 0)] {
            #expect(
                code { _ = try AgePassphrase([1], workFactor: factor, highestWorkFactor: highest) } == "age.passphrase")
        }
    }
}

extension Result where Failure == any Error {
    /// The problem that it ended with.
    var failure: Problem? {
        if case .failure(let error) = self { error as? Problem } else { nil }
    }
}
