import Crypto
import Kernel
import Testing

@testable import Ledger

struct CosignatureTests {
    /// A real checkpoint of a public test log with the cosignatures of four public witnesses of May 2026, as it stands
    /// in the tests of the Python package tlog_scales; the keys are those that the witnesses' operators publish.
    private static let published = """
        arche2025h1.staging.ct.transparency.dev
        1432088532
        U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

        — arche2025h1.staging.ct.transparency.dev \
        zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
        — arche2025h1.staging.ct.transparency.dev \
        ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
        — transparency.dev/DEV:witness-little-garden \
        2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
        — witness1.smartit.nu/witness1 \
        pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
        — remora.n621.de \
        2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
        — witness.stagemole.eu \
        Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==

        """
    private static let logKey =
        "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
    private static let witnessKeys = [
        "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
        "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    ]
    private static let now = Instant(milliseconds: 1_790_000_000_999)

    private static func witness(_ number: UInt8, name: String? = nil) throws -> Cosigner {
        try Cosigner(name: name ?? "witness.example/w\(number)", seed: Array(repeating: number, count: 32))
    }

    @Test func thePublishedCheckpointIsCosignedByTheFourPublishedWitnesses() throws {
        let note = try SignedNote(parsing: Array(Self.published.utf8))
        #expect(note.encoded == Array(Self.published.utf8))
        let log = try NoteVerifier(parsing: Self.logKey)
        #expect(try Checkpoint(opening: note, with: log).size == 1_432_088_532)
        let witnesses = try Self.witnessKeys.map { try CosignatureVerifier(parsing: $0) }
        #expect(witnesses.map(\.text) == Self.witnessKeys)
        let cosignatures = try note.cosignatures(of: witnesses)
        #expect(cosignatures.map(\.witness) == witnesses)
        #expect(Set(cosignatures.map(\.time)) == [Instant("2026-05-23T21:50:24Z")])
    }

    @Test func thePublishedCosignaturesDoNotHoldForAnotherSize() throws {
        let changed = Self.published.replacing("1432088532", with: "1432088533")
        let note = try SignedNote(parsing: Array(changed.utf8))
        for key in Self.witnessKeys {
            #expect(code { try note.cosignatures(of: [CosignatureVerifier(parsing: key)]) } == "note.cosignature")
        }
    }

    @Test func anyFlippedBitOfACosignatureIsSeen() throws {
        let witness = try Self.witness(1)
        let text = Array("example.org/log\n0\n\(MerkleHash.emptyRoot)\n".utf8)
        let line = try witness.cosign(text, at: Self.now)
        #expect(witness.verifier.time(of: line.value, over: text) == Instant(milliseconds: 1_790_000_000_000))
        for index in line.value.indices {
            for bit in 0..<8 {
                var value = line.value
                value[index] ^= 1 << UInt8(bit)
                #expect(witness.verifier.time(of: value, over: text) == nil)
            }
        }
        #expect(witness.verifier.time(of: line.value.dropLast(), over: text) == nil)
        #expect(witness.verifier.time(of: [], over: text) == nil)
    }

    @Test(arguments: [
        "", "witness.example", "remora.n621.de+da77ade7",
        "remora.n621.de+da77ade8+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "remora.n621.de+DA77ADE7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "remora.n621.dE+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "remora.n621.de+da77ade7+AevN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2\n",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
    func aMalformedWitnessKeyIsRefused(text: String) {
        #expect(code { try CosignatureVerifier(parsing: text) } == "note.key")
    }

    @Test(arguments: [-1, 253_402_300_800_000, Int64.max, Int64.min])
    func aTimeThatNoCosignatureCanBearIsRefused(milliseconds: Int64) throws {
        let witness = try Self.witness(1)
        #expect(code { try witness.cosign([0x61, 0x0A], at: Instant(milliseconds: milliseconds)) } == "note.signing")
    }

    /// What a witness signs with its own key is still a stranger's number.
    @Test(arguments: [253_402_300_799, 253_402_300_800, 1 << 55, 1 << 63 - 1, 1 << 63, .max] as [UInt64])
    func aSignedTimeAfterTheYear9999DoesNotHold(seconds: UInt64) throws {
        let witness = try Self.witness(1)
        let key = try Curve25519.Signing.PrivateKey(rawRepresentation: witness.seed)
        let signature = try key.signature(for: CosignatureVerifier.message([0x61, 0x0A], time: seconds))
        let time = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> UInt64(56 - 8 * $0)) }
        let holds = witness.verifier.time(of: time + [UInt8](signature), over: [0x61, 0x0A]) != nil
        #expect(holds == (seconds == 253_402_300_799))
    }

    @Test func witnessesAreCollectedWithTheirNewestTimes() throws {
        let log = try ServedLog(3)
        let (one, two, three) = (try Self.witness(1), try Self.witness(2), try Self.witness(3))
        var note = try log.checkpoint(3)
        note = try note.adding(one.cosign(note.text, at: Self.now))
        note = try note.adding(two.cosign(note.text, at: Self.now))
        let later = Self.now + .minutes(5)
        note = try note.adding(one.cosign(note.text, at: later))
        #expect(note.signatures.count == 3)
        let read = try SignedNote(parsing: note.encoded)
        let found = try read.cosignatures(of: [one.verifier, two.verifier, three.verifier])
        #expect(found.map(\.witness) == [one.verifier, two.verifier])
        #expect(found.map(\.time.milliseconds) == [1_790_000_300_000, 1_790_000_000_000])
        #expect(try Checkpoint(opening: read, with: log.signer.verifier).size == 3)
    }

    @Test func ofSeveralLinesOfOneWitnessTheNewestCountsWhereverItStands() throws {
        let (witness, text) = (try Self.witness(1), try ServedLog(3).checkpoint(3).text)
        let times = [Self.now, Self.now + .minutes(5), Self.now - .minutes(5)]
        let note = SignedNote(text: text, signatures: try times.map { try witness.cosign(text, at: $0) })
        #expect(try note.cosignatures(of: [witness.verifier]).map(\.time.milliseconds) == [1_790_000_300_000])
    }

    @Test func oneKeyUnderTwoNamesIsOneWitness() throws {
        let one = try Self.witness(1)
        let again = try Self.witness(1, name: "witness.example/other")
        var note = try ServedLog(3).checkpoint(3)
        for witness in [one, again] { note = try note.adding(witness.cosign(note.text, at: Self.now)) }
        #expect(try note.cosignatures(of: [one.verifier, again.verifier]).map(\.witness) == [one.verifier])
    }

    @Test func aPlainSignatureIsNoCosignatureAndTheOtherWayRound() throws {
        let log = try ServedLog(3)
        let note = try log.checkpoint(3)
        let same = try Cosigner(name: log.signer.verifier.name, seed: log.signer.seed)
        #expect(same.verifier.keyID != log.signer.verifier.keyID)
        #expect(try note.cosignatures(of: [same.verifier]).isEmpty)
        let only = SignedNote(text: note.text, signatures: [try same.cosign(note.text, at: Self.now)])
        #expect(code { try Checkpoint(opening: only, with: log.signer.verifier) } == "note.unsigned")
    }

    @Test func theAnswersOfWitnessesAreMergedAndStrangersPassedOver() throws {
        let log = try ServedLog(3)
        let note = try log.checkpoint(3)
        let (one, stranger) = (try Self.witness(1), try Self.witness(9))
        let known = try one.cosign(note.text, at: Self.now)
        let answer = SignedNote.lines([try stranger.cosign(note.text, at: Self.now), known])
        let merged = try note.adding(answer: answer, of: [one.verifier])
        #expect(merged.signatures == note.signatures + [known])
        #expect(code { try note.adding(answer: answer, of: [Self.witness(2).verifier]) } == "note.unsigned")
        let other = SignedNote.lines([try one.cosign(log.checkpoint(2).text, at: Self.now)])
        #expect(code { try note.adding(answer: other, of: [one.verifier]) } == "note.cosignature")
    }

    @Test(arguments: ["", "\n", "no\n", "\n— a AAAAAAA=\n", "x\n\n— a AAAAAAA=\n", "— a AAAAAAA="])
    func anAnswerThatIsNotSignatureLinesIsRefused(text: String) throws {
        let note = try ServedLog(1).checkpoint(1)
        #expect(code { try note.adding(answer: Array(text.utf8), of: [Self.witness(1).verifier]) } == "note.malformed")
    }

    @Test func aFullNoteTakesNoMore() throws {
        var note = try ServedLog(1).checkpoint(1)
        for number in 1..<SignedNote.signatureLimit {
            note = try note.adding(Self.witness(UInt8(number)).cosign(note.text, at: Self.now))
        }
        #expect(code { try note.adding(Self.witness(200).cosign(note.text, at: Self.now)) } == "note.full")
        #expect(try SignedNote(parsing: note.encoded) == note)
    }

    @Test func aCosignerNeverPrintsItsKey() throws {
        let witness = try Self.witness(0xAB)
        var dumped = ""
        dump(witness, to: &dumped)
        for text in ["\(witness)", String(reflecting: witness), dumped] {
            #expect(text.contains("witness.example/w171") && !text.lowercased().contains("abab"))
        }
        #expect(witness.seed == Array(repeating: 0xAB, count: 32))
        #expect(code { try Cosigner(name: "a b", seed: witness.seed) } == "note.key")
        #expect(code { try Cosigner(name: "a", seed: [1]) } == "note.key")
    }

    @Test func whatStrangersAddToANoteIsTakenOffAgain() throws {
        let log = try ServedLog(4)
        let witness = try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32))
        let stranger = try Cosigner(name: "stranger.example", seed: Array(repeating: 6, count: 32))
        let note = try log.checkpoint(4)
        let cosigned = try note.adding(witness.cosign(note.text, at: Instant(milliseconds: 2000)))
        let older = try witness.cosign(note.text, at: Instant(milliseconds: 1000))
        let padded = SignedNote(
            text: note.text,
            signatures: try [stranger.cosign(note.text, at: Instant(milliseconds: 0)), older] + cosigned.signatures
                + note.signatures)
        let witnesses = [witness.verifier]
        #expect(padded.reduced(to: [log.signer.verifier], witnesses: witnesses) == cosigned)
        #expect(padded.reduced(to: [log.signer.verifier]) == note)
    }
}

/// The code of the problem that `body` ends with.
func code(_ body: () throws -> some Any) -> String? {
    do {
        _ = try body()
        return nil
    } catch { return (error as? Problem)?.code }
}
