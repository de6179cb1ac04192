import Kernel
import Ledger
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

/// What an organisation's own ledger tells of its people's accounts.
@Suite(.onEveryDatabase) struct TellingTests {
    private func told(_ installation: TestInstallation, in tenant: Tenant? = nil) async throws -> [LedgerEntry] {
        try await installation.database.ledger(of: (tenant ?? installation.tenant).id).entries(before: nil, limit: 500)
            .map(\.entry).reversed().filter { $0.action != "membership.began" && $0.action != "invitation.made" }
    }

    @Test func whoCameInAndByWhatAndWhenItEnded() async throws {
        let (installation, _, first) = try await TestInstallation.owned()
        let (_, second) = try await installation.signIn()
        let (_, third) = try await installation.desk.begin(
            first.account.id, in: installation.tenant, by: [.passkey, .password], vouchedBy: nil)
        try await installation.desk.endSession(second.session.id.description, of: first)
        try await installation.desk.signOut(first)
        try await installation.desk.signOut(first)
        let entries = try await told(installation)
        #expect(
            entries.map { "\($0.action) \($0.subject ?? "-")" } == [
                "session.began.password session:\(first.session.id)",
                "session.began.password session:\(second.session.id)",
                "session.began.password.passkey session:\(third.session.id)",
                "session.ended session:\(second.session.id)", "session.ended session:\(first.session.id)",
            ])
        #expect(entries.allSatisfy { $0.actor == "person:\(first.account.id)" && $0.rows == 0 })
    }

    @Test func whatPeopleChangeOfTheirMeans() async throws {
        let (installation, _, first) = try await TestInstallation.owned()
        let desk = installation.desk
        let (_, second) = try await installation.signIn()
        _ = try await desk.makeRecoveryCodes(of: second)
        _ = try await desk.beginApp(of: second, issuer: "V")
        try await desk.removeApp(of: second)
        try await desk.changePassword(
            of: second, to: "seven kettles on a slow barge", current: TestInstallation.password, network: "n")
        #expect(
            try await told(installation).dropFirst(2).map { "\($0.action) \($0.subject ?? "-")" } == [
                "recovery-codes.made person:\(first.account.id)",
                "authenticator-app.removed person:\(first.account.id)",
                "password.changed person:\(first.account.id)", "session.ended session:\(first.session.id)",
            ])
    }

    @Test func eachOrganisationLearnsOfItsOwnSessionsOnly() async throws {
        let (installation, _, first) = try await TestInstallation.owned()
        let desk = installation.desk
        let other = try await desk.found("Elsewhere", as: .operator)
        let link = try await desk.makeSetUpLink(for: other.id, as: .operator)
        let (_, there) = try await desk.join(with: link, as: first)
        #expect(
            try await told(installation).map(\.action) == ["session.began.password", "session.ended"],
            "changing over ends it here")
        #expect(try await told(installation, in: other).map(\.action) == ["session.began.password"])
        let (_, here) = try await installation.signIn()
        try await desk.endOtherSessions(of: here)
        #expect(try await told(installation, in: other).last?.subject == "session:\(there.session.id)")
        #expect(try await told(installation).last?.subject == "session:\(here.session.id)")
    }

    @Test func whatWasRefusedIsNotTold() async throws {
        let (installation, _, first) = try await TestInstallation.owned()
        let before = try await told(installation).count
        #expect(await problem { try await installation.signIn(TestInstallation.email, "not the right one") } != nil)
        #expect(
            await problem { try await installation.desk.changePassword(of: first, to: "short", network: "n") } != nil)
        #expect(await problem { try await installation.desk.endSession("none", of: first) } != nil)
        #expect(try await told(installation).count == before)
    }
}
