import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

/// A recovery is worth something only where it was made. Mallory, an owner of Alder, recovers the account of Pia, who belongs to
/// Birch too, and uses the link herself: she must come nowhere near Birch, nor learn that it exists.
@Suite(.onEveryDatabase) struct VouchingTests {
    @Test(
        "means that were shown together are worth what each is",
        arguments: [
            (nil, nil, nil), (nil, [1], nil), ([1], nil, nil), ([1], [1], [1]), ([1], [2], [1, 2]),
            ([1, 2], [2], [1, 2]),
        ] as [(Set<UInt64>?, Set<UInt64>?, Set<UInt64>?)])
    func vouchingsJoin(_ one: Set<UInt64>?, _ other: Set<UInt64>?, _ both: Set<UInt64>?) {
        func vouching(_ numbers: Set<UInt64>?) -> Vouching {
            numbers.map { Set($0.map { Identifier(high: 9, low: $0) }) }
        }
        #expect(vouching(one).joined(with: vouching(other)) == vouching(both))
        let first = Identifier<Organisation>(high: 9, low: 1)
        #expect(vouching(one).holds(in: first) == (one?.contains(1) ?? true))
    }

    // MARK: - Mallory's ways

    @Test func theSessionOfTheRecoveryOpensItsOrganisationOnly() async throws {
        let houses = try await TwoHouses.make()
        #expect(try await houses.reach(try await houses.signIn().1) == ["Hazelbrook Maps", "Birch"])
        let (_, mallory) = try await houses.recovered()
        #expect(mallory.tenant.id == houses.alder.id)
        #expect(try await houses.reach(mallory) == ["Hazelbrook Maps"])
        let refusal = await problem { _ = try await houses.desk.changeOver(mallory, to: houses.birch.id) }
        let nowhere = await problem { _ = try await houses.desk.changeOver(mallory, to: Identifier(high: 1, low: 1)) }
        #expect(refusal?.code == nowhere?.code && refusal?.message == nowhere?.message, "as if there were none")
    }

    @Test func noLaterSignInOpensMore() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        let (_, mallory) = try await houses.signIn(TwoHouses.new)
        #expect(try await houses.reach(mallory) == ["Hazelbrook Maps"])
    }

    @Test func itIsTheSameForWhoBelongsToNoOther() async throws {
        // Otherwise Mallory would learn from it whether there is another.
        let house = try await TestHouse.make()
        let lee = try await house.member("Lee")
        let (token, _) = try await house.desk.startRecovery(
            of: lee.account.id, because: "lost", by: house.owner.caller)
        guard
            case .done(_, let signedIn) = try await house.desk.recover(
                with: token, password: TwoHouses.new, network: "a")
        else {
            Issue.record("a second factor was asked for")
            return
        }
        #expect(signedIn.session.vouchedBy == [house.tenant.id] && signedIn.isRecovered)
    }

    @Test func aNewPasswordIsWorthNoMoreThanTheSession() async throws {
        let houses = try await TwoHouses.make()
        let (_, mallory) = try await houses.recovered()
        try await houses.desk.changePassword(
            of: mallory, to: "nine lamps along the towpath", current: TwoHouses.new, network: "192.0.2.0/24")
        let (_, again) = try await houses.signIn("nine lamps along the towpath")
        #expect(try await houses.reach(again) == ["Hazelbrook Maps"])
    }

    @Test func aFactorThatIsAddedAndWaitedForIsWorthNoMoreEither() async throws {
        let houses = try await TwoHouses.make()
        let (_, mallory) = try await houses.recovered()
        let (secret, _) = try await houses.desk.beginApp(of: mallory, issuer: "V")
        _ = secret
        let factors = try await houses.installation.database.installation(as: .operator).read {
            try $0.require(Factors.self, houses.pia.account.id.retyped()).record
        }
        let app = try #require(factors.appToConfirm).app
        let codes = try await houses.desk.confirmApp(of: mallory, code: app.code(at: houses.installation.clock.now))
        houses.installation.clock.move(by: .days(300))
        let (_, byApp) = try await houses.signIn(
            TwoHouses.new, code: app.code(at: houses.installation.clock.now))
        #expect(try await houses.reach(byApp) == ["Hazelbrook Maps"])
        let (_, byCode) = try await houses.signIn(TwoHouses.new, code: codes[0])
        #expect(try await houses.reach(byCode) == ["Hazelbrook Maps"])
        let newCodes = try await houses.desk.makeRecoveryCodes(of: byCode)
        let (_, byNewCode) = try await houses.signIn(TwoHouses.new, code: newCodes[0])
        #expect(try await houses.reach(byNewCode) == ["Hazelbrook Maps"])
        // Recovering once more with it shown makes it worth no more.
        let pending = try await houses.pendingRecovery()
        let (_, once) = try await houses.desk.signIn(pending: pending, code: newCodes[1])
        #expect(try await houses.reach(once) == ["Hazelbrook Maps"])
    }

    @Test func aPasskeyThatIsAddedOpensWhatItsSessionOpened() async throws {
        let houses = try await TwoHouses.make()
        let (_, mallory) = try await houses.recovered()
        let passkey = SoftPasskey(1)
        try await houses.add(passkey, as: mallory)
        houses.installation.clock.move(by: .days(300))
        #expect(try await houses.reach(try await houses.signIn(with: passkey).1) == ["Hazelbrook Maps"])
        guard case .needsSecondFactor(let pending) = try await houses.step(TwoHouses.new) else {
            Issue.record("no second factor was asked for")
            return
        }
        #expect(
            try await houses.reach(try await houses.signIn(with: passkey, pending: pending).1) == ["Hazelbrook Maps"])
    }

    @Test func whatMalloryAddedStaysWorthlessThereWhenPiaIsBack() async throws {
        let houses = try await TwoHouses.make()
        let own = SoftPasskey(1)
        try await houses.add(own, as: try await houses.signIn().1)
        // Both owners together: Mallory in the name of Pia, with a passkey of hers. Pia's own is removed here …
        let token = try await houses.confirmedLoss()
        let mallory = try await houses.use(token)
        let hers = SoftPasskey(2)
        try await houses.add(hers, as: mallory)
        #expect(await problem { _ = try await houses.signIn(with: own) }?.code == "passkey.unknown")
        // … so Birch lets Pia in again, and asks for the factor that it knows nothing of, which is Mallory's.
        let (link, _) = try await houses.desk.startRecovery(
            of: houses.pia.account.id, because: "recovered elsewhere", by: houses.bruno.caller)
        #expect(try await houses.desk.recovery(link).asksSecondFactor)
        try await houses.desk.declareLoss(by: link)
        try await houses.desk.confirmRecovery(of: houses.pia.account.id, by: .operator(in: houses.birch))
        let pia = try await houses.use(link)
        #expect(try await houses.reach(pia) == ["Birch"])
        #expect(await problem { _ = try await houses.signIn(with: hers) }?.code == "passkey.unknown")
    }

    @Test func aPasskeyFromBeforeOpensEverythingAndBringsThePasswordAlong() async throws {
        let houses = try await TwoHouses.make()
        let own = SoftPasskey(1)
        try await houses.add(own, as: try await houses.signIn().1)
        let (_, pia) = try await houses.signIn(with: own, pending: try await houses.pendingRecovery())
        #expect(try await houses.reach(pia) == ["Hazelbrook Maps", "Birch"])
        #expect(try await houses.reach(try await houses.signIn(with: own).1) == ["Hazelbrook Maps", "Birch"])
    }

    @Test func anInvitationToTheKnownAddressOpensWhoeverInvitesAndNoOther() async throws {
        let houses = try await TwoHouses.make()
        let (_, mallory) = try await houses.recovered()
        // Mallory founds a third organisation, and invites the account that she holds.
        let cedar = try await houses.desk.found("Cedar", as: .operator)
        let link = try await houses.desk.makeSetUpLink(for: cedar.id, as: .operator)
        let (_, owner) = try await houses.desk.join(
            with: link, name: "M", email: "m@example.org", password: "a third door is opened now",
            network: "192.0.2.0/24")
        let (token, _) = try await houses.desk.invite("pia@example.org", as: "member", by: owner.caller)
        let (_, joined) = try await houses.desk.join(with: token, as: mallory)
        #expect(joined.tenant.id == cedar.id)
        #expect(Set(try await houses.desk.organisations(of: joined).map(\.name)) == ["Hazelbrook Maps", "Cedar"])
        let (_, again) = try await houses.signIn(TwoHouses.new)
        #expect(Set(try await houses.desk.organisations(of: again).map(\.name)) == ["Hazelbrook Maps", "Cedar"])
        // An invitation of Birch's own is for somebody else: Pia belongs to it already.
        let (other, _) = try await houses.desk.invite("p@example.org", as: "owner", by: houses.bruno.caller)
        for attempt in 0..<2 {
            #expect(
                await problem {
                    if attempt == 0 {
                        _ = try await houses.desk.join(with: other, as: again)
                    } else {
                        _ = try await houses.desk.join(
                            with: other, name: "Pia", email: "pia@example.org", password: TwoHouses.new,
                            network: "192.0.2.0/24")
                    }
                }?.code == "identity.member-already")
        }
        #expect(
            Set(try await houses.desk.organisations(of: try await houses.signIn(TwoHouses.new).1).map(\.name))
                == ["Hazelbrook Maps", "Cedar"])
    }

    @Test func whoIsSignedInByAPasskeyOfARecoveryGivesThePasswordBeforeTheyJoin() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        let (_, byPasskey) = try await houses.desk.begin(
            houses.pia.account.id, in: houses.alder, by: [.passkey], vouchedBy: [houses.alder.id])
        let cedar = try await houses.desk.found("Cedar", as: .operator)
        let link = try await houses.desk.makeSetUpLink(for: cedar.id, as: .operator)
        #expect(
            await problem { _ = try await houses.desk.join(with: link, as: byPasskey) }?.code
                == "identity.password-first")
    }

    @Test func tokensOfTheOtherOrganisationAreNeitherEndedNorMade() async throws {
        let houses = try await TwoHouses.make()
        let tokens = TokenDesk(
            database: houses.installation.database, identity: houses.desk, clock: houses.installation.clock.clock,
            randomness: seededRandomness(5))
        let (_, here) = try await houses.signIn()
        let (_, there) = try await houses.desk.changeOver(here, to: houses.birch.id)
        let until = houses.installation.clock.now + .days(1)
        let (_, birchToken) = try await tokens.makeToken(
            "theirs", permissions: [.readCommitments], until: until, for: there)
        let (_, alderToken) = try await tokens.makeToken(
            "ours", permissions: [.readCommitments], until: until, for: try await houses.signIn().1)
        let (_, mallory) = try await houses.recovered()
        #expect(try await tokens.caller(presenting: alderToken) == nil)
        #expect(try await tokens.caller(presenting: birchToken)?.tenant.id == houses.birch.id)
        let (made, text) = try await tokens.makeToken(
            "mine", permissions: [.readCommitments], until: until, for: mallory)
        #expect(made.organisation == houses.alder.id)
        #expect(try await tokens.caller(presenting: text)?.tenant.id == houses.alder.id)
        #expect(
            try await tokens.tokens(of: .person(mallory.account.id), in: houses.alder.id, as: .operator).map(\.name)
                == ["mine"])
    }

    @Test func whoEndsTheMembershipHereIsNotLetInThere() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        _ = try await houses.desk.end(houses.pia.account.id, remaining: [], by: houses.mallory.caller)
        let refused = await problem { try await houses.signIn(TwoHouses.new) }
        #expect(refused?.code == "identity.sign-in", "as if the password were wrong")
    }

    @Test func aRecoveryWithoutThePersonsFactorTakesTwoAndOpensNoMore() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.giveApp()
        let token = try await houses.confirmedLoss()
        let signedIn = try await houses.use(token)
        #expect(try await houses.reach(signedIn) == ["Hazelbrook Maps"])
    }

    @Test func twoHelpersWhoKnowThePasswordToDoNotGoAroundTheFactorElsewhere() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.giveApp()
        let token = try await houses.confirmedLoss()
        guard
            case .done(_, let signedIn) = try await houses.desk.recover(
                with: token, password: TwoHouses.new, current: TwoHouses.password, network: "a")
        else {
            Issue.record("The loss was confirmed.")
            return
        }
        #expect(try await houses.reach(signedIn) == ["Hazelbrook Maps"])
        #expect(try await houses.reach(try await houses.signIn(TwoHouses.new).1) == ["Hazelbrook Maps"])
    }

    @Test func aFactorOfARecoveryIsNotTakenForThePersonsOwnElsewhere() async throws {
        let houses = try await TwoHouses.make()
        let own = SoftPasskey(1)
        let before = try await houses.signIn().1
        try await houses.add(own, as: before)
        // An app that was planted in a recovery, beside Pia's passkey and the password that she set herself.
        let (app, _) = try await houses.app(for: before)
        try await houses.installation.database.installation(as: .operator).change("test.planted") { change in
            let stored = try change.view.require(Factors.self, houses.pia.account.id.retyped())
            var factors = stored.record
            factors.appVouchedBy = [houses.alder.id]
            try change.update(stored, to: factors)
        }
        houses.installation.clock.move(by: .seconds(30))
        let (_, byApp) = try await houses.signIn(code: app.code(at: houses.installation.clock.now))
        #expect(try await houses.reach(byApp) == ["Hazelbrook Maps"])
        // Nor does it confirm a session that opens more.
        houses.installation.clock.move(by: .seconds(30))
        #expect(
            await problem {
                _ = try await houses.desk.confirm(
                    before, password: TwoHouses.password, code: app.code(at: houses.installation.clock.now),
                    network: "a")
            }?.code == "session.confirm-wrong")
    }

    @Test func whatOpensMoreIsNotReplacedInASessionThatOpensLess() async throws {
        let houses = try await TwoHouses.make()
        let (_, recovered) = try await houses.recovered()
        // The password that was set by the recovery may be; one that Pia set herself may not.
        try await houses.desk.changePassword(
            of: recovered, to: "nine lamps along the towpath", current: TwoHouses.new, network: "192.0.2.0/24")
        try await houses.installation.database.installation(as: .operator).change("test.own") { change in
            let stored = try change.view.require(Credential.self, houses.pia.account.id.retyped())
            var credential = stored.record
            credential.vouchedBy = nil
            try change.update(stored, to: credential)
        }
        #expect(
            await problem {
                try await houses.desk.changePassword(
                    of: recovered, to: "ten lamps along the towpath", current: "nine lamps along the towpath",
                    network: "192.0.2.0/24")
            }?.code == "session.worth-less")
    }

    // MARK: - What each organisation sees

    @Test func theOtherOrganisationSeesThatItHappenedAndNotWhere() async throws {
        let houses = try await TwoHouses.make()
        #expect(try await !houses.member(houses.pia, of: houses.birch).isRecoveredElsewhere)
        _ = try await houses.recovered()
        #expect(try await houses.member(houses.pia, of: houses.birch).isRecoveredElsewhere)
        #expect(try await houses.member(houses.pia, of: houses.birch).recovery == nil)
        #expect(try await !houses.member(houses.pia, of: houses.alder).isRecoveredElsewhere)
    }

    @Test func factorsOfARecoveryAreNoneThere() async throws {
        let houses = try await TwoHouses.make()
        let (_, recovered) = try await houses.recovered()
        _ = try await houses.app(for: recovered)
        #expect(try await houses.member(houses.pia, of: houses.alder).secondFactors == [.authenticatorApp])
        #expect(try await houses.member(houses.pia, of: houses.birch).secondFactors == [])
    }

    // MARK: - Pia's ways back

    @Test func whoShowsAFactorFromBeforeInTheRecoveryOpensEverything() async throws {
        let houses = try await TwoHouses.make()
        let (_, codes) = try await houses.giveApp()
        let pending = try await houses.pendingRecovery()
        let (_, pia) = try await houses.desk.signIn(pending: pending, code: codes[0])
        #expect(!pia.isRecovered)
        #expect(try await houses.reach(pia) == ["Hazelbrook Maps", "Birch"])
        #expect(try await !houses.member(houses.pia, of: houses.birch).isRecoveredElsewhere)
    }

    @Test func thePasswordThatIsShownWithAFactorFromBeforeIsWorthAsMuchAndNothingElseIs() async throws {
        let houses = try await TwoHouses.make()
        let (app, _) = try await houses.giveApp()
        // The password is one of a recovery, the app is from before.
        let scope = houses.installation.database.installation(as: .operator)
        try await scope.change("password.recovered") { change in
            let stored = try change.view.require(Credential.self, houses.pia.account.id.retyped())
            var credential = stored.record
            credential.vouchedBy = [houses.alder.id]
            try change.update(stored, to: credential)
            // And codes that were made in a session of the recovery.
            let factors = try change.view.require(Factors.self, houses.pia.account.id.retyped())
            var own = factors.record
            own.codesVouchedBy = [houses.alder.id]
            try change.update(factors, to: own)
        }
        houses.installation.clock.move(by: .seconds(30))
        let (_, pia) = try await houses.signIn(code: app.code(at: houses.installation.clock.now))
        #expect(try await houses.reach(pia) == ["Hazelbrook Maps", "Birch"])
        let (credential, factors) = try await scope.read { view in
            (
                try view.require(Credential.self, houses.pia.account.id.retyped()).record,
                try view.require(Factors.self, houses.pia.account.id.retyped()).record
            )
        }
        #expect(credential.vouchedBy == nil && factors.codesVouchedBy == [houses.alder.id])
    }

    @Test func theOtherOrganisationLetsThemInAgainByALinkOfItsOwn() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        // With the password of now, what it opens stays open.
        let (_, both) = try await houses.recovered(
            in: houses.birch, to: "nine lamps along the towpath", current: TwoHouses.new)
        #expect(both.tenant.id == houses.birch.id)
        #expect(try await houses.reach(both) == ["Hazelbrook Maps", "Birch"])
        #expect(try await !houses.member(houses.pia, of: houses.birch).isRecoveredElsewhere)
        #expect(try await !houses.member(houses.pia, of: houses.alder).isRecoveredElsewhere)
    }

    @Test func thePasswordFromBeforeIsSomethingFromBefore() async throws {
        let houses = try await TwoHouses.make()
        let (_, pia) = try await houses.recovered(current: TwoHouses.password)
        #expect(try await houses.reach(pia) == ["Hazelbrook Maps", "Birch"])
        #expect(try await houses.reach(try await houses.signIn(TwoHouses.new).1) == ["Hazelbrook Maps", "Birch"])
    }

    @Test func withoutThePasswordOfNowEachOpensItsOwn() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        let (_, there) = try await houses.recovered(in: houses.birch, to: "nine lamps along the towpath")
        #expect(try await houses.reach(there) == ["Birch"])
        #expect(await problem { try await houses.signIn(TwoHouses.new) }?.code == "identity.sign-in")
        #expect(try await houses.member(houses.pia, of: houses.alder).isRecoveredElsewhere)
    }

    @Test func aWrongPasswordOfNowIsCountedAndLeavesTheLinkGood() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.recovered()
        let (token, _) = try await houses.desk.startRecovery(
            of: houses.pia.account.id, because: "again", by: houses.bruno.caller)
        #expect(try await houses.desk.recovery(token).mayShowPassword)
        func use(_ current: String) async -> String? {
            await problem {
                _ = try await houses.desk.recover(
                    with: token, password: "nine lamps along the towpath", current: current, network: "a")
            }?.code
        }
        for _ in 0..<5 { #expect(await use("wrong") == "recovery.current") }
        #expect(await use(TwoHouses.new) == "identity.throttled")
        #expect(await use("") == nil)
    }

    // MARK: - The second factor and invitations

    @Test func anInvitationIsNoWayAroundTheSecondFactor() async throws {
        let houses = try await TwoHouses.make()
        _ = try await houses.giveApp()
        let cedar = try await houses.desk.found("Cedar", as: .operator)
        let link = try await houses.desk.makeSetUpLink(for: cedar.id, as: .operator)
        #expect(
            await problem {
                _ = try await houses.desk.join(
                    with: link, name: "Pia", email: "pia@example.org", password: TwoHouses.password,
                    network: "192.0.2.0/24")
            }?.code == "identity.sign-in-first")
    }
}
