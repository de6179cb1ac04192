import Kernel
import Testing

@testable import Ledger

struct SignedNoteTests {
    /// The example of the Go package golang.org/x/mod/sumdb/note, where the format comes from.
    private static let example = Array(
        """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

        """.utf8)
    private static let exampleKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    @Test func theNoteOfThePublishedExampleVerifies() throws {
        let verifier = try NoteVerifier(parsing: Self.exampleKey)
        #expect(verifier.text == Self.exampleKey)
        let note = try SignedNote(parsing: Self.example)
        #expect(note.encoded == Self.example)
        #expect(try note.text(signedBy: [verifier]) == Array(Self.example.prefix(note.text.count)))
        #expect(try note.text(signedOnlyBy: [verifier]).last == 0x0A)
    }

    @Test func anyFlippedBitOfAStrictlyOpenedNoteIsRefused() throws {
        let verifier = try NoteVerifier(parsing: Self.exampleKey)
        for index in Self.example.indices {
            for bit in 0..<8 {
                var bytes = Self.example
                bytes[index] ^= 1 << UInt8(bit)
                if (try? SignedNote(parsing: bytes).text(signedOnlyBy: [verifier])) != nil {
                    Issue.record("bit \(bit) of byte \(index) was flipped and the note still held")
                }
            }
        }
    }

    /// The example checkpoint of c2sp.org/tlog-checkpoint: one of the Go checksum database, with another name put in.
    private static let rest = """
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=


        """
    private static let signature =
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8="

    @Test func theCheckpointOfTheSpecificationIsRead() throws {
        let name = "example.com/behind-the-sofa"
        let text = "\(name)\n\(Self.rest)\u{2014} \(name) \(Self.signature)\n"
        let note = try SignedNote(parsing: Array(text.utf8))
        #expect(note.encoded == Array(text.utf8))
        #expect(note.signatures.map(\.keyID) == [0x033d_e0ae])
        let checkpoint = try Checkpoint(parsing: note.text)
        #expect(checkpoint.origin == name)
        #expect(checkpoint.size == 20_852_163)
        #expect(checkpoint.root.description == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
        #expect(checkpoint.text == note.text)
    }

    @Test func theCheckpointOfTheSpecificationVerifiesUnderItsTrueName() throws {
        let verifier = try NoteVerifier(parsing: "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
        let text = "go.sum database tree\n\(Self.rest)\u{2014} sum.golang.org \(Self.signature)\n"
        let note = try SignedNote(parsing: Array(text.utf8))
        #expect(try Checkpoint(parsing: note.text(signedOnlyBy: [verifier])).size == 20_852_163)
        let changed = Array(text.replacing("20852163", with: "20852164").utf8)
        #expect(throws: Problem.self) { try SignedNote(parsing: changed).text(signedBy: [verifier]) }
    }

    @Test func textsWithEmptyLinesEndAtTheLastOne() throws {
        let signer = try NoteSigner(name: "example.org/log", seed: Array(repeating: 7, count: 32))
        let note = try signer.sign(Array("one\n\ntwo\n\nthree\n".utf8))
        #expect(try SignedNote(parsing: note.encoded).text == Array("one\n\ntwo\n\nthree\n".utf8))
    }

    @Test(arguments: [
        "", "\n", "a\n", "a\n\n", "a\n\n— x\n", "a\n\n— x AAAA\n", "a\n\n— x AAAAAAA\n", "a\n\n- x AAAAAAA=\n",
        "a\n\n— x AAAAAAA=",
        "a\n\n— x AAAAAAB=\n", "a\n\n— x  AAAAAAA=\n", "a\n\n— x AAAAAAA= \n", "a\n\n— x+y AAAAAAA=\n",
        "a\r\n\n— x AAAAAAA=\n",
        "a\t\n\n— x AAAAAAA=\n", "\n— x AAAAAAA=\n", "a\n\n— x AAAA\u{2003}AAA=\n",
    ])
    func aMalformedNoteIsRefused(text: String) {
        #expect { try SignedNote(parsing: Array(text.utf8)) } throws: { ($0 as? Problem)?.code == "note.malformed" }
    }

    @Test func signaturesOfStrangersArePassedOverUnlessEveryByteMustBeVouchedFor() throws {
        let log = try NoteSigner(name: "example.org/log", seed: Array(repeating: 1, count: 32))
        let witness = try NoteSigner(name: "witness.example", seed: Array(repeating: 2, count: 32))
        let text = Array("hello\n".utf8)
        let both = SignedNote(
            text: text, signatures: try log.sign(text).signatures + witness.sign(text).signatures)
        let read = try SignedNote(parsing: both.encoded)
        #expect(try read.text(signedBy: [log.verifier]) == text)
        #expect(try read.text(signedOnlyBy: [log.verifier, witness.verifier]) == text)
        #expect { try read.text(signedOnlyBy: [log.verifier]) } throws: { ($0 as? Problem)?.code == "note.stranger" }
        let stranger = try NoteSigner(name: "example.org/log", seed: Array(repeating: 3, count: 32))
        #expect { try read.text(signedBy: [stranger.verifier]) } throws: { ($0 as? Problem)?.code == "note.unsigned" }
        let twice = SignedNote(text: text, signatures: both.signatures + both.signatures)
        #expect(try twice.text(signedBy: [log.verifier]) == text)
        #expect { try twice.text(signedOnlyBy: [log.verifier, witness.verifier]) } throws: {
            ($0 as? Problem)?.code == "note.repeated"
        }
    }

    @Test func aSignatureOfAKnownKeyThatDoesNotHoldSpoilsTheNote() throws {
        let log = try NoteSigner(name: "example.org/log", seed: Array(repeating: 1, count: 32))
        let other = try log.sign(Array("other\n".utf8))
        let note = SignedNote(text: Array("hello\n".utf8), signatures: other.signatures)
        #expect { try note.text(signedBy: [log.verifier]) } throws: { ($0 as? Problem)?.code == "note.signature" }
    }

    @Test func anotherSpellingOfTheSameNameIsAnotherName() throws {
        let signer = try NoteSigner(name: "Kiel.example/log", seed: Array(repeating: 1, count: 32))
        let text = String(decoding: try signer.sign(Array("hello\n".utf8)).encoded, as: UTF8.self)
        // The Kelvin sign equals the letter K in Unicode's eyes.
        let note = try SignedNote(parsing: Array(text.replacing("Kiel", with: "\u{212A}iel").utf8))
        #expect { try note.text(signedBy: [signer.verifier]) } throws: { ($0 as? Problem)?.code == "note.unsigned" }
    }

    @Test(arguments: [
        "", "PeterNeumann", "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpzpQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n", "+c74f20a3+ARpc", "a b+c74f20a3+ARpc",
    ])
    func aMalformedVerifierKeyIsRefused(text: String) {
        #expect { try NoteVerifier(parsing: text) } throws: { ($0 as? Problem)?.code == "note.key" }
    }

    @Test func aSignerNeverPrintsItsKey() throws {
        let seed = Array(repeating: UInt8(0xAB), count: 32)
        let signer = try NoteSigner(name: "example.org/log", seed: seed)
        var dumped = ""
        dump(signer, to: &dumped)
        for text in ["\(signer)", String(reflecting: signer), dumped] {
            #expect(text.contains("example.org/log") && !text.lowercased().contains("abab"))
        }
        #expect(signer.seed == seed)
        #expect(throws: Problem.self) { try signer.sign(Array("no line feed".utf8)) }
    }

    @Test(arguments: [
        "", "a\n", "a\n1\n", "a\n01\n\(MerkleHash.emptyRoot)\n", "a\n+1\n\(MerkleHash.emptyRoot)\n",
        "\n1\n\(MerkleHash.emptyRoot)\n",
        "a\n1\n\(MerkleHash.emptyRoot)", "a\n1\n\(MerkleHash.emptyRoot)\nextension\n", "a\n1\nAAAA\n",
        "a\n-1\n\(MerkleHash.emptyRoot)\n",
        "a\n18446744073709551616\n\(MerkleHash.emptyRoot)\n", "a\n0\n\(MerkleHash.leaf(1))\n",
    ])
    func aMalformedCheckpointIsRefused(text: String) {
        #expect { try Checkpoint(parsing: Array(text.utf8)) } throws: {
            ($0 as? Problem)?.code == "checkpoint.malformed"
        }
    }

    @Test func aCheckpointCountsOnlyUnderTheKeyOfItsOrigin() throws {
        let log = try NoteSigner(name: "example.org/log", seed: Array(repeating: 1, count: 32))
        let checkpoint = try Checkpoint(origin: "example.org/log", size: 0, root: .emptyRoot)
        #expect(try Checkpoint(opening: checkpoint.signed(by: log), with: log.verifier) == checkpoint)
        let foreign = try Checkpoint(origin: "example.org/other", size: 0, root: .emptyRoot)
        #expect(throws: Problem.self) { try foreign.signed(by: log) }
        let forged = try log.sign(foreign.text)
        #expect { try Checkpoint(opening: forged, with: log.verifier) } throws: {
            ($0 as? Problem)?.code == "checkpoint.origin"
        }
    }
}
