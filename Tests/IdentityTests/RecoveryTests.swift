import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

/// How somebody gets back into their account with the help of others, and without anybody setting a password for them.
@Suite(.onEveryDatabase) struct RecoveryTests {
    // MARK: - The link

    @Test func withTheLinkThePersonSetsAPasswordOfTheirOwnAndIsIn() async throws {
        let houses = try await TwoHouses.make()
        let (token, signedIn) = try await houses.recovered()
        #expect(signedIn.account.id == houses.pia.account.id && signedIn.tenant.id == houses.alder.id)
        #expect(try await houses.desk.signedIn(with: token) != nil)
        #expect(await problem { try await houses.signIn() }?.code == "identity.sign-in", "the old one is gone")
        try await houses.signIn(TwoHouses.new)
    }

    @Test func theLinkWorksOnceForADayAndOnlyTheNewestOne() async throws {
        let houses = try await TwoHouses.make()
        let desk = houses.desk
        func start() async throws -> SecretToken {
            try await desk.startRecovery(of: houses.pia.account.id, because: "lost", by: houses.mallory.caller).token
        }
        func use(_ token: SecretToken) async -> String? {
            await problem { _ = try await desk.recover(with: token, password: TwoHouses.new, network: "a") }?.code
        }
        let first = try await start()
        let second = try await start()
        #expect(second.text.utf8.count == 96, "the organisation and 256 random bits")
        #expect(await use(first) == "recovery.link", "an earlier one dies")
        #expect(await use(second) == nil)
        #expect(await use(second) == "recovery.link", "it works once")
        let third = try await start()
        houses.installation.clock.move(by: .hours(24))
        #expect(await use(third) == "recovery.link", "it works for a day")
        #expect(await use(SecretToken(presented: String(repeating: "0", count: 96))) == "recovery.link")
        #expect(await use(SecretToken(presented: "x")) == "recovery.link")
    }

    @Test func onlyItsHashIsKept() async throws {
        let houses = try await TwoHouses.make()
        let (token, recovery) = try await houses.desk.startRecovery(
            of: houses.pia.account.id, because: "lost", by: houses.mallory.caller)
        #expect(recovery.tokenHash == token.hash)
        #expect(try !String(decoding: recovery.storedBody(), as: UTF8.self).contains(token.text))
    }

    @Test(
        "what will not do as a password leaves the link good",
        arguments: ["short", "pia pia pia pia pia", "password password"])
    func weakPasswordsAreRefused(_ password: String) async throws {
        let houses = try await TwoHouses.make()
        let (token, _) = try await houses.desk.startRecovery(
            of: houses.pia.account.id, because: "lost", by: houses.mallory.caller)
        #expect(
            await problem { _ = try await houses.desk.recover(with: token, password: password, network: "a") }?
                .place?.field == "password")
        _ = try await houses.desk.recover(with: token, password: TwoHouses.new, network: "a")
    }

    @Test func whoStartedItStandsInTheLedgerWithTheReason() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        let subject = "person:\(houses.pia.account.id)"
        let ledger = houses.installation.database.ledger(of: houses.alder.id)
        for action in ["recovery.started", "recovery.completed"] {
            #expect(try await ledger.tells(action, of: subject), "\(action)")
        }
        let kept = try await houses.installation.database.scope(houses.alder.id, as: .operator).read {
            try $0.list(Recovery.self).map(\.record)
        }
        #expect(kept.map(\.reason) == ["lost the notebook"] && kept.map(\.outcome) == [.completed])
        #expect(kept.first?.startedBy == "person:\(houses.mallory.account.id)")
    }

    @Test func aReasonMustBeGiven() async throws {
        let houses = try await TwoHouses.make()
        #expect(
            await problem {
                _ = try await houses.desk.startRecovery(
                    of: houses.pia.account.id, because: " ", by: houses.mallory.caller)
            }?.place?.field == "reason")
    }

    // MARK: - Who may

    @Test func nobodyRecoversThemselves() async throws {
        let houses = try await TwoHouses.make()
        #expect(
            await problem {
                _ = try await houses.desk.startRecovery(
                    of: houses.mallory.account.id, because: "lost", by: houses.mallory.caller)
            }?.code == "recovery.own")
    }

    @Test(
        "whoever may not recover, or would gain by it, starts nothing",
        arguments: [
            ("admin", "owner", "people.beyond-own-role"), ("security", "member", "session.not-permitted"),
            ("member", "member", "session.not-permitted"), ("auditor", "member", "session.not-permitted"),
        ])
    func onlyWhoMay(_ helper: String, _ target: String, _ code: String) async throws {
        let house = try await TestHouse.make()
        let helper = try await house.member("Helper", as: helper)
        let target = try await house.member("Target", as: target)
        #expect(
            await problem {
                _ = try await house.desk.startRecovery(of: target.account.id, because: "lost", by: helper.caller)
            }?.code == code)
    }

    @Test(
        "an admin helps whoever may no more than they",
        arguments: ["admin", "security", "member", "auditor"])
    func adminsHelpOthers(_ target: String) async throws {
        let house = try await TestHouse.make()
        let helper = try await house.member("Helper", as: "admin")
        let target = try await house.member("Target", as: target)
        _ = try await house.desk.startRecovery(of: target.account.id, because: "lost", by: helper.caller)
    }

    @Test func aRoleOfOnesOwnRecoversWhoHoldsNoMore() async throws {
        let house = try await TestHouse.make()
        let desk = try await house.desk.makeRole(
            "Front desk", [.recoverPeople, .readPeople, .readCommitments, .readPolicies, .requestException],
            by: house.owner.caller)
        let helper = try await house.member("Helper", as: desk.name)
        let lee = try await house.member("Lee")
        let sam = try await house.member("Sam", as: "security")
        _ = try await house.desk.startRecovery(of: lee.account.id, because: "lost", by: helper.caller)
        #expect(
            await problem {
                _ = try await house.desk.startRecovery(of: sam.account.id, because: "lost", by: helper.caller)
            }?.code == "people.beyond-own-role")
    }

    @Test func whatTheHelperMayIsAskedAgainWhenTheLinkIsUsed() async throws {
        let house = try await TestHouse.make()
        let helper = try await house.member("Helper", as: "admin")
        let lee = try await house.member("Lee")
        let (token, _) = try await house.desk.startRecovery(of: lee.account.id, because: "lost", by: helper.caller)
        // Lee became more than the helper is; and then the helper became less.
        try await house.desk.give("owner", to: lee.account.id, by: house.owner.caller)
        #expect(await problem { _ = try await house.desk.recovery(token) }?.code == "recovery.link")
        try await house.desk.give("member", to: lee.account.id, by: house.owner.caller)
        _ = try await house.desk.recovery(token)
        try await house.desk.give("member", to: helper.account.id, by: house.owner.caller)
        #expect(await problem { _ = try await house.desk.recovery(token) }?.code == "recovery.link")
        #expect(
            await problem {
                _ = try await house.desk.startRecovery(of: lee.account.id, because: "lost", by: helper.caller)
            }?.code == "session.not-permitted")
    }

    @Test func whoHasLeftIsRecoveredByNobody() async throws {
        let house = try await TestHouse.make()
        let lee = try await house.member("Lee")
        let (token, _) = try await house.desk.startRecovery(
            of: lee.account.id, because: "lost", by: house.owner.caller)
        _ = try await house.desk.end(lee.account.id, remaining: [], by: house.owner.caller)
        #expect(await problem { _ = try await house.desk.recovery(token) }?.code == "recovery.link")
        #expect(
            await problem {
                _ = try await house.desk.startRecovery(of: lee.account.id, because: "lost", by: house.owner.caller)
            }?.code == "person.not-found")
    }

    @Test func aLinkIsWithdrawn() async throws {
        let house = try await TestHouse.make()
        let lee = try await house.member("Lee")
        let (token, _) = try await house.desk.startRecovery(
            of: lee.account.id, because: "lost", by: house.owner.caller)
        try await house.desk.withdrawRecovery(of: lee.account.id, by: house.owner.caller)
        #expect(await problem { _ = try await house.desk.recovery(token) }?.code == "recovery.link")
        #expect(
            await problem { try await house.desk.withdrawRecovery(of: lee.account.id, by: house.owner.caller) }?.code
                == "recovery.none")
    }

    // MARK: - What ends

    @Test func sessionsSignInsUnderWayAndTokensOfBeforeEnd() async throws {
        let houses = try await TwoHouses.make()
        let (app, _) = try await houses.giveApp()
        houses.installation.clock.move(by: .seconds(30))
        let (session, signedIn) = try await houses.signIn(code: app.code(at: houses.installation.clock.now))
        let tokens = TokenDesk(
            database: houses.installation.database, identity: houses.desk, clock: houses.installation.clock.clock,
            randomness: seededRandomness(5))
        _ = try await tokens.makeToken(
            "mine", permissions: [.readCommitments], until: houses.installation.clock.now + .days(1), for: signedIn)
        guard case .needsSecondFactor(let pending) = try await houses.step() else {
            Issue.record("the password alone was enough")
            return
        }
        let recovery = try await houses.pendingRecovery()
        houses.installation.clock.move(by: .seconds(30))
        _ = try await houses.desk.signIn(pending: recovery, code: app.code(at: houses.installation.clock.now))
        #expect(try await houses.desk.signedIn(with: session) == nil)
        #expect(await problem { _ = try await houses.desk.question(for: pending) }?.code == "sign-in.expired")
        #expect(try await tokens.tokens(in: houses.alder.id, as: .operator) == [])
    }

    @Test func thePersonIsToldOfTheStartAndTheEnd() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        let notices = try await houses.desk.notices(of: houses.pia.account.id).map(\.text)
        #expect(notices.contains { $0.hasPrefix("A recovery of your account was started.") })
        #expect(notices.contains("Your account was recovered, and has a new password."))
        // Whoever recovered the account in one organisation reads them too.
        #expect(notices.allSatisfy { !$0.contains("Birch") && !$0.contains("Hazelbrook") && !$0.contains("Ada") })
    }

    @Test func failuresOfBeforeAreForgotten() async throws {
        let houses = try await TwoHouses.make()
        for _ in 0..<5 { _ = await problem { try await houses.signIn("wrong, and wrong again") } }
        #expect(await problem { try await houses.signIn() }?.code == "identity.throttled")
        _ = try await houses.recovered()
        try await houses.signIn(TwoHouses.new)
    }

    // MARK: - The second factor

    @Test func whoHasASecondFactorShowsItAsAtSignIn() async throws {
        let houses = try await TwoHouses.make()
        let (app, codes) = try await houses.giveApp()
        let pending = try await houses.pendingRecovery()
        #expect(try await houses.desk.question(for: pending).hasApp)
        houses.installation.clock.move(by: .seconds(30))
        #expect(
            await problem { _ = try await houses.desk.signIn(pending: pending, code: "000000") }?.code
                == "sign-in.code")
        #expect(await problem { try await houses.signIn(TwoHouses.new) }?.code == "identity.sign-in", "not set yet")
        let (_, signedIn) = try await houses.desk.signIn(
            pending: pending, code: app.code(at: houses.installation.clock.now))
        #expect(signedIn.session.means == [.password, .authenticatorApp])
        // It is still there, and so are the codes.
        try await houses.signIn(TwoHouses.new, code: codes[0])
    }

    @Test func aRecoveryCodeIsOneToo() async throws {
        let houses = try await TwoHouses.make()
        let (_, codes) = try await houses.giveApp()
        let pending = try await houses.pendingRecovery()
        let (_, signedIn) = try await houses.desk.signIn(pending: pending, code: codes[4])
        #expect(signedIn.session.means == [.password, .recoveryCode])
    }

    @Test func aLinkThatWasReplacedSetsNothingThoughItsSecondFactorIsShown() async throws {
        let houses = try await TwoHouses.make()
        let (_, codes) = try await houses.giveApp()
        let pending = try await houses.pendingRecovery()
        _ = try await houses.desk.startRecovery(
            of: houses.pia.account.id, because: "again", by: houses.mallory.caller)
        #expect(
            await problem { _ = try await houses.desk.signIn(pending: pending, code: codes[0]) }?.code
                == "recovery.link")
        try await houses.signIn(code: codes[1])
    }

    @Test func whoLostItTooNeedsASecondPersonAndLosesIt() async throws {
        let houses = try await TwoHouses.make()
        let (_, codes) = try await houses.giveApp()
        let person = houses.pia.account.id
        let (token, _) = try await houses.desk.startRecovery(
            of: person, because: "lost", by: houses.mallory.caller)
        #expect(
            await problem { try await houses.desk.confirmRecovery(of: person, by: houses.nell.caller) }?.code
                == "recovery.nothing-to-confirm", "only once they said so")
        try await houses.desk.declareLoss(by: token)
        #expect(try await houses.member(houses.pia, of: houses.alder).recovery?.recovery.awaitsConfirmation == true)
        // The link and one person are not enough.
        guard
            case .needsSecondFactor = try await houses.desk.recover(
                with: token, password: TwoHouses.new, network: "a")
        else {
            Issue.record("one person was enough")
            return
        }
        #expect(
            await problem { try await houses.desk.confirmRecovery(of: person, by: houses.mallory.caller) }?.code
                == "recovery.second-person")
        #expect(
            await problem { try await houses.desk.confirmRecovery(of: person, by: houses.pia.caller) }?.kind
                == .forbidden)
        try await houses.desk.confirmRecovery(of: person, by: houses.nell.caller)
        guard
            case .done(_, let signedIn) = try await houses.desk.recover(
                with: token, password: TwoHouses.new, network: "a")
        else {
            Issue.record("two people were not enough")
            return
        }
        #expect(signedIn.session.means == [.password])
        let factors = try await houses.desk.ownFactors(of: person)
        #expect(!factors.hasSecondFactor && factors.recoveryCodesLeft == 0)
        #expect(try await houses.signIn(TwoHouses.new).1.session.means == [.password])
        #expect(codes.count == 10)
    }

    @Test func whoHasNoSecondFactorKeepsTheirRecoveryCodes() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.desk.makeRecoveryCodes(of: try await houses.signIn().1)
        _ = try await houses.recovered()
        #expect(try await houses.desk.ownFactors(of: houses.pia.account.id).recoveryCodesLeft == 10)
    }

    @Test func thePersonIsToldWhenTheirFactorsAreSaidToBeLost() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.giveApp()
        let (token, _) = try await houses.desk.startRecovery(
            of: houses.pia.account.id, because: "lost", by: houses.mallory.caller)
        try await houses.desk.declareLoss(by: token)
        let notices = try await houses.desk.notices(of: houses.pia.account.id).map(\.text)
        #expect(notices.contains { $0.contains("said that your second factors are lost") })
    }

    @Test func whoFindsItAgainNeedsNobodyElse() async throws {
        let houses = try await TwoHouses.make()
        let (_, codes) = try await houses.giveApp()
        let (token, _) = try await houses.desk.startRecovery(
            of: houses.pia.account.id, because: "lost", by: houses.mallory.caller)
        try await houses.desk.declareLoss(by: token)
        guard
            case .needsSecondFactor(let pending) = try await houses.desk.recover(
                with: token, password: TwoHouses.new, network: "a")
        else {
            Issue.record("one person was enough")
            return
        }
        _ = try await houses.desk.signIn(pending: pending, code: codes[0])
        #expect(try await houses.desk.ownFactors(of: houses.pia.account.id).hasSecondFactor, "and loses nothing")
    }

    @Test func aSecondPersonWhoNoLongerMayHasConfirmedNothing() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.giveApp()
        let token = try await houses.confirmedLoss()
        try await houses.desk.give("member", to: houses.nell.account.id, by: houses.mallory.caller)
        #expect(await problem { _ = try await houses.desk.recovery(token) }?.code == "recovery.link")
    }

    @Test func theLonelyOwnerIsToldWhatWorks() async throws {
        let house = try await TestHouse.make()
        let lee = try await house.member("Lee")
        let (token, _) = try await house.desk.startRecovery(
            of: lee.account.id, because: "lost", by: house.owner.caller)
        #expect(try await !house.desk.recovery(token).canBeConfirmed)
        _ = try await house.member("Sam", as: "admin")
        #expect(try await house.desk.recovery(token).canBeConfirmed)
    }

    @Test func theMachineItselfHelpsTheOnlyOwner() async throws {
        let house = try await TestHouse.make()
        let owner = house.owner.account.id
        let database = house.installation.database
        try await database.installation(as: .person(owner)).change("app.added") { change in
            var own = Factors(id: owner.retyped(), userHandle: [7])
            own.app = OneTimePasswordFactor(randomness: seededRandomness(3))
            try change.insert(own)
        }
        let (token, _) = try await house.desk.startRecovery(
            of: owner, because: "lost it all", isSecondFactorLost: true, by: .operator(in: house.tenant))
        guard
            case .done(_, let signedIn) = try await house.desk.recover(
                with: token, password: TwoHouses.new, network: "a")
        else {
            Issue.record("a second factor was asked for")
            return
        }
        #expect(signedIn.account.id == owner)
        #expect(try await house.tells("recovery.started", of: "person:\(owner)"))
    }

    @Test func nobodyElseSaysForOthersThatTheirFactorsAreLost() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.giveApp()
        let (token, recovery) = try await houses.desk.startRecovery(
            of: houses.pia.account.id, because: "lost", isSecondFactorLost: true, by: houses.mallory.caller)
        #expect(!recovery.isSecondFactorLost && recovery.confirmedBy == nil)
        guard
            case .needsSecondFactor = try await houses.desk.recover(
                with: token, password: TwoHouses.new, network: "a")
        else {
            Issue.record("the word of one was enough")
            return
        }
    }

    @Test func theMachineItselfConfirmsAsASecondPerson() async throws {
        let house = try await TestHouse.make()
        let lee = try await house.member("Lee")
        try await house.installation.database.installation(as: .person(lee.account.id)).change("app.added") { change in
            var own = Factors(id: lee.account.id.retyped(), userHandle: [7])
            own.app = OneTimePasswordFactor(randomness: seededRandomness(3))
            try change.insert(own)
        }
        let (token, _) = try await house.desk.startRecovery(
            of: lee.account.id, because: "lost", by: house.owner.caller)
        try await house.desk.declareLoss(by: token)
        try await house.desk.confirmRecovery(of: lee.account.id, by: .operator(in: house.tenant))
        guard case .done = try await house.desk.recover(with: token, password: TwoHouses.new, network: "a") else {
            Issue.record("the operator's word was not enough")
            return
        }
    }

    @Test func erasingSomebodyErasesTheirRecoveries() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        try await houses.desk.erase(
            houses.pia.account.id, from: [houses.alder.id, houses.birch.id], as: .operator)
        let left = try await houses.installation.database.scope(houses.alder.id, as: .operator).read {
            try $0.count(Recovery.self)
        }
        #expect(left == 0)
    }
}
