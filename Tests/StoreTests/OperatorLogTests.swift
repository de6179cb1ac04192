import Kernel
import Ledger
import Store
import StoreSupport
import TestSupport
import Testing

@Suite(.onEveryDatabase) struct OperatorLogTests {
    private let scopes = [TestStore.one, TestStore.other]

    /// A store with entries in both ledgers, signed and taken into the log.
    private func published(_ entries: Int = 3) async throws -> TestStore {
        let store = try await TestStore.make()
        for number in 0..<entries { try await store.write("\(number)") }
        try await publish(store)
        return store
    }

    private func publish(_ store: TestStore) async throws {
        for scope in scopes { try await store.database.ledger(of: scope).publishCheckpoint() }
        for scope in scopes { try await store.database.operatorLog.append(checkpointOf: scope) }
        try await store.database.operatorLog.ledger.publishCheckpoint()
    }

    private func size(_ store: TestStore) async throws -> UInt64 {
        try await store.database.operatorLog.ledger.size()
    }

    @Test func aCheckpointIsTakenInOnceAndTheNextOneAfterAChange() async throws {
        let store = try await published()
        #expect(try await size(store) == 2)
        #expect(try await store.database.operatorLog.append(checkpointOf: TestStore.one) == 3)
        try await store.write("more")
        #expect(try await store.database.operatorLog.append(checkpointOf: TestStore.one) == 3, "it is not signed yet")
        #expect(try await size(store) == 2)
        try await publish(store)
        #expect(try await size(store) == 3)
        #expect(try await store.problems(of: .operatorLog) == [])
        try await store.driver.close()
    }

    @Test func severalAtOnceTakeEachCheckpointInOnce() async throws {
        let store = try await TestStore.make()
        try await store.write("one")
        for scope in scopes { try await store.database.ledger(of: scope).publishCheckpoint() }
        try await withThrowingTaskGroup(of: UInt64?.self) { group in
            for _ in 0..<8 {
                for scope in scopes {
                    group.addTask { try await store.database.operatorLog.append(checkpointOf: scope) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await size(store) == 2)
        try await store.driver.close()
    }

    @Test func everyInstallationsLogHasANameOfItsOwn() async throws {
        let (first, second) = (try await TestStore.make(seed: 1), try await TestStore.make(seed: 2))
        let names = [
            try await first.database.operatorLog.ledger.verifier().name,
            try await second.database.operatorLog.ledger.verifier().name,
        ]
        #expect(names[0] != names[1])
        #expect(names.allSatisfy { $0.hasPrefix("vouchsafe/operator/") })
        try await first.driver.close()
        let again = try await TestStore.open(first.folder, seed: 9)
        #expect(try await again.database.operatorLog.ledger.verifier().name == names[0])
        try await again.driver.close()
        try await second.driver.close()
    }

    @Test func onlyWhatASignedCheckpointCoversIsServed() async throws {
        let store = try await TestStore.make()
        let ledger = store.database.ledger(of: TestStore.one)
        for number in 0..<300 { try await store.write("\(number)") }
        #expect(try await ledger.signedCheckpoint() == nil)
        let full = try #require(Tile(.entries, index: 0))
        #expect(try await ledger.content(of: full) == nil)
        try await ledger.publishCheckpoint()
        try await store.write("unsigned")
        for (tile, isThere) in [
            (Tile(.entries, index: 1, width: 44), true), (Tile(.entries, index: 1, width: 45), false),
            (Tile(.hashes(level: 0), index: 1, width: 44), true), (Tile(.hashes(level: 0), index: 1, width: 45), false),
            (Tile(.hashes(level: 1), index: 0, width: 1), true), (Tile(.hashes(level: 1), index: 0, width: 2), false),
            (Tile(.hashes(level: 63), index: 0, width: 1), false), (Tile(.entries, index: (1 << 55) - 1), false),
        ] {
            #expect(try await (ledger.content(of: #require(tile)) != nil) == isThere, "\(String(describing: tile))")
        }
        try await store.driver.close()
    }

    @Test func aFollowerAgreesWithWhatIsServedAtEverySizeOnTheWay() async throws {
        let store = try await TestStore.make()
        let ledger = store.database.ledger(of: TestStore.one)
        var follower = LedgerFollower(trusting: try await ledger.verifier())
        for step in [1, 254, 1, 1, 50] {
            for number in 0..<step { try await store.write("\(number)") }
            let note = try await ledger.publishCheckpoint()
            let report = try await follower.advance(to: note.encoded) { path in
                guard case .tile(let tile) = path, let bytes = try await ledger.content(of: tile) else {
                    throw Problem(.notFound, code: "test.tile", "There is no \(path).")
                }
                return bytes
            }
            #expect(report.entries.count == step)
        }
        #expect(follower.size == 307)
        try await store.driver.close()
    }

    // MARK: - Witnesses

    private let witness = Result { try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32)) }

    /// Asks an honest witness in memory, as the server does.
    private func ask(
        _ store: TestStore, _ cosigner: Cosigner, from size: UInt64, memory: WitnessMemory?, at time: Int64 = 1_000_000
    ) async throws -> WitnessMemory? {
        let log = store.database.operatorLog
        let verifier = try await log.ledger.verifier()
        let request = try #require(try await log.request(from: size))
        let judgement = WitnessJudgement(of: request.encoded, logs: [WitnessedLog(verifier)]) { _ in memory }
        guard case .cosign(let kept, _) = judgement else { return nil }
        let answer = try judgement.answer(by: cosigner, at: Instant(milliseconds: time))
        try await log.keep(answer: answer.body, to: request, of: cosigner.verifier)
        return kept
    }

    @Test func aWitnessFollowsTheLogAndItsWordIsServedAndProves() async throws {
        let store = try await published()
        let cosigner = try witness.get()
        let log = store.database.operatorLog
        var memory = try #require(try await ask(store, cosigner, from: 0, memory: nil))
        #expect(memory.size == 2)
        try await store.write("more")
        try await publish(store)
        #expect(try await log.checkpoint()?.cosignatures(of: [cosigner.verifier]).isEmpty == true)
        memory = try #require(try await ask(store, cosigner, from: memory.size, memory: memory, at: 5_000_000))
        #expect(memory.size == 3)

        let served = try #require(try await log.checkpoint())
        #expect(try served.cosignatures(of: [cosigner.verifier]).map(\.time) == [Instant(milliseconds: 5_000_000)])
        let extent = try #require(try await log.extents(of: [cosigner.verifier]).first)
        #expect(extent.logSize == 3)
        #expect(try await log.entries(of: TestStore.one, inFirst: extent.logSize) == 4)

        let proof = try await log.proof(of: TestStore.one, under: [cosigner.verifier])
        let read = try OperatorProof(parsing: proof.encoded)
        let shown = try read.verify(
            organisation: try await store.database.ledger(of: TestStore.one).verifier(),
            log: try await log.ledger.verifier(), witnesses: [cosigner.verifier], quorum: 1)
        #expect(shown.organisation.size == 4 && shown.operatorLog.size == 3)
        #expect(try await store.problems(of: .operatorLog) == [])
        try await store.driver.close()
    }

    @Test func theProofIsUnderWhatMostWitnessesHoldAndUnderTheOperatorsWordWithoutAny() async throws {
        let store = try await published()
        let log = store.database.operatorLog
        let verifiers = [
            try await store.database.ledger(of: TestStore.one).verifier(), try await log.ledger.verifier(),
        ]
        func verified(_ witnesses: [CosignatureVerifier]) async throws -> OperatorProof.Witnessed {
            try await log.proof(of: TestStore.one, under: witnesses)
                .verify(organisation: verifiers[0], log: verifiers[1], witnesses: witnesses, quorum: 0)
        }
        #expect(try await verified([]).cosignatures.isEmpty)
        let cosigners = try (1...3).map { try Cosigner(name: "w\($0)", seed: Array(repeating: UInt8($0), count: 32)) }
        for cosigner in cosigners[..<2] { _ = try await ask(store, cosigner, from: 0, memory: nil) }
        try await store.write("more")
        try await publish(store)
        _ = try await ask(store, cosigners[2], from: 0, memory: nil)
        let shown = try await verified(cosigners.map(\.verifier))
        #expect(shown.cosignatures.count == 2 && shown.operatorLog.size == 2 && shown.organisation.size == 3)
        try await log.forget(cosigners[0].verifier)
        let later = try await verified(cosigners.map(\.verifier))
        #expect(later.cosignatures.count == 1 && later.operatorLog.size == 3 && later.organisation.size == 4)
        try await store.driver.close()
    }

    @Test func anAnswerThatDoesNotHoldIsNotKept() async throws {
        let store = try await published()
        let log = store.database.operatorLog
        let cosigner = try witness.get()
        let request = try #require(try await log.request(from: 0))
        let stranger = try Cosigner(name: "witness.example/w", seed: Array(repeating: 6, count: 32))
        let signature = try stranger.cosign(request.checkpoint.text, at: Instant(milliseconds: 0))
        let note = try request.checkpoint.adding(signature)
        let line = Array(note.encoded.dropFirst(request.checkpoint.encoded.count))
        for answer in [[], [10], Array("no\n".utf8), line] {
            #expect(
                await problem { try await log.keep(answer: answer, to: request, of: cosigner.verifier) } != nil)
        }
        #expect(try await log.extents(of: [cosigner.verifier, stranger.verifier]).isEmpty)
        try await store.driver.close()
    }

    @Test func anAnswerForAShorterLogNeverTakesTheLongersPlace() async throws {
        let store = try await published()
        let log = store.database.operatorLog
        let cosigner = try witness.get()
        let older = try #require(try await log.request(from: 0))
        try await store.write("more")
        try await publish(store)
        _ = try await ask(store, cosigner, from: 0, memory: nil)
        let late = try older.checkpoint.adding(cosigner.cosign(older.checkpoint.text, at: Instant(milliseconds: 0)))
        try await log.keep(
            answer: Array(late.encoded.dropFirst(older.checkpoint.encoded.count)), to: older, of: cosigner.verifier)
        #expect(try await log.extents(of: [cosigner.verifier]).map(\.logSize) == [3])
        try await store.driver.close()
    }

    @Test func aSizeThatTheLogNeverHadIsRefused() async throws {
        let store = try await published()
        let refusal = await problem { _ = try await store.database.operatorLog.request(from: 9) }
        #expect(refusal?.code == "operator.unknown-size")
        try await store.driver.close()
    }

    @Test func aLedgerThatWasRolledBackIsNotTakenInAndDoesNotStopTheOthers() async throws {
        let store = try await published()
        try await store.write("more")
        try await publish(store)
        try await store.database.scope(TestStore.other, as: .operator).change("remark.made") {
            try $0.insert(TestStore.remark("there", in: $0))
        }
        try await store.database.ledger(of: TestStore.other).publishCheckpoint()
        try await store.driver.close()
        try store.folder.withRawDatabase { raw in
            let ours = raw.literal(TestStore.one.bytes)
            try raw.execute("DELETE FROM checkpoint WHERE size = 4 AND organisation = \(ours)")
        }
        let again = try await TestStore.open(store.folder, seed: 4)
        let refusal = await problem { try await again.database.operatorLog.append(checkpointOf: TestStore.one) }
        #expect(refusal?.code == "operator.shrunk")
        try await again.database.operatorLog.append(checkpointOf: TestStore.other)
        #expect(try await size(again) == 4, "the other organisation's was taken in")
        try await again.driver.close()
    }

    @Test func nothingButCheckpointsGetsIn() async throws {
        let store = try await published()
        let scope = store.database.scope(.operatorLog, as: .operator)
        #expect(await problem { try await scope.change("remark.made") { _ in } }?.code == "store.checkpoints-only")
        try await store.driver.close()
    }

    @Test func itsDataKeyIsRotatedAndRetiredAndTheInstallationsLedgerTellsOfIt() async throws {
        let store = try await published()
        let keys = store.database.keys(of: .operatorLog)
        let name = try await store.database.operatorLog.ledger.verifier().name
        let told = try await store.size(of: .installation)
        let key = try await keys.rotate(as: .operator)
        try await keys.reseal(as: .operator)
        #expect(try await keys.states().map(\.id) == [key])
        #expect(try await store.size(of: .installation) == told + 2)
        #expect(try await size(store) == 2)
        #expect(try await store.problems(of: .operatorLog) == [])
        try await store.driver.close()
        let again = try await TestStore.open(store.folder, seed: 9)
        #expect(try await again.database.operatorLog.ledger.verifier().name == name)
        try await again.write("more")
        try await publish(again)
        #expect(try await again.problems(of: .operatorLog) == [])
        try await again.driver.close()
    }

    @Test(arguments: ["leaf", "leaf_hash"])
    func aChangedLeafIsNamed(_ column: String) async throws {
        let store = try await published()
        try await store.driver.close()
        try store.folder.withRawDatabase { raw in
            let log = SQLValue.blob(Identifier<Organisation>.operatorLog.bytes)
            let row = try #require(
                try (0..<(try raw.count("ledger_entry"))).first { row in
                    let place = try raw.place(ofRow: row, in: "ledger_entry")
                    return try raw.rows("SELECT organisation FROM ledger_entry WHERE \(place)") == [[log]]
                })
            #expect(try raw.changeByte(of: column, in: "ledger_entry", row: row, at: "middle"))
        }
        let again = try await TestStore.open(store.folder, seed: 4)
        #expect(try await !again.problems(of: .operatorLog).isEmpty)
        try await again.driver.close()
    }
}
