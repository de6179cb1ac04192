import Kernel
import Store
import TestSupport
import Testing

@testable import Identity

/// What a person sees and ends of their own sessions, and what confirming makes of one.
@Suite struct OwnSessionTests {
    @Test func eachTellsByWhatItBeganAndWhenItWasLastUsed() async throws {
        let (installation, first, signedIn) = try await TestInstallation.owned()
        let (desk, began) = (installation.desk, installation.clock.now)
        let codes = try await desk.makeRecoveryCodes(of: signedIn)
        installation.clock.move(by: .minutes(10))
        guard
            case .done(_, let second) = try await desk.signIn(email: TestInstallation.email, recoveryCode: codes[0])
        else {
            Issue.record("No second factor is there to be asked for.")
            return
        }
        installation.clock.move(by: .minutes(20))
        _ = try #require(try await desk.signedIn(with: first))
        let sessions = try await desk.sessions(of: second)
        #expect(sessions.map(\.means) == [[.recoveryCode], [.password]])
        #expect(sessions.map(\.isThisOne) == [true, false])
        #expect(sessions.map(\.lastUsedAt) == [began + .minutes(10), began + .minutes(30)])
    }

    @Test func oneThatNobodyUsedForAnHourIsNotListed() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        installation.clock.move(by: .minutes(60))
        let (_, signedIn) = try await installation.signIn()
        #expect(try await installation.desk.sessions(of: signedIn).map(\.isThisOne) == [true])
    }

    @Test func confirmingGivesASessionANewTokenAndLengthensNothing() async throws {
        let (installation, first, before) = try await TestInstallation.owned()
        let (desk, clock) = (installation.desk, installation.clock)
        for _ in 0..<2 {
            clock.move(by: .minutes(40))
            _ = try #require(try await desk.signedIn(with: first))
        }
        let token = try await desk.confirm(before, password: TestInstallation.password, code: "", network: "n")
        #expect(try await desk.signedIn(with: first) == nil, "the old token works no more")
        let after = try #require(try await desk.signedIn(with: token)).session
        #expect(after.formToken != before.session.formToken, "nor do the forms of before")
        #expect(after.confirmedAt == clock.now)
        #expect(after.id == before.session.id && after.beganAt == before.session.beganAt)
        #expect(after.expiresAt == before.session.expiresAt && after.organisation == before.session.organisation)
        #expect(after.means == before.session.means && after.vouchedBy == before.session.vouchedBy)
        clock.move(by: .minutes(59))
        #expect(try await desk.signedIn(with: token) != nil, "an hour without use begins with the last use")
        while clock.now + .minutes(40) < after.expiresAt {
            clock.move(by: .minutes(40))
            #expect(try await desk.signedIn(with: token) != nil)
        }
        clock.move(by: .minutes(40))
        #expect(try await desk.signedIn(with: token) == nil)
    }

    @Test func aTokenThatWasReplacedConfirmsNothing() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let desk = installation.desk
        func confirm() async throws -> SecretToken {
            try await desk.confirm(signedIn, password: TestInstallation.password, code: "", network: "n")
        }
        let token = try await confirm()
        #expect(await problem { _ = try await confirm() }?.code == "session.missing")
        let still = try #require(try await desk.signedIn(with: token))
        #expect(try await desk.isStillIn(signedIn), "a page that is open and listens goes on")
        try await desk.signOut(still)
        #expect(
            await problem {
                _ = try await desk.confirm(still, password: TestInstallation.password, code: "", network: "n")
            }?.code == "session.missing")
    }

    @Test func whatWasBegunUnderAReplacedTokenEndsInNothing() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let desk = installation.desk
        let other = try await desk.found("Other", as: .operator)
        let (link, _) = try await desk.invite("x@example.org", as: "member", by: .operator(in: other))
        let (_, stale) = try await desk.join(with: link, as: signedIn)
        let token = try await desk.confirm(stale, password: TestInstallation.password, code: "", network: "n")
        #expect(
            await problem { _ = try await desk.changeOver(stale, to: installation.tenant.id) }?.code
                == "session.missing")
        #expect(
            await problem {
                try await desk.changePassword(
                    of: stale, to: "seven kettles on a slow barge", current: TestInstallation.password, network: "n")
            }?.code == "session.missing")
        #expect(try await desk.signedIn(with: token) != nil)
    }

    @Test func aNewPasswordAsksForTheOneOfNow() async throws {
        let (installation, token, signedIn) = try await TestInstallation.owned()
        let desk = installation.desk
        func change(_ current: String) async -> Problem? {
            await problem {
                try await desk.changePassword(
                    of: signedIn, to: "seven kettles on a slow barge", current: current, network: "192.0.2.0/24")
            }
        }
        #expect(try await desk.asksCurrentPassword(signedIn))
        for wrong in ["", "seven kettles on a slow barge", "wrong", "wrong", "wrong"] {
            let refusal = await change(wrong)
            #expect(refusal?.code == "account.current-password" && refusal?.place?.field == "current")
        }
        // As many as when confirming, and counted together with those.
        #expect(await change(TestInstallation.password)?.code == "identity.throttled")
        #expect(
            await problem {
                _ = try await desk.confirm(signedIn, password: TestInstallation.password, code: "", network: "n")
            }?.code == "identity.throttled")
        installation.clock.move(by: .seconds(30))
        #expect(await change(TestInstallation.password) == nil)
        #expect(try await desk.signedIn(with: token) != nil)
        try await installation.signIn(TestInstallation.email, "seven kettles on a slow barge")
    }

    @Test(arguments: [Means.passkey, .recoveryCode])
    func whoCameInWithSomethingElseOfTheirOwnMayHaveForgottenIt(_ means: Means) async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let desk = installation.desk
        let (_, other) = try await desk.begin(
            signedIn.account.id, in: installation.tenant, by: [means], vouchedBy: nil)
        #expect(try await !desk.asksCurrentPassword(other))
        try await desk.changePassword(of: other, to: "seven kettles on a slow barge", network: "192.0.2.0/24")
        try await installation.signIn(TestInstallation.email, "seven kettles on a slow barge")
    }

    @Test(arguments: [
        Set<Means>([.password, .authenticatorApp]), [.password, .passkey], [.password, .recoveryCode],
        [.identityProvider],
    ])
    func whoeverElseCameInGivesIt(_ means: Set<Means>) async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let (_, other) = try await installation.desk.begin(
            signedIn.account.id, in: installation.tenant, by: means, vouchedBy: nil)
        #expect(try await installation.desk.asksCurrentPassword(other))
    }

    @Test func aSessionThatWasEndedMeanwhileSetsNoPassword() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let desk = installation.desk
        let (_, other) = try await desk.begin(
            signedIn.account.id, in: installation.tenant, by: [.passkey], vouchedBy: nil)
        try await desk.endOtherSessions(of: signedIn)
        #expect(
            await problem {
                try await desk.changePassword(of: other, to: "seven kettles on a slow barge", network: "n")
            }?.code == "session.missing")
        try await installation.signIn()
    }

    @Test func endingOthersIsConfirmedFirst() async throws {
        let (installation, other, _) = try await TestInstallation.owned()
        let desk = installation.desk
        let (_, signedIn) = try await installation.signIn()
        let id = try #require(try await desk.sessions(of: signedIn).first { !$0.isThisOne }).id
        installation.clock.move(by: .minutes(15))
        #expect(await problem { try await desk.endSession(id, of: signedIn) }?.code == "session.confirm")
        #expect(await problem { try await desk.endOtherSessions(of: signedIn) }?.code == "session.confirm")
        #expect(try await desk.signedIn(with: other) != nil)
        let (_, fresh) = try await installation.signIn()
        try await desk.endSession(id, of: fresh)
        #expect(try await desk.signedIn(with: other) == nil)
        #expect(await problem { try await desk.endSession(id, of: fresh) }?.code == "session.not-found")
        #expect(try await desk.endOtherSessions(of: fresh) == 1)
        #expect(try await desk.sessions(of: fresh).map(\.isThisOne) == [true])
    }
}
