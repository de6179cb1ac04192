import Commitments
import Flows
import Identity
import Kernel
import Ledger
import Store
import TestSupport
import Testing
import Verdicts
import Wire

@Suite struct MainJobTests {
    @Test func theSixVerdictsAddUpToAllCommitments() async throws {
        let house = try await TestHouse.make()
        try await house.importExample()
        for result in [nil, CheckResult.pass, .fail] {
            if let result { try await house.report(result) }
            let report = try await house.rooms.status(of: house.tenant.id, as: TestHouse.principal)
            #expect(report.counts.total == report.commitments.count)
            #expect(report.commitments.count > 10)
            #expect(report.counts.unprovable == 1)
        }
    }

    @Test func aPolicyProvesItselfFromTheFirstCheckToTheProof() async throws {
        let house = try await TestHouse.make()
        try await house.importExample()
        try await house.report(.pass)
        let next = try await house.rooms.publishChanges(for: house.tenant.id)
        #expect(next == house.clock.now + .hours(26))
        let page = try await house.rooms.trustPage(slug: house.tenant.slug)
        let line = try #require(page.policies.first?.commitments.first { $0.id == "disk-encryption" })
        #expect(line.verdict == .kept)
        let file = try await house.rooms.publicProof(
            slug: house.tenant.slug, policy: "hazelbrook-security", commitment: "disk-encryption")
        let verified = try VerdictProof.verify(
            file, by: NoteVerifier(parsing: page.verificationKey), at: house.clock.now)
        #expect(verified.statement.verdict == "kept")
        #expect(verified.isCurrent)
    }

    @Test func aPageThatNobodyPublishesAnyMoreIsReadAsStale() async throws {
        let house = try await TestHouse.make()
        try await house.importExample()
        try await house.report(.pass)
        try await house.rooms.publishChanges(for: house.tenant.id)
        let page = try await house.rooms.trustPage(slug: house.tenant.slug)
        #expect(page.asRead(at: house.clock.now).counts.kept == 3)
        let later = page.asRead(at: house.clock.now + .hours(26))
        #expect(later.counts.kept == 0)
        #expect(later.counts.stale == 3)
        #expect(later.counts.total == page.counts.total)
    }

    @Test func statusFollowsEachReportThoughTheClockStandsStill() async throws {
        let house = try await TestHouse.make()
        try await house.importExample()
        for (result, verdict) in [(CheckResult.pass, Verdict.kept), (.fail, .broken), (.pass, .kept)] {
            try await house.report(result)
            let report = try await house.rooms.status(of: house.tenant.id, as: TestHouse.principal)
            #expect(report.commitments.first { $0.id == "firewall" }?.verdict == verdict)
        }
    }

    @Test func thePastIsShownAsItStood() async throws {
        let house = try await TestHouse.make()
        let founded = house.clock.now
        house.clock.move(by: .days(1))
        try await house.importExample()
        house.clock.move(by: .days(1))
        try await house.report(.pass)
        func kept(at moment: Instant) async throws -> (all: Int, kept: Int) {
            let report = try await house.rooms.status(of: house.tenant.id, at: moment, as: TestHouse.principal)
            return (report.commitments.count, report.counts.kept)
        }
        #expect(try await kept(at: founded) == (0, 0))
        #expect(try await kept(at: founded + .days(1)).kept == 0)
        #expect(try await kept(at: founded + .days(2)).kept == 3)
        #expect(try await kept(at: founded + .days(4)).kept == 0)
    }

    @Test func whatIsPublicNamesNoHostValueOrEvidence() async throws {
        let house = try await TestHouse.make(("Hazelbrook Maps", "hidden-host-name"))
        try await house.importExample()
        try await house.report(.fail, value: "hidden-value", evidence: "hidden-evidence", fix: "hidden-fix")
        try await house.rooms.publishChanges(for: house.tenant.id)
        let page = try await house.rooms.trustPage(slug: house.tenant.slug)
        #expect(page.counts.broken == 3)
        let proof = try await house.rooms.publicProof(
            slug: house.tenant.slug, policy: "hazelbrook-security", commitment: "firewall")
        for text in ["\(page)", String(decoding: proof, as: UTF8.self)] {
            #expect(!text.contains("hidden"))
        }
    }

    @Test func anExceptionOfTheOnlyPersonStandsAtOnce() async throws {
        let house = try await TestHouse.make()
        try await house.importExample()
        try await house.report(.fail)
        _ = try await house.rooms.requestException(
            from: "hazelbrook-security", "firewall", reason: "The new firewall comes in May.",
            until: house.clock.now + .days(30), in: house.tenant.id, as: TestHouse.principal)
        let status = try await house.rooms.status(of: house.tenant.id, as: TestHouse.principal)
        let line = try #require(status.commitments.first { $0.id == "firewall" })
        #expect(line.verdict == .broken, "beside the verdict, never instead of it")
        #expect(line.exception?.reason == "The new firewall comes in May.")
        house.clock.move(by: .days(30))
        let later = try await house.rooms.status(of: house.tenant.id, as: TestHouse.principal)
        #expect(later.commitments.first { $0.id == "firewall" }?.exception == nil)
    }
}

@Suite struct SelfCheckTests {
    @Test func theLedgersOwnCheckPassesAndFailsWithTheLedger() async throws {
        let house = try await TestHouse.make()
        try await house.importExample()
        #expect(await house.rooms.judgeLedger(of: house.tenant.id).result == .pass)
    }

    @Test func everyLedgerOfTheInstallationVerifies() async throws {
        let house = try await TestHouse.make()
        try await house.importExample()
        try await house.report(.pass)
        try await house.rooms.publishChanges(for: house.tenant.id)
        for scope in [house.tenant.id, .installation] {
            let walk = try await house.rooms.database.ledger(of: scope).verify()
            #expect(walk.problems.isEmpty)
            #expect(walk.entries > 0)
        }
    }
}
