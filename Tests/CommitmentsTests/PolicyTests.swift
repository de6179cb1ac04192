import Commitments
import Kernel
import Packs
import Store
import TestSupport
import Testing
import Verdicts

@Suite struct PolicyTests {
    @Test func everyCommitmentOfAnImportedPolicyHasAVerdict() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted, .walled, .trained, .flawless))
        try await organisation.see(.pass)
        #expect(
            try await organisation.verdictsNow()
                == ["encrypted": .kept, "walled": .unproven, "trained": .unproven, "flawless": .unprovable])
        let trained = try await organisation.board().standings[2]
        #expect(trained.reason.contains("the people register"))
    }

    @Test func theSameVersionIsNotImportedTwice() async throws {
        let organisation = try await TestOrganisation.make(hosts: 0, pack(.encrypted))
        #expect(
            await problem { try await organisation.importPolicy(pack(.encrypted)) }?.code == "policy.already-current")
        #expect(try await organisation.actions() == ["policy.imported"])
    }

    @Test func aBrokenPackIsRefusedAndNothingIsStored() async throws {
        let organisation = try await TestOrganisation.make(hosts: 0, pack(.encrypted))
        for broken in [Array("format: nonsense".utf8), [0xFF, 0xFE], [], pack(.encrypted, .encrypted)] {
            #expect(await problem { try await organisation.importPolicy(broken) } != nil)
        }
        #expect(try await organisation.actions() == ["policy.imported"])
        #expect(try await organisation.board().register.commitments.count == 1)
    }

    @Test func aTextThatIsNotTheOneThePackNamesIsRefused() async throws {
        let organisation = try await TestOrganisation.make()
        #expect(
            await problem { try await organisation.importPolicy(pack(.encrypted), text: Array("0123456789".utf8)) }
                != nil)
    }

    @Test func aDroppedPromiseIsShownAsWithdrawnFromThenOn() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted, .walled))
        try await organisation.see(.pass)
        let before = organisation.clock.now
        organisation.clock.move(by: .hours(1))
        let diff = try await organisation.importPolicy(pack(.encrypted, version: "2"))
        #expect(diff.withdrawn.map(\.id) == ["walled"])
        #expect(try await organisation.verdictsNow() == ["encrypted": .kept, "walled": .withdrawn])
        #expect(try await organisation.verdicts(at: before) == ["encrypted": .kept, "walled": .unproven])
        organisation.clock.move(by: .days(400))
        #expect(try await organisation.verdictsNow()["walled"] == .withdrawn)
    }

    @Test func aPromiseMadeAgainCountsFromThenAndKeepsItsName() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted, .walled))
        let name = try await organisation.commitment("walled").id
        organisation.clock.move(by: .days(1))
        try await organisation.importPolicy(pack(.encrypted, version: "2"))
        organisation.clock.move(by: .days(1))
        try await organisation.importPolicy(pack(.encrypted, .walled, version: "3"))
        let again = try await organisation.commitment("walled")
        #expect(again.id == name)
        #expect(again.promise.startsAt == organisation.clock.now)
        #expect(try await organisation.verdictsNow()["walled"] == .unproven)
    }

    @Test func twoPoliciesStandSideBySide() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        try await organisation.importPolicy(pack(.encrypted, .walled, policy: "office-rules"))
        let board = try await organisation.board()
        #expect(board.register.policies.map(\.policy) == ["house-rules", "office-rules"])
        #expect(board.standings.count == 3)
    }
}
