import Flows
import Identity
import Kernel
import Ledger
import Store
import TestSupport
import Testing
import Wire
import Witnesses

@Suite struct OutsiderTests {
    private func house() async throws -> TestHouse {
        let house = try await TestHouse.make(("Hazelbrook Maps", "laptop"))
        try await house.importExample()
        try await house.rooms.publishChanges(for: house.tenant.id)
        return house
    }

    private func publish(_ house: TestHouse) async throws {
        var reached = PublishedSizes()
        try await house.rooms.publishLedgers(&reached)
    }

    private func cosign(_ house: TestHouse, _ cosigner: Cosigner, after wait: Period = .seconds(0)) async throws {
        let log = house.rooms.database.operatorLog
        let request = try #require(try await log.request(from: 0))
        let signature = try cosigner.cosign(request.checkpoint.text, at: house.clock.now + wait)
        let note = try request.checkpoint.adding(signature)
        try await log.keep(
            answer: Array(note.encoded.dropFirst(request.checkpoint.encoded.count)), to: request,
            of: cosigner.verifier)
    }

    @Test func aLedgerIsTakenInAgainOnlyAfterItHasGrown() async throws {
        let house = try await house()
        let log = house.rooms.database.operatorLog.ledger
        var reached = PublishedSizes()
        try await house.rooms.publishLedgers(&reached)
        #expect(try await log.size() == 1)
        try await house.rooms.publishLedgers(&reached)
        #expect(try await log.size() == 1)
        _ = try await house.rooms.requestException(
            from: "hazelbrook-security", "firewall", reason: "Moving.", until: house.clock.now + .days(3),
            in: house.tenant.id, as: .operator)
        try await house.rooms.publishLedgers(&reached)
        #expect(try await log.size() == 2)
        #expect(try await log.signedCheckpoint() != nil)
    }

    @Test func onlyAskedWitnessesWhoseWordCoversTheLedgerHoldIt() async throws {
        let house = try await house()
        let cosigners = try (1...3).map {
            try Cosigner(name: "witness.example/\($0)", seed: Array(repeating: UInt8($0), count: 32))
        }
        for cosigner in cosigners[..<2] {
            _ = try await house.rooms.witnesses.add(
                "https://witness.example", key: cosigner.verifier.text, as: .operator)
        }
        try await publish(house)
        #expect(try await house.rooms.outsiders(of: house.tenant.id).holders.isEmpty)
        for cosigner in [cosigners[0], cosigners[2]] { try await cosign(house, cosigner) }
        let held = try await house.rooms.outsiders(of: house.tenant.id)
        #expect(held.asked == 2)
        #expect(held.holders.map(\.name) == ["witness.example/1"])
        #expect(held.holders.first?.entries == Int(try await house.rooms.database.ledger(of: house.tenant.id).size()))
        #expect(try await house.rooms.trustPage(slug: "hazelbrook-maps").outsiders == held)

        try await house.rooms.database.operatorLog.note(.contradicts, of: cosigners[1].verifier)
        #expect(try await house.rooms.outsiders(of: house.tenant.id).contradicting == ["witness.example/2"])
        try await house.rooms.witnesses.remove("witness.example/1", as: .operator)
        let left = try await house.rooms.outsiders(of: house.tenant.id)
        #expect(left.holders.isEmpty && left.asked == 1)
    }

    @Test func aCosignatureOfATimeYetToComeIsNotKept() async throws {
        let house = try await house()
        let cosigner = try Cosigner(name: "witness.example/1", seed: Array(repeating: 1, count: 32))
        _ = try await house.rooms.witnesses.add("https://witness.example", key: cosigner.verifier.text, as: .operator)
        try await publish(house)
        await #expect { try await cosign(house, cosigner, after: .minutes(11)) } throws: {
            ($0 as? Problem)?.code == "witness.clock"
        }
        #expect(try await house.rooms.outsiders(of: house.tenant.id).holders.isEmpty)
        try await cosign(house, cosigner, after: .minutes(9))
        #expect(try await house.rooms.outsiders(of: house.tenant.id).holders.count == 1)
    }

    @Test func anOrganisationFoundedSinceTheCosignatureIsHeldByNobody() async throws {
        let house = try await house()
        let cosigner = try Cosigner(name: "witness.example/1", seed: Array(repeating: 1, count: 32))
        _ = try await house.rooms.witnesses.add("https://witness.example", key: cosigner.verifier.text, as: .operator)
        try await publish(house)
        try await cosign(house, cosigner)
        let later = try await house.rooms.found("Second Door", machine: "desk", node: "here", as: .operator)
        try await publish(house)
        #expect(try await house.rooms.outsiders(of: later.id).holders.isEmpty)
        #expect(try await house.rooms.outsiders(of: house.tenant.id).holders.count == 1)
        // The operator's word alone is still a proof of where it stands.
        let proof = try OperatorProof(parsing: try await house.rooms.outsidersProof(slug: later.slug))
        #expect(proof.receipt.checkpoint.signatures.count == 1)
    }
}
