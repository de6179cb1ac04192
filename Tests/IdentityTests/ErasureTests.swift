import Kernel
import Store
import TestSupport
import Testing

@testable import Identity

@Suite struct PersonErasureTests {
    private func throttleRows(_ installation: TestInstallation) async throws -> Int {
        try await installation.database.installation(as: .operator).touch { touch in
            var rows = 0
            try touch.rows(SignInThrottle.table, "SELECT key FROM sign_in_throttle WHERE organisation = ?", []) { _ in
                rows += 1
            }
            return rows
        }
    }

    @Test func theirFailedSignInsAreForgottenAndNobodyElses() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        for network in ["192.0.2.0/24", "198.51.100.0/24"] {
            for address in [TestInstallation.email, "someone@example.org"] {
                await #expect(throws: Problem.self) { try await installation.signIn(address, "wrong", from: network) }
            }
        }
        #expect(try await throttleRows(installation) == 6, "for each address one for each network, and one for all")
        #expect(
            try await installation.desk.erase(
                signedIn.account.id, from: [installation.tenant.id], as: .operator))
        #expect(try await throttleRows(installation) == 3)
    }

    @Test func anInvitationToThemIsErasedWithThemAndNobodyElses() async throws {
        let house = try await TestHouse.make()
        let eve = try await house.member("Eve")
        let other = try await house.desk.found("Elsewhere", as: .operator)
        for email in ["EVE@example.org", "eva@example.org"] {
            _ = try await house.desk.invite(email, as: "member", by: .operator(in: other))
        }
        try await house.desk.erase(eve.account.id, from: [house.tenant.id, other.id], as: .operator)
        let left = try await house.desk.invitations(of: other.id, as: .operator)
        #expect(left.map(\.email) == ["eva@example.org"])
    }

    @Test func whoWasErasedIsKnownByTheLedgerAlone() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let id = "\(signedIn.account.id)"
        #expect(try await installation.desk.erasedPerson(id) == nil)
        try await installation.desk.erase(signedIn.account.id, from: [installation.tenant.id], as: .operator)
        #expect(await problem { _ = try await installation.desk.person(id, as: .operator) }?.code == "person.not-found")
        #expect(try await installation.desk.erasedPerson(id) == signedIn.account.id)
        #expect(try await installation.desk.erasedPerson(TestInstallation.email) == nil)
        #expect(try await installation.desk.erasedPerson("\(Identifier<Person>(high: 5, low: 5))") == nil)
        #expect(try await installation.desk.overwriteErased())
    }
}
