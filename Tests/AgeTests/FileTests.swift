import Kernel
import TestSupport
import Testing

@testable import Age

struct FileTests {
    @Test(arguments: [0, 1, 47, 65_535, 65_536, 65_537, 131_072, 200_000], [false, true])
    func whatIsSealedOpensHoweverItIsCut(size: Int, isArmoured: Bool) throws {
        let plaintext = Samples.bytes(size)
        for kind in AgeKeyKind.allCases {
            let identity = try Samples.identity(kind)
            let sealed = try seal(plaintext, to: [identity.recipient], isArmoured: isArmoured)
            for cut in [Cut.whole, .pieces(of: 65_552), .seeded(UInt64(size)), .seeded(9)] {
                let opened = open(sealed, with: AgeDecryptor(with: [identity]), cut: cut)
                #expect(opened.problem == nil, "\(kind) \(cut)")
                let isSame = opened.plaintext == plaintext
                #expect(isSame, "\(kind) \(cut)")
            }
            let outline = try outlined(sealed, cut: .seeded(2))
            #expect(outline.recipientTypes == [kind == .x25519 ? "X25519" : "mlkem768x25519"])
            #expect(outline.plaintextSize == UInt64(size) && outline.isArmoured == isArmoured)
        }
    }

    @Test(arguments: [false, true])
    func howThePlaintextIsCutChangesNothing(isArmoured: Bool) throws {
        let identity = try Samples.identity(.x25519)
        let plaintext = Samples.bytes(300_000)
        let whole = try seal(plaintext, to: [identity.recipient], isArmoured: isArmoured)
        for cut in [Cut.pieces(of: 4096), .pieces(of: 65_536), .pieces(of: 65_537), .seeded(4), .seeded(5)] {
            let isSame = try seal(plaintext, to: [identity.recipient], isArmoured: isArmoured, cut: cut) == whole
            #expect(isSame, "\(cut)")
        }
        let other = try seal(plaintext, to: [identity.recipient], isArmoured: isArmoured, seed: 8)
        let isOther = other != whole && other.count == whole.count
        #expect(isOther)
    }

    @Test(arguments: AgeKeyKind.allCases)
    func eachOfSeveralRecipientsOpensAndNobodyElse(kind: AgeKeyKind) throws {
        let randomness = seededRandomness(11)
        let identities = try (0..<3).map { _ in try AgeIdentity(kind, randomness: randomness) }
        let stranger = try AgeIdentity(kind, randomness: randomness)
        let sealed = try seal([1, 2, 3], to: identities.map(\.recipient))
        for identity in identities {
            #expect(open(sealed, with: AgeDecryptor(with: [stranger, identity])) == Opened(plaintext: [1, 2, 3]))
        }
        let others = try [stranger, Samples.identity(.x25519), Samples.identity(.hybrid)]
        #expect(open(sealed, with: AgeDecryptor(with: others)).problem?.code == "age.no-match")
        #expect(open(sealed, with: AgeDecryptor(with: [])).problem?.code == "age.no-match")
    }

    @Test func aPassphraseOpensWhatItSealed() throws {
        let passphrase = try AgePassphrase(Array("correct horse".utf8), workFactor: 4)
        var encryptor = try AgeEncryptor(passphrase: passphrase, isArmoured: true, randomness: seededRandomness(1))
        var sealed: [UInt8] = []
        try encryptor.seal(Array("hello".utf8), into: &sealed)
        try encryptor.finish(into: &sealed)
        #expect(open(sealed, with: AgeDecryptor(with: passphrase)) == Opened(plaintext: Array("hello".utf8)))
        #expect(try outlined(sealed).recipientTypes == ["scrypt"])

        let wrong = try AgePassphrase(Array("correct house".utf8))
        #expect(open(sealed, with: AgeDecryptor(with: wrong)).problem?.code == "age.no-match")
        let careful = try AgePassphrase(Array("correct horse".utf8), workFactor: 3, highestWorkFactor: 3)
        #expect(open(sealed, with: AgeDecryptor(with: careful)).problem?.code == "age.work-factor")
        let identity = try Samples.identity(.x25519)
        #expect(open(sealed, with: AgeDecryptor(with: [identity])).problem?.hint == "Give the passphrase.")
        let forIdentity = try seal([], to: [identity.recipient])
        #expect(open(forIdentity, with: AgeDecryptor(with: passphrase)).problem?.code == "age.no-match")
    }

    @Test func someoneMustBeAbleToOpenTheFile() {
        #expect(code { _ = try AgeEncryptor(to: []) } == "age.no-recipients")
    }

    @Test func theWeakerKindNeverStandsBesideTheStronger() throws {
        let recipients = try AgeKeyKind.allCases.map { try Samples.identity($0).recipient }
        #expect(code { _ = try AgeEncryptor(to: recipients) } == "age.mixed-recipients")
    }

    @Test func aHeaderThatNobodyWouldReadIsNotWritten() throws {
        let recipient = try Samples.identity(.x25519).recipient
        let most = 2674
        let sealed = try seal([5], to: Array(repeating: recipient, count: most))
        #expect(try outlined(sealed).recipientTypes.count == most)
        #expect(
            code { _ = try seal([5], to: Array(repeating: recipient, count: most + 1)) } == "age.too-many-recipients")
    }

    @Test func nothingFollowsAfterTheEnd() throws {
        let identity = try Samples.identity(.x25519)
        var encryptor = try AgeEncryptor(to: [identity.recipient])
        var sealed: [UInt8] = []
        try encryptor.finish(into: &sealed)
        let finished = sealed
        do {
            try encryptor.seal([1], into: &sealed)
            Issue.record("sealed after the end")
        } catch { #expect(error.code == "age.finished") }
        do {
            try encryptor.finish(into: &sealed)
            Issue.record("finished twice")
        } catch { #expect(error.code == "age.finished") }
        #expect(sealed == finished)

        var decryptor = AgeDecryptor(with: [identity])
        var plaintext: [UInt8] = []
        try decryptor.open(sealed, into: &plaintext)
        try decryptor.finish(into: &plaintext)
        do {
            try decryptor.open([1], into: &plaintext)
            Issue.record("opened after the end")
        } catch { #expect(error.code == "age.finished") }
    }

    /// Flips bits all over small files: every change of a binary file is noticed, and what was handed out before is right.
    @Test(arguments: [0, 20]) func aChangedBitIsNoticed(size: Int) throws {
        let identity = try Samples.identity(.x25519)
        let plaintext = Samples.bytes(size)
        for isArmoured in [false, true] {
            let sealed = try seal(plaintext, to: [identity.recipient], isArmoured: isArmoured)
            // The line feed at the very end of armour is white space, which may be another.
            for index in sealed.indices.dropLast(isArmoured ? 1 : 0) {
                var changed = sealed
                changed[index] ^= 1 << UInt8(index % 8)
                let opened = open(changed, with: AgeDecryptor(with: [identity]))
                #expect(opened.problem != nil && opened.plaintext.isEmpty, "\(index)")
            }
        }
    }

    @Test func aFileThatWasCutAnywhereIsNoticed() throws {
        let identity = try Samples.identity(.hybrid)
        for isArmoured in [false, true] {
            let sealed = try seal([1, 2, 3], to: [identity.recipient], isArmoured: isArmoured)
            for length in sealed.indices.dropLast(isArmoured ? 1 : 0) where length % 7 == 0 || length > 1600 {
                let opened = open(Array(sealed[..<length]), with: AgeDecryptor(with: [identity]))
                #expect(opened.problem != nil && opened.plaintext.isEmpty, "\(length)")
            }
        }
    }

    @Test func aFaultIsToldAgainAndNothingMoreIsHandedOut() throws {
        let identity = try Samples.identity(.x25519)
        var sealed = try seal(Samples.bytes(200_000), to: [identity.recipient])
        sealed[sealed.count - 100_000] ^= 1
        var decryptor = AgeDecryptor(with: [identity])
        var plaintext: [UInt8] = []
        var codes: [String] = []
        for piece in Cut.pieces(of: 50_000).pieces(sealed) {
            do { try decryptor.open(piece.span, into: &plaintext) } catch { codes.append(error.code) }
        }
        do { try decryptor.finish(into: &plaintext) } catch { codes.append(error.code) }
        #expect(codes.count >= 2 && Set(codes) == ["age.payload"])
        let isFirstChunk = plaintext == Array(Samples.bytes(200_000).prefix(65_536))
        #expect(isFirstChunk)
    }
}
