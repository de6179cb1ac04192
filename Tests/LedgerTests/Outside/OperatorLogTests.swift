import Kernel
import Testing

@testable import Ledger

struct OperatorLogTests {
    /// An operator's log of 40 leaves whose 18th is an organisation's checkpoint, cosigned by two witnesses.
    private struct World {
        let organisation: ServedLog
        let signer: NoteSigner
        let witnesses: [Cosigner]
        var proof: OperatorProof

        init() throws {
            organisation = try ServedLog(7)
            signer = try NoteSigner(name: "vouchsafe.example/operator", seed: Array(repeating: 3, count: 32))
            witnesses = try (1...2).map {
                try Cosigner(name: "witness.example/w\($0)", seed: Array(repeating: UInt8($0), count: 32))
            }
            let leaf = try OperatorLeaf(organisation.checkpoint(7))
            let tree = StoredTree((0..<40).map { $0 == 17 ? leaf.leafHash : .leaf($0) })
            var reader = tree.reader()
            var note = try Checkpoint(origin: signer.verifier.name, size: 40, root: tree.frontier.root).signed(
                by: signer)
            for (number, witness) in witnesses.enumerated() {
                note = try note.adding(witness.cosign(note.text, at: Instant(milliseconds: Int64(number) * 1000)))
            }
            proof = OperatorProof(leaf: leaf, index: 17, path: try reader.inclusionProof(of: 17), checkpoint: note)
        }

        func verify(
            _ proof: OperatorProof, witnesses: [CosignatureVerifier]? = nil, quorum: Int = 2
        ) throws -> OperatorProof.Witnessed {
            try proof.verify(
                organisation: organisation.signer.verifier, log: signer.verifier,
                witnesses: witnesses ?? self.witnesses.map(\.verifier), quorum: quorum)
        }
    }

    @Test func aProofSurvivesBeingSentAndTellsWhoVouchesAndWhen() throws {
        let world = try World()
        let read = try OperatorProof(parsing: world.proof.encoded)
        #expect(read == world.proof)
        let found = try world.verify(read)
        #expect(found.organisation.size == 7 && found.operatorLog.size == 40 && found.index == 17)
        #expect(found.cosignatures.map(\.witness.name) == ["witness.example/w1", "witness.example/w2"])
        #expect(found.cosignatures.map(\.time.milliseconds) == [0, 1000])
    }

    @Test func theProofIsAPlainReceiptForOtherTools() throws {
        let world = try World()
        let receipt = try InclusionReceipt(parsing: world.proof.encoded)
        try receipt.verify(leaf: world.proof.leaf.encoded, by: world.signer.verifier)
    }

    @Test func tooFewKnownWitnessesAreNotEnough() throws {
        let world = try World()
        let one = [world.witnesses[0].verifier]
        #expect(code { try world.verify(world.proof, witnesses: one) } == "operator.quorum")
        #expect(code { try world.verify(world.proof, witnesses: [], quorum: 1) } == "operator.quorum")
        #expect(try world.verify(world.proof, witnesses: one, quorum: 1).cosignatures.count == 1)
        #expect(try world.verify(world.proof, witnesses: [], quorum: 0).cosignatures.isEmpty)
        let alias = try CosignatureVerifier(name: "witness.example/alias", publicKey: one[0].publicKey)
        #expect(code { try world.verify(world.proof, witnesses: one + [alias]) } == "operator.quorum")
    }

    @Test func aCheckpointThatIsNotInTheLogIsRefused() throws {
        let world = try World()
        let other = OperatorProof(
            leaf: try OperatorLeaf(world.organisation.checkpoint(6)), index: 17, path: world.proof.receipt.path,
            checkpoint: world.proof.receipt.checkpoint)
        #expect(code { try world.verify(other) } == "ledger.inclusion-root")
        let bare = InclusionReceipt(
            index: 17, path: world.proof.receipt.path, checkpoint: world.proof.receipt.checkpoint)
        #expect(code { try OperatorProof(parsing: bare.encoded) } == "operator.proof")
    }

    @Test func eachKeyCountsOnlyInItsOwnPlace() throws {
        let world = try World()
        let (organisation, log) = (world.organisation.signer.verifier, world.signer.verifier)
        for (first, second) in [(log, log), (organisation, organisation), (log, organisation)] {
            #expect(
                code {
                    try world.proof.verify(organisation: first, log: second, witnesses: [], quorum: 0)
                } == "note.unsigned")
        }
    }

    @Test func anyFlippedBitOfAProofIsRefusedOrLosesAWitness() throws {
        let world = try World()
        let bytes = world.proof.encoded
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: Problem.self, "byte \(index)") { try world.verify(OperatorProof(parsing: changed)) }
        }
    }

    @Test func aLeafIsReadInItsOneForm() throws {
        let note = try ServedLog(7).checkpoint(7)
        let leaf = try OperatorLeaf(note)
        #expect(leaf.encoded.starts(with: "vouchsafe/operator-leaf@v1\n".utf8))
        #expect(try OperatorLeaf(parsing: leaf.encoded) == leaf)
        #expect(leaf.checkpoint.size == 7 && leaf.leafHash == MerkleHash(leaf: leaf.encoded))
        #expect(code { try OperatorLeaf(parsing: note.encoded) } == "operator.leaf")
        #expect(code { try OperatorLeaf(parsing: []) } == "operator.leaf")
        #expect(code { try OperatorLeaf(parsing: leaf.encoded.dropLast()) } == "note.malformed")
        let signer = try NoteSigner(name: "a", seed: Array(repeating: 1, count: 32))
        #expect(code { try OperatorLeaf(signer.sign([0x61, 0x0A])) } == "checkpoint.malformed")
    }

    @Test func aLeafThatNoBundleCouldCarryIsRefused() throws {
        let signature = SignedNote.Signature(name: "long.example", keyID: 1, value: Array(repeating: 0, count: 50_000))
        let note = SignedNote(text: try ServedLog(7).checkpoint(7).text, signatures: [signature])
        #expect(code { try OperatorLeaf(note) } == "operator.leaf")
        #expect(code { try OperatorLeaf(parsing: Array(repeating: 0x61, count: 65_536)) } == "operator.leaf")
    }
}
