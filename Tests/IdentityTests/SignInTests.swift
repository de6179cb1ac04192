import CArgon2
import Kernel
import Ledger
import Store
import TestSupport
import Testing

@testable import Identity

@Suite struct SignInTests {
    @Test func theAddressIsTheSameHoweverItIsSpelt() async throws {
        let (installation, _, owner) = try await TestInstallation.owned()
        for spelling in ["ada.lovelace@example.org", " ADA.LOVELACE@EXAMPLE.ORG\n"] {
            #expect(try await installation.signIn(spelling).1.account == owner.account)
        }
    }

    @Test func aPasswordIsTheSameInEveryNormalForm() async throws {
        let installation = try await TestInstallation.make()
        _ = try await installation.setUp(password: "cr\u{E8}me br\u{FB}l\u{E9}e forever")
        try await installation.signIn(TestInstallation.email, "cre\u{300}me bru\u{302}le\u{301}e forever")
    }

    @Test func aWrongPasswordAndAnUnknownAddressLookTheSame() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        let wrong = await problem { try await installation.signIn(TestInstallation.email, "wrong password, sorry") }
        let unknown = await problem { try await installation.signIn("nobody@example.org", "wrong password, sorry") }
        let malformed = await problem { try await installation.signIn("nonsense", "") }
        #expect(wrong?.kind == .unauthenticated)
        #expect(wrong == unknown)
        #expect(wrong == malformed)
    }

    @Test func aPasswordThatOnlyBeginsRightIsWrong() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        let longer = TestInstallation.password + String(repeating: "x", count: 2000)
        #expect(
            await problem { try await installation.signIn(TestInstallation.email, longer) }?.code == "identity.sign-in")
    }

    @Test func afterFiveFailuresEachAttemptWaitsTwiceAsLong() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        func attempt() async -> String? {
            await problem { try await installation.signIn(TestInstallation.email, "wrong password, sorry") }?.code
        }
        for _ in 0..<5 { #expect(await attempt() == "identity.sign-in") }
        for seconds in [30, 60, 120, 240] {
            #expect(await attempt() == "identity.throttled")
            installation.clock.move(by: .seconds(seconds - 1))
            let early = await problem { try await installation.signIn() }
            #expect(early?.kind == .tooMuch, "the right password must wait too")
            #expect(early?.hint == "Try again in 1 seconds.")
            installation.clock.move(by: .seconds(1))
            #expect(await attempt() == "identity.sign-in")
        }
        installation.clock.move(by: .hours(1))
        try await installation.signIn()
        for _ in 0..<4 { #expect(await attempt() == "identity.sign-in") }
    }

    @Test func oneNetworkDoesNotLockOutAnother() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        for _ in 0..<6 {
            _ = await problem { try await installation.signIn(TestInstallation.email, "wrong password, sorry") }
        }
        try await installation.signIn(from: "198.51.100.0/24")
    }

    @Test func manyNetworksTogetherGetAHundredGuesses() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        for number in 0..<100 {
            let refusal = await problem {
                try await installation.signIn(TestInstallation.email, "wrong password, sorry", from: "\(number)")
            }
            #expect(refusal?.code == "identity.sign-in")
        }
        // There is no more to be guessed, however long they wait.
        for _ in 0..<2 {
            #expect(await problem { try await installation.signIn(from: "101") }?.code == "identity.locked")
            installation.clock.move(by: .days(40))
        }
        #expect(
            await problem { try await installation.signIn(TestInstallation.email, "wrong", from: "102") }?.code
                == "identity.locked")
    }

    /// Changes it after it was read.
    ///
    /// - Returns: What was read.
    private func changePassword(of owner: SignedIn, in installation: TestInstallation) async throws -> Credential {
        let read = try await installation.database.installation(as: .operator).read {
            try $0.require(Credential.self, owner.account.id.retyped()).record
        }
        installation.clock.move(by: .seconds(1))
        try await installation.desk.changePassword(
            of: owner, to: "nine purple tables are singing", current: TestInstallation.password, network: "n")
        return read
    }

    @Test func whatWasComparedWithAPasswordOfBeforeBeginsNothing() async throws {
        let (installation, _, owner) = try await TestInstallation.owned()
        let (desk, person) = (installation.desk, owner.account.id)
        let compared = try await changePassword(of: owner, in: installation)
        #expect(
            await problem {
                _ = try await desk.continueSignIn(
                    of: person, after: .password, vouchedBy: nil, verified: compared)
            }?.code == "identity.sign-in")
        _ = try await desk.makeRecoveryCodes(of: owner)
        #expect(
            await problem {
                _ = try await desk.awaitSecondFactor(
                    of: person, after: [.password], vouchedBy: nil, verified: compared)
            }?.code == "identity.sign-in")
    }

    @Test func norDoesItJoinAndTheInvitationStaysGood() async throws {
        let (installation, _, owner) = try await TestInstallation.owned()
        let (desk, person) = (installation.desk, owner.account.id)
        let other = try await desk.found("Elsewhere", as: .operator)
        let link = try await desk.makeSetUpLink(for: other.id, as: .operator)
        let compared = try await changePassword(of: owner, in: installation)
        #expect(
            await problem { _ = try await desk.admit(person, by: link, to: other, verified: compared) }?.code
                == "identity.sign-in")
        #expect(try await desk.organisations(of: person).map(\.id) == [installation.tenant.id])
        // Where the change comes between joining and beginning, the session does not begin either.
        #expect(
            await problem {
                _ = try await desk.begin(person, in: other, by: [.password], vouchedBy: nil, verified: compared)
            }?.code == "identity.sign-in")
        let (_, joined) = try await installation.setUp(with: link, password: "nine purple tables are singing")
        #expect(joined.tenant.id == other.id)
    }

    @Test func aHashWithOlderParametersIsMadeAnewAtTheNextSignIn() async throws {
        let (installation, _, owner) = try await TestInstallation.owned()
        let (id, scope) = (owner.account.id, installation.database.installation(as: .operator))
        let old = try await scope.change("test.older-parameters") { change in
            let stored = try change.view.require(Credential.self, id.retyped())
            let plain = PasswordRule.composed(TestInstallation.password)
            let older = Credential(
                id: stored.record.id,
                encoded: Self.olderHash(of: change.view.blindIndex(Credential.table, "password", of: plain.hex)),
                setAt: stored.record.setAt, vouchedBy: [installation.tenant.id])
            try change.update(stored, to: older)
            return older
        }
        #expect(!PasswordHasher.isCurrent(old.encoded))
        installation.clock.move(by: .seconds(1))
        func current() async throws -> Credential {
            try await scope.read { try $0.require(Credential.self, id.retyped()).record }
        }
        #expect(
            await problem { try await installation.signIn(TestInstallation.email, "a wrong password altogether") }?.code
                == "identity.sign-in")
        #expect(try await current() == old, "what was not right is not kept")

        try await installation.signIn()
        let new = try await current()
        #expect(PasswordHasher.isCurrent(new.encoded))
        #expect(new.setAt == old.setAt && new.vouchedBy == old.vouchedBy, "it is the same password")
        func rehashes() async throws -> Int {
            try await installation.database.ledger(of: .installation).entries(before: nil, limit: 500)
                .count { $0.entry.action == "password.rehashed" && $0.entry.subject == "person:\(id)" }
        }
        #expect(try await rehashes() == 1)
        try await installation.signIn()
        #expect(try await rehashes() == 1)
        #expect(try await current() == new)
    }

    /// Argon2id as an installation of years ago may have stored it: 4 MiB, three passes.
    private static func olderHash(of peppered: [UInt8]) -> String {
        let salt = [UInt8](repeating: 7, count: 16)
        var encoded = [CChar](repeating: 0, count: 128)
        let code = argon2id_hash_encoded(
            3, 4096, 1, peppered, peppered.count, salt, salt.count, 32, &encoded, encoded.count)
        #expect(code == 0)
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func failuresAreForgottenAfterADay() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        for _ in 0..<4 {
            _ = await problem { try await installation.signIn(TestInstallation.email, "wrong password, sorry") }
        }
        installation.clock.move(by: .hours(25))
        for _ in 0..<4 {
            let refusal = await problem {
                try await installation.signIn(TestInstallation.email, "wrong password, sorry")
            }
            #expect(refusal?.code == "identity.sign-in")
        }
    }
}

@Suite struct SessionTests {
    @Test func aSessionEndsAfterADay() async throws {
        let (installation, token, _) = try await TestInstallation.owned()
        for _ in 0..<47 {
            installation.clock.move(by: .minutes(30))
            #expect(try await installation.desk.signedIn(with: token) != nil)
        }
        installation.clock.move(by: .minutes(30) + Period(milliseconds: -1))
        #expect(try await installation.desk.signedIn(with: token) != nil)
        installation.clock.move(by: Period(milliseconds: 1))
        #expect(try await installation.desk.signedIn(with: token) == nil)
    }

    @Test func aSessionThatNobodyUsesEndsAfterAnHour() async throws {
        let (installation, token, _) = try await TestInstallation.owned()
        installation.clock.move(by: .minutes(59))
        #expect(try await installation.desk.signedIn(with: token) != nil)
        installation.clock.move(by: .minutes(59))
        #expect(try await installation.desk.signedIn(with: token) != nil)
        // Another server knows of a use within the minute.
        #expect(try await installation.anotherDesk().signedIn(with: token) != nil)
        installation.clock.move(by: .hours(1))
        #expect(try await installation.anotherDesk().signedIn(with: token) == nil)
        #expect(try await installation.desk.signedIn(with: token) == nil)
    }

    @Test(arguments: ["signed out", "idle", "left"])
    func whatGoesOnEndsWithTheSession(_ event: String) async throws {
        let house = try await TestHouse.make()
        let eve = try await house.member("Eve")
        #expect(try await house.desk.isStillIn(eve))
        switch event {
        case "signed out": try await house.desk.signOut(eve)
        case "idle": house.installation.clock.move(by: .hours(1))
        default: _ = try await house.desk.end(eve.account.id, remaining: [], by: house.owner.caller)
        }
        #expect(try await !house.desk.isStillIn(eve))
    }

    @Test func anOpenPageDoesNotKeepASessionAlive() async throws {
        let (installation, token, _) = try await TestInstallation.owned()
        for _ in 0..<4 {
            installation.clock.move(by: .minutes(14))
            #expect(try await installation.desk.signedIn(with: token, isUse: false) != nil)
        }
        installation.clock.move(by: .minutes(4))
        #expect(try await installation.desk.signedIn(with: token, isUse: false) == nil)
    }

    @Test func signingOutEndsThatSessionAndNoOther() async throws {
        let (installation, token, signedIn) = try await TestInstallation.owned()
        let (other, _) = try await installation.signIn()
        try await installation.desk.signOut(signedIn)
        #expect(try await installation.desk.signedIn(with: token) == nil)
        #expect(try await installation.desk.signedIn(with: other) != nil)
        try await installation.desk.signOut(signedIn)
    }

    @Test func aTokenThatNobodyGotIsNobody() async throws {
        let (installation, token, _) = try await TestInstallation.owned()
        for text in ["", "0", String(repeating: "0", count: 64), token.text.uppercased(), token.text + "0"] {
            #expect(try await installation.desk.signedIn(with: SecretToken(presented: text)) == nil)
        }
    }

    @Test func eachSessionHasTokensOfItsOwn() async throws {
        let (installation, first, one) = try await TestInstallation.owned()
        let (second, two) = try await installation.signIn()
        #expect(Set([first.text, second.text, one.session.formToken, two.session.formToken]).count == 4)
        #expect("\(first)" == "(secret)")
    }

    @Test func sessionsThatEndedAreClearedAwayAtTheNextSignIn() async throws {
        let (installation, _, _) = try await TestInstallation.owned()
        installation.clock.move(by: .days(2))
        try await installation.signIn()
        let sessions = try await installation.database.installation(as: .operator).read { try $0.count(Session.self) }
        #expect(sessions == 1)
        #expect(try await installation.database.ledger(of: .installation).verify().problems.isEmpty)
    }

    @Test func noNameAddressPasswordOrTokenIsInAnyFile() async throws {
        let (installation, token, signedIn) = try await TestInstallation.owned()
        let link = try await installation.desk.makeSetUpLink(
            for: try await installation.desk.found("Second Company", as: .operator).id, as: .operator)
        _ = await problem { try await installation.signIn(TestInstallation.email, "wrong password, sorry") }
        let secrets = [
            token.text, link.text, signedIn.session.formToken, TestInstallation.password, "wrong password, sorry",
            "Lovelace", "ada.lovelace@example.org", TestInstallation.email, "Hazelbrook", "hazelbrook-maps", "argon2id",
        ]
        for secret in secrets { #expect(try !installation.folder.holds(secret), "\(secret)") }
        #expect(try installation.folder.holds("email_index"), "the search itself finds what is there")
    }
}
