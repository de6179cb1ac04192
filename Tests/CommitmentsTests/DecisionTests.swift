import Commitments
import Kernel
import Ledger
import Store
import TestSupport
import Testing
import Verdicts

@Suite struct ExceptionTests {
    private func request(
        _ organisation: TestOrganisation, until: Period = .days(30), approve: Bool = false, isOnlyPerson: Bool = false,
        as principal: Principal = TestOrganisation.ada
    ) async throws -> AcceptedException {
        try await organisation.desk.requestException(
            from: try await organisation.commitment("encrypted").id, reason: "The disks arrive in May.",
            until: organisation.clock.now + until, approve: approve, isOnlyPerson: isOnlyPerson,
            in: TestOrganisation.id,
            as: principal)
    }

    @Test func anExceptionStandsBesideTheVerdictAndChangesNone() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        try await organisation.see(.fail)
        let asked = try await request(organisation)
        #expect(!asked.stands(at: organisation.clock.now), "it does not count before someone approved it")
        let granted = try await organisation.desk.approveException(
            asked.id, isOnlyPerson: false, in: TestOrganisation.id, as: TestOrganisation.ben)
        #expect(granted.stands(at: organisation.clock.now))
        #expect(!granted.stands(at: organisation.clock.now + .days(30)))
        #expect(try await organisation.verdictsNow() == ["encrypted": .broken])
        #expect(try await organisation.desk.exceptions(in: TestOrganisation.id, as: .operator) == [granted])
        #expect(try await organisation.actions().suffix(2) == ["exception.requested", "exception.approved"])
    }

    @Test func whoAsksCannotApproveOnceThereIsASecondPerson() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        let asked = try await request(organisation)
        let own = await problem {
            _ = try await organisation.desk.approveException(
                asked.id, isOnlyPerson: false, in: TestOrganisation.id, as: TestOrganisation.ada)
        }
        #expect(own?.code == "exception.approver")
        #expect(await problem { _ = try await request(organisation, approve: true) }?.code == "exception.approver")
        let alone = try await request(organisation, approve: true, isOnlyPerson: true)
        #expect(alone.approvedBy == TestOrganisation.ada.actor)
    }

    @Test func anExceptionIsApprovedOnce() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        let asked = try await request(organisation)
        for code in [nil, "exception.approved"] {
            let outcome = await problem {
                _ = try await organisation.desk.approveException(
                    asked.id, isOnlyPerson: false, in: TestOrganisation.id, as: TestOrganisation.ben)
            }
            #expect(outcome?.code == code)
        }
    }

    @Test(arguments: [Period.zero, .days(-1), .days(732)])
    func anExceptionEndsInTheFutureWithinTwoYears(_ until: Period) async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        #expect(await problem { _ = try await request(organisation, until: until) }?.code == "exception.until")
    }
}

@Suite struct PublicationTests {
    private func publish(_ organisation: TestOrganisation) async throws -> Int {
        try await organisation.publications.publish(for: TestOrganisation.id, as: .job(.publish))
    }

    private func proof(_ organisation: TestOrganisation, _ name: String = "encrypted") async throws -> [UInt8] {
        try await organisation.publications.proof(
            of: try await organisation.commitment(name).id, in: TestOrganisation.id)
    }

    @Test func whatIsPublishedIsProvenWithNothingButTheFileAndTheKey() async throws {
        let organisation = try await TestOrganisation.make(hosts: 2, pack(.encrypted, .walled, .flawless))
        for host in 0..<2 { try await organisation.see(.pass, on: host) }
        #expect(try await publish(organisation) == 3)
        let key = try await organisation.database.ledger(of: TestOrganisation.id).verifier().text
        for (name, verdict) in [("encrypted", "kept"), ("walled", "unproven"), ("flawless", "unprovable")] {
            let file = try await proof(organisation, name)
            let verified = try VerdictProof.verify(file, by: NoteVerifier(parsing: key), at: organisation.clock.now)
            #expect(verified.statement.commitment == name)
            #expect(verified.statement.verdict == verdict)
            #expect(verified.isCurrent)
        }
    }

    @Test func afterItsTimeAProofSaysWasKeptUntil() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        try await organisation.see(.pass)
        _ = try await publish(organisation)
        let verifier = try await organisation.database.ledger(of: TestOrganisation.id).verifier()
        let later = try VerdictProof.verify(
            try await proof(organisation), by: verifier, at: organisation.clock.now + .hours(27))
        #expect(!later.isCurrent)
        #expect(later.words == "was kept until \(organisation.clock.now + .hours(26))")
    }

    @Test func aChangedByteOfAProofIsRefused() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        try await organisation.see(.pass)
        _ = try await publish(organisation)
        let file = try await proof(organisation)
        let verifier = try await organisation.database.ledger(of: TestOrganisation.id).verifier()
        for position in file.indices {
            var bytes = file
            bytes[position] ^= 1
            #expect(throws: Problem.self) { try VerdictProof.verify(bytes, by: verifier, at: organisation.clock.now) }
        }
    }

    @Test func whatStillHoldsIsNotStatedAgain() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted, .walled))
        try await organisation.see(.pass)
        #expect(try await publish(organisation) == 2)
        #expect(try await publish(organisation) == 0)
        organisation.clock.move(by: .hours(1))
        try await organisation.see(.pass)
        #expect(try await publish(organisation) == 1, "the evidence for one reaches further now")
        try await organisation.see(.fail)
        #expect(try await publish(organisation) == 1)
        let items = try #require(try await organisation.publications.publication(of: TestOrganisation.id)).items
        #expect(items.map(\.verdict) == [.broken, .unproven])
        #expect(items.map(\.since) == [organisation.clock.now, organisation.clock.now - .hours(1)])
    }

    @Test func aStatementThatRunsOutIsMadeAgainThoughNothingWasWritten() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        #expect(try await publish(organisation) == 1)
        organisation.clock.move(by: .days(5))
        #expect(try await publish(organisation) == 0)
        organisation.clock.move(by: .days(1))
        #expect(try await publish(organisation) == 1)
        let item = try #require(try await organisation.publications.publication(of: TestOrganisation.id)).items[0]
        #expect(item.asOf == organisation.clock.now)
        #expect(item.validUntil == organisation.clock.now + .days(7))
    }

    @Test func everyStatementOfManyChangesStaysProvable() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted, .walled))
        let verifier = try await organisation.database.ledger(of: TestOrganisation.id).verifier()
        for result in [CheckResult.pass, .fail, .unknown, .pass] {
            organisation.clock.move(by: .hours(1))
            try await organisation.see(result)
            _ = try await publish(organisation)
            let file = try await proof(organisation)
            _ = try VerdictProof.verify(file, by: verifier, at: organisation.clock.now)
        }
        #expect(try await organisation.database.ledger(of: TestOrganisation.id).verify().problems.isEmpty)
    }

    @Test func nothingIsPublishedAndNothingProvenBeforeTheFirstTime() async throws {
        let organisation = try await TestOrganisation.make(hosts: 1, pack(.encrypted))
        #expect(try await organisation.publications.publication(of: TestOrganisation.id) == nil)
        #expect(await problem { _ = try await proof(organisation) }?.code == "proof.none")
    }
}
