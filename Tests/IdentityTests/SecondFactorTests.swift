import Crypto
import Kernel
import Ledger
import Passkeys
import Store
import TestSupport
import Testing

@testable import Identity

@Suite struct SecondFactorTests {
    /// The code that an app shows at the installation's time, or some steps later.
    private func code(_ secret: String, in installation: TestInstallation, later steps: Int64 = 0) -> String {
        let bytes = secret.filter { $0 != " " }
        var (word, held): (UInt64, Int) = (0, 0)
        var key: [UInt8] = []
        for character in bytes.utf8 {
            guard let value = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8).firstIndex(of: character) else { continue }
            word = word << 5 | UInt64(value)
            held += 5
            if held >= 8 {
                held -= 8
                key.append(UInt8(truncatingIfNeeded: word >> UInt64(held)))
            }
        }
        let step = installation.clock.clock.now().milliseconds / OneTimePassword.step + steps
        return OneTimePassword.code(secret: key, counter: step)
    }

    private func withApp() async throws -> (TestInstallation, SignedIn, secret: String, codes: [String]) {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let (secret, uri) = try await installation.desk.beginApp(of: signedIn, issuer: "Vouchsafe")
        #expect(uri.contains("issuer=Vouchsafe"))
        let codes = try await installation.desk.confirmApp(of: signedIn, code: code(secret, in: installation))
        #expect(codes.count == 10)
        return (installation, signedIn, secret, codes)
    }

    private func pending(_ installation: TestInstallation) async throws -> SecretToken {
        guard case .needsSecondFactor(let token) = try await installation.step() else {
            throw Problem(.conflict, code: "test", "No second factor was asked for.")
        }
        return token
    }

    @Test func aSignInUnderWayEndsWithTheSessionsOfWhoIsSignedOut() async throws {
        let (installation, signedIn, _, _) = try await withApp()
        let token = try await pending(installation)
        _ = try await installation.desk.endSessions(
            of: signedIn.account.id, by: .operator(in: installation.tenant))
        #expect(await problem { _ = try await installation.desk.question(for: token) }?.code == "sign-in.expired")
    }

    @Test func anAppThatHasNotProvedItselfAsksForNothing() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        _ = try await installation.desk.beginApp(of: signedIn, issuer: "Vouchsafe")
        #expect(
            await problem { _ = try await installation.desk.confirmApp(of: signedIn, code: "000000") }?.code
                == "authenticator-app.code")
        try await installation.signIn()
    }

    @Test func anAppAndTheCodesBesideItAreTold() async throws {
        let (installation, signedIn, _, _) = try await withApp()
        let told = try await installation.desk.notices(of: signedIn.account.id).map(\.text)
        #expect(Set(told) == ["An authenticator app was added.", "Recovery codes were made."])
        _ = try await installation.desk.makeRecoveryCodes(of: signedIn)
        #expect(
            try await installation.desk.notices(of: signedIn.account.id).map(\.text)
                .contains("New recovery codes were made."))
    }

    @Test func aPasswordAloneDoesNotLetInWhoHasAnApp() async throws {
        let (installation, _, secret, _) = try await withApp()
        let token = try await pending(installation)
        #expect(try await installation.desk.signedIn(with: token) == nil)
        #expect(try await installation.desk.question(for: token).hasApp)
        // The code that put the app into use is spent.
        #expect(
            await problem {
                _ = try await installation.desk.signIn(pending: token, code: code(secret, in: installation))
            }?.code == "sign-in.code")
        installation.clock.move(by: .seconds(30))
        let (session, signedIn) = try await installation.desk.signIn(
            pending: token, code: code(secret, in: installation))
        #expect(signedIn.session.means == [.password, .authenticatorApp])
        #expect(try await installation.desk.signedIn(with: session) != nil)
        #expect(await problem { _ = try await installation.desk.question(for: token) }?.code == "sign-in.expired")
    }

    @Test func aRecoveryCodeIsGoodForOneSignInAndIsTold() async throws {
        let (installation, signedIn, _, codes) = try await withApp()
        let (_, recovered) = try await installation.desk.signIn(
            pending: try await pending(installation), code: codes[3].lowercased())
        #expect(recovered.session.means == [.password, .recoveryCode])
        let token = try await pending(installation)
        #expect(
            await problem { _ = try await installation.desk.signIn(pending: token, code: codes[3]) }?.code
                == "sign-in.code")
        #expect(try await installation.desk.ownFactors(of: signedIn.account.id).recoveryCodesLeft == 9)
        #expect(
            try await installation.desk.notices(of: signedIn.account.id).contains { $0.text.contains("9 are left") })
    }

    @Test func twoCodesOfOneSheetAreNoTwoFactors() async throws {
        let (installation, _, secret, codes) = try await withApp()
        let desk = installation.desk
        guard
            case .needsSecondFactor(let token) = try await desk.signIn(
                email: TestInstallation.email, recoveryCode: codes[0])
        else {
            Issue.record("The app was not asked for.")
            return
        }
        #expect(try await !desk.question(for: token).takesRecoveryCode)
        #expect(await problem { _ = try await desk.signIn(pending: token, code: codes[1]) }?.code == "sign-in.code")
        installation.clock.move(by: .seconds(30))
        let (_, signedIn) = try await desk.signIn(pending: token, code: code(secret, in: installation))
        #expect(signedIn.session.means == [.recoveryCode, .authenticatorApp])
    }

    @Test func afterFiveWrongCodesThePasswordIsAskedForAgain() async throws {
        let (installation, _, secret, _) = try await withApp()
        let token = try await pending(installation)
        for _ in 0..<5 {
            #expect(
                await problem { _ = try await installation.desk.signIn(pending: token, code: "1") }?.code
                    == "sign-in.code")
        }
        installation.clock.move(by: .seconds(30))
        #expect(
            await problem {
                _ = try await installation.desk.signIn(pending: token, code: code(secret, in: installation))
            }?.code == "sign-in.expired")
    }

    @Test func whoHasThePasswordCannotGuessOnByBeginningAnew() async throws {
        let (installation, _, secret, codes) = try await withApp()
        for _ in 0..<5 {
            let token = try await pending(installation)
            #expect(
                await problem { _ = try await installation.desk.signIn(pending: token, code: "1") }?.code
                    == "sign-in.code")
        }
        // Not even with the right one, until the wait is over; a recovery code always works.
        let token = try await pending(installation)
        installation.clock.move(by: .seconds(29))
        #expect(
            await problem {
                _ = try await installation.desk.signIn(pending: token, code: code(secret, in: installation))
            }?.code == "identity.throttled")
        _ = try await installation.desk.signIn(pending: token, code: codes[0])
        installation.clock.move(by: .seconds(1))
        _ = try await installation.desk.signIn(
            pending: try await pending(installation), code: code(secret, in: installation))
    }

    @Test func theSecondStepIsWaitedForFiveMinutes() async throws {
        let (installation, _, secret, _) = try await withApp()
        let token = try await pending(installation)
        installation.clock.move(by: .minutes(5))
        #expect(
            await problem {
                _ = try await installation.desk.signIn(pending: token, code: code(secret, in: installation))
            }?.code == "sign-in.expired")
    }

    @Test func whatIsDangerousIsAskedForOnceMoreAfterAWhile() async throws {
        let (installation, token, signedIn) = try await TestInstallation.owned()
        installation.clock.move(by: .minutes(15))
        let desk = installation.desk
        #expect(await problem { _ = try await desk.beginApp(of: signedIn, issuer: "V") }?.code == "session.confirm")
        #expect(
            await problem {
                try await desk.changePassword(
                    of: signedIn, to: "another long enough one", current: TestInstallation.password,
                    network: "192.0.2.0/24")
            }?.code
                == "session.confirm")
        #expect(
            await problem {
                _ = try await desk.confirm(signedIn, password: "wrong", code: "", network: "192.0.2.0/24")
            }?.code == "session.confirm-wrong")
        let new = try await desk.confirm(
            signedIn, password: TestInstallation.password, code: "", network: "192.0.2.0/24")
        #expect(try await desk.signedIn(with: token) == nil)
        let again = try #require(try await desk.signedIn(with: new))
        _ = try await desk.beginApp(of: again, issuer: "V")
    }

    @Test func whoHasASecondFactorConfirmsWithItToo() async throws {
        let (installation, signedIn, secret, codes) = try await withApp()
        let desk = installation.desk
        func confirm(_ code: String) async -> String? {
            await problem {
                _ = try await desk.confirm(
                    signedIn, password: TestInstallation.password, code: code, network: "192.0.2.0/24")
            }?.code
        }
        let before = try await installation.confirmations()
        #expect(await confirm("") == "session.confirm-wrong")
        #expect(await confirm("000000") == "session.confirm-wrong")
        #expect(try await installation.confirmations() == before, "what was refused is not told as done")
        installation.clock.move(by: .seconds(30))
        let token = try await desk.confirm(
            signedIn, password: TestInstallation.password, code: code(secret, in: installation), network: "n")
        let again = try #require(try await desk.signedIn(with: token))
        _ = try await desk.confirm(again, password: TestInstallation.password, code: codes[0], network: "n")
        #expect(try await installation.confirmations() == before + 2)
    }

    @Test func aSignInInBetweenGivesNoNewGuessesAtTheCodeThatConfirms() async throws {
        let (installation, signedIn, secret, codes) = try await withApp()
        let desk = installation.desk
        func confirm(_ code: String) async -> String? {
            await problem {
                _ = try await desk.confirm(
                    signedIn, password: TestInstallation.password, code: code, network: "192.0.2.0/24")
            }?.code
        }
        for _ in 0..<5 {
            #expect(await confirm("000000") == "session.confirm-wrong")
            _ = try await pending(installation)
        }
        #expect(await confirm(code(secret, in: installation, later: 1)) == "identity.throttled")
        #expect(await confirm(codes[0]) == nil)
    }

    @Test func aPasswordAloneDoesNotConfirmForWhoHasAPasskey() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        try await installation.addPasskey(to: signedIn)
        #expect(
            await problem {
                _ = try await installation.desk.confirm(
                    signedIn, password: TestInstallation.password, code: "", network: "192.0.2.0/24")
            }?.code == "session.confirm-wrong")
    }

    @Test func anInvitationIsNoWayAroundASecondFactor() async throws {
        let (installation, signedIn, _, _) = try await withApp()
        let other = try await installation.desk.found("Elsewhere", as: .operator)
        let link = try await installation.desk.makeSetUpLink(for: other.id, as: .operator)
        #expect(await problem { _ = try await installation.setUp(with: link) }?.code == "identity.sign-in-first")
        #expect(
            try await installation.desk.organisations(of: signedIn.account.id).map(\.id) == [installation.tenant.id])
        let (_, joined) = try await installation.desk.join(with: link, as: signedIn)
        #expect(joined.tenant.id == other.id)
    }

    @Test(arguments: ["a new password", "an app taken out of use", "an app added"])
    func aSignInThatBeganUnderTheOldMeansDoesNotEndUnderTheNew(_ event: String) async throws {
        let (installation, signedIn, secret, codes) = try await withApp()
        let desk = installation.desk
        let token = try await pending(installation)
        switch event {
        case "a new password":
            try await desk.changePassword(
                of: signedIn, to: "seven kettles on a slow barge", current: TestInstallation.password,
                network: "192.0.2.0/24")
        case "an app added":
            let (secret, _) = try await desk.beginApp(of: signedIn, issuer: "V")
            _ = try await desk.confirmApp(of: signedIn, code: code(secret, in: installation))
        default: try await desk.removeApp(of: signedIn)
        }
        #expect(await problem { _ = try await desk.signIn(pending: token, code: codes[0]) }?.code == "sign-in.expired")
        _ = secret
    }

    @Test func fewSignInsOfOnePersonAreUnderWayAtATimeAndOldOnesAreClearedAway() async throws {
        let (installation, _, _, _) = try await withApp()
        for _ in 0..<12 { _ = try await pending(installation) }
        #expect(try await installation.pendingSignIns() == 5)
        installation.clock.move(by: .minutes(6))
        _ = try await pending(installation)
        #expect(try await installation.pendingSignIns() == 1)
    }

    @Test func anAppThatWasShownWaitsForAQuarterOfAnHour() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let desk = installation.desk
        installation.clock.move(by: .minutes(1))
        let (secret, _) = try await desk.beginApp(of: signedIn, issuer: "V")
        installation.clock.move(by: .minutes(14))
        #expect(
            await problem { _ = try await desk.confirmApp(of: signedIn, code: code(secret, in: installation)) }?.code
                == "session.confirm")
        let new = try await desk.confirm(
            signedIn, password: TestInstallation.password, code: "", network: "192.0.2.0/24")
        let again = try #require(try await desk.signedIn(with: new))
        installation.clock.move(by: .minutes(1))
        #expect(
            await problem { _ = try await desk.confirmApp(of: again, code: code(secret, in: installation)) }?.code
                == "authenticator-app.code")
        #expect(
            await problem { _ = try await desk.appToConfirm(of: again, issuer: "V") }?.code == "authenticator-app.none")
    }

    @Test func anewPasswordEndsTheOtherSessionsAndIsTold() async throws {
        let (installation, first, _) = try await TestInstallation.owned()
        let (second, signedIn) = try await installation.signIn()
        #expect(try await installation.desk.sessions(of: signedIn).count == 2)
        try await installation.desk.changePassword(
            of: signedIn, to: "seven kettles on a slow barge", current: TestInstallation.password,
            network: "192.0.2.0/24")
        #expect(try await installation.desk.signedIn(with: first) == nil)
        #expect(try await installation.desk.signedIn(with: second) != nil)
        #expect(
            try await installation.desk.notices(of: signedIn.account.id).map(\.text) == ["Your password was changed."])
        #expect(await problem { try await installation.signIn() }?.code == "identity.sign-in")
        try await installation.signIn(TestInstallation.email, "seven kettles on a slow barge")
    }

    @Test func whoDoesNotMeetTheDemandMayOnlyManageTheirOwnAccount() async throws {
        let (installation, _, secret, _) = try await withApp()
        let (token, alone) = try await TestInstallation.owned().0.signIn()
        _ = (token, alone)
        let desk = installation.desk
        let (_, byCode) = try await {
            installation.clock.move(by: .seconds(30))
            return try await desk.signIn(
                pending: try await pending(installation), code: code(secret, in: installation))
        }()
        // Nobody can shut themselves out.
        #expect(
            await problem { try await desk.setDemand(.phishingResistant, by: byCode) }?.code
                == "sign-in.own-demand")
        try await desk.setDemand(.secondFactor, by: byCode)
        try await desk.removeApp(of: byCode)
        let (_, plain) = try await installation.signIn()
        #expect(plain.lacks == .secondFactor)
        #expect(plain.permissions == Set(Permission.allCases.filter(\.isForEveryPerson)))
    }

    @Test func storedHashesAreKeyedAndMovedToNewParameters() async throws {
        let (installation, _, signedIn) = try await TestInstallation.owned()
        let scope = installation.database.installation(as: .operator)
        let stored = try await scope.read { try $0.require(Credential.self, signedIn.account.id.retyped()).record }
        #expect(try await PasswordHasher().matches(Array(TestInstallation.password.utf8), stored.encoded) == false)
        #expect(PasswordHasher.isCurrent(stored.encoded))
        #expect(!PasswordHasher.isCurrent("$argon2id$v=19$m=4096,t=3,p=1$c2FsdHNhbHQ$aGFzaA"))
    }
}

extension TestInstallation {
    /// How often the installation's ledger tells that a session was confirmed.
    fileprivate func confirmations() async throws -> Int {
        try await database.ledger(of: .installation).entries(before: nil, limit: 500).count {
            $0.entry.action == "session.confirmed"
        }
    }

    fileprivate func pendingSignIns() async throws -> Int {
        try await database.installation(as: .operator).read { try $0.count(PendingSignIn.self) }
    }

    /// A passkey that nobody can answer with, as its private key is nowhere.
    fileprivate func addPasskey(to signedIn: SignedIn) async throws {
        try await database.installation(as: .operator).change("test.passkey") { change in
            let passkey = Passkey(
                credentialID: [1, 2, 3], publicKey: [], algorithm: .es256, counter: 0, isBackupEligible: false,
                isBackedUp: false, transports: [])
            try change.insert(
                OwnPasskey(
                    id: change.newIdentifier(), person: signedIn.account.id, name: "A key", addedAt: change.now,
                    relyingParty: "vouchsafe.example", passkey: passkey, lastUsedAt: nil, credentialIndex: [1],
                    vouchedBy: nil))
        }
    }
}
