import Commitments
import Kernel
import Ledger
import Store
import TestSupport
import Testing
import Verdicts

@Suite struct VerdictDeskTests {
    @Test func aKeptVerdictTurnsStaleByTheClockAlone() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        try await organisation.see(.pass)
        let board = try await organisation.board()
        #expect(board.holdsUntil == organisation.clock.now + .hours(26))
        organisation.clock.move(by: .hours(26) + Period(milliseconds: -1))
        #expect(try await organisation.verdictsNow() == ["encrypted": .kept])
        organisation.clock.move(by: Period(milliseconds: 1))
        #expect(try await organisation.verdictsNow() == ["encrypted": .stale])
    }

    @Test func oneFailingSubjectIsNotHiddenByPassingOnes() async throws {
        let organisation = try await TestOrganisation.make(hosts: 3, pack(.encrypted))
        for host in 0..<3 { try await organisation.see(host == 1 ? .fail : .pass, on: host) }
        #expect(try await organisation.verdictsNow() == ["encrypted": .broken])
    }

    @Test func aSubjectThatWasNotSeenYetLeavesItUnproven() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        try await organisation.see(.pass)
        try await organisation.join(1)
        #expect(try await organisation.verdictsNow() == ["encrypted": .unproven])
        try await organisation.leave(1)
        #expect(try await organisation.verdictsNow() == ["encrypted": .kept])
    }

    @Test(arguments: [CheckResult.unknown, .error])
    func whatCannotBeToldIsNeverAPass(_ result: CheckResult) async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        try await organisation.see(result)
        #expect(try await organisation.verdictsNow() == ["encrypted": .unproven])
    }

    @Test func theBoardFollowsEveryKindOfChangeAtOnceAndOnlyThose() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        #expect(try await organisation.verdictsNow() == ["encrypted": .unproven])
        try await organisation.see(.pass)
        #expect(try await organisation.verdictsNow() == ["encrypted": .kept])
        let size = try await organisation.board().ledgerSize
        try await organisation.scope.change("evidence.opened") { _ in }
        #expect(try await organisation.board().ledgerSize == size, "what verdicts are not made of changes no board")
        try await organisation.importPolicy(pack(.encrypted, .walled, version: "2"))
        #expect(try await organisation.verdictsNow() == ["encrypted": .kept, "walled": .unproven])
        try await organisation.see(.fail)
        #expect(try await organisation.verdictsNow()["encrypted"] == .broken)
        try await organisation.join(1)
        #expect(try await organisation.board().present.count == 2)
    }

    @Test func aKeptBoardSaysTheSameAsOneMadeAnew() async throws {
        let organisation = try await TestOrganisation.make(hosts: 4, pack(.encrypted, .walled))
        var generator = SeededGenerator(11)
        for _ in 0..<60 {
            organisation.clock.move(by: .minutes(Int.random(in: 0..<400, using: &generator)))
            if Bool.random(using: &generator) {
                try await organisation.see(
                    CheckResult.allCases.randomElement(using: &generator) ?? .pass,
                    on: Int.random(in: 0..<4, using: &generator),
                    Bool.random(using: &generator) ? encryption : firewall,
                    age: .minutes(Int.random(in: 0..<3000, using: &generator)))
            }
            let fresh = VerdictDesk(
                database: organisation.database, commitments: organisation.desk, clock: organisation.clock.clock)
            let anew = try await fresh.board(of: TestOrganisation.id, as: .operator)
            #expect(try await organisation.board().standings.map(\.verdict) == anew.standings.map(\.verdict))
            let known = try await organisation.verdicts(at: organisation.clock.now)
            #expect(try await organisation.verdictsNow() == known)
        }
    }

    @Test func thePastIsToldFromWhatHadBeenReceivedByThen() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        let start = organisation.clock.now
        organisation.clock.move(by: .hours(10))
        // Seen five hours ago, told only now.
        try await organisation.see(.pass, age: .hours(5))
        #expect(try await organisation.verdicts(at: start + .hours(6)) == ["encrypted": .unproven])
        #expect(try await organisation.verdicts(at: start + .hours(10)) == ["encrypted": .kept])
        #expect(try await organisation.verdicts(at: start - .hours(1)).isEmpty)
    }

    @Test func lateEvidenceFillsWhatWasOpenAndNeverErasesBroken() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        let start = organisation.clock.now
        organisation.clock.move(by: .hours(2))
        try await organisation.see(.fail)
        organisation.clock.move(by: .hours(2))
        try await organisation.see(.pass)
        // Comes late: it was fine from the start, and also while it was known as broken.
        try await organisation.see(.pass, age: .hours(4))
        try await organisation.see(.pass, age: .hours(1))
        let history = try await organisation.verdicts.history(
            of: try await organisation.commitment("encrypted"), in: TestOrganisation.id, until: organisation.clock.now,
            as: .operator)
        #expect(history.settledVerdict(at: start + .hours(1)) == .kept)
        #expect(history.settledVerdict(at: start + .hours(3)) == .broken)
        #expect(history.changes.map(\.verdict) == [.unproven, .broken, .kept])
        let shares = try #require(history.shares(ofLast: 90))
        #expect(shares.kept == 0.5 && shares.broken == 0.5)
    }

    @Test func openingEvidenceIsLedgeredOnceForOneRequest() async throws {
        let organisation = try await TestOrganisation.make(hosts: 2, pack(.encrypted))
        for host in 0..<2 { try await organisation.see(.pass, on: host, value: "value \(host)") }
        let fold = try await organisation.board().fold
        let sightings = (0..<2).compactMap { fold.governing(encryption.id, on: TestOrganisation.host($0)) }
        let opened = try await organisation.verdicts.openMeasurements(
            sightings, for: "host:all", in: TestOrganisation.id, as: TestOrganisation.ada)
        #expect(Set(opened.values.map(\.value)) == ["value 0", "value 1"])
        #expect(try await organisation.actions().suffix(2) == ["host.reported", "evidence.opened"])
        let entry = try await organisation.database.ledger(of: TestOrganisation.id).entries(before: nil, limit: 1)[0]
            .entry
        #expect(entry.actor == TestOrganisation.ada.actor)
        #expect(entry.subject == "host:all")
    }

    @Test func aCheckThatNobodyAsksForDecidesNothing() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        try await organisation.see(.pass)
        try await organisation.scope.change("host.reported") { change in
            let stray = Observation(
                check: "endpoint.stray", subject: TestOrganisation.host(0), measurement: Measurement(.fail, value: ""),
                observedAt: change.now, receivedAt: change.now, expiresAt: change.now)
            try EvidenceDesk().receive([stray], in: change)
        }
        #expect(try await organisation.verdictsNow() == ["encrypted": .kept])
    }
}
