import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

@Suite(.onEveryDatabase) struct PeopleTests {
    @Test(
        arguments: [
            // who, whom, from, to, and what is said
            ("owner", "other", "member", "owner", nil), ("owner", "other", "owner", "member", nil),
            ("admin", "other", "member", "admin", nil), ("admin", "other", "member", "owner", "people.beyond-own-role"),
            ("admin", "other", "owner", "member", "people.owner"), ("admin", "other", "admin", "auditor", nil),
            ("admin", "self", "admin", "owner", "people.beyond-own-role"), ("admin", "self", "admin", "member", nil),
            ("security", "other", "member", "auditor", "session.not-permitted"),
            ("member", "self", "member", "admin", "session.not-permitted"),
            ("owner", "other", "member", "member", "people.same-role"),
            ("owner", "other", "member", "nonsense", "role.unknown"),
        ] as [(String, String, String, String, String?)])
    func whoMayGiveWhichRole(_ own: String, _ whom: String, _ from: String, _ to: String, _ code: String?)
        async throws
    {
        let house = try await TestHouse.make()
        let giver = try await house.member("Gil", as: own)
        let subject = whom == "self" ? giver : try await house.member("Sue", as: from)
        let refusal = await problem { try await house.desk.give(to, to: subject.account.id, by: giver.caller) }
        #expect(refusal?.code == code)
        #expect(try await house.roleName(of: subject) == (code == nil ? to : from))
        guard code == nil else { return }
        let member = try await house.desk.member(subject.account.id, of: house.tenant.id, as: .operator)
        #expect(member.membership.grantedBy == "person:\(giver.account.id)")
        #expect(try await house.tells("membership.role-changed", of: "person:\(subject.account.id)"))
    }

    @Test func aRoleHoldsFromTheNextRequestOn() async throws {
        let house = try await TestHouse.make()
        let (token, member) = try await house.join("Mo", as: "member")
        try await house.desk.give("auditor", to: member.account.id, by: house.owner.caller)
        #expect(try await house.desk.signedIn(with: token)?.permissions == Role.auditor.permissions)
    }

    /// Ways in which the last owner could be lost.
    enum Loss: CaseIterable { case lowered, ended, removedInReview, both }

    @Test(arguments: Loss.allCases) func theLastOwnerStays(_ loss: Loss) async throws {
        let house = try await TestHouse.make()
        let id = house.owner.account.id
        let refusal: Problem?
        switch loss {
        case .lowered: refusal = await problem { try await house.desk.give("admin", to: id, by: house.owner.caller) }
        case .ended:
            refusal = await problem { _ = try await house.desk.end(id, remaining: [], by: .operator(in: house.tenant)) }
        case .removedInReview:
            let review = try await house.desk.startReview(by: house.owner.caller)
            refusal = await problem {
                _ = try await house.desk.decide(.remove, on: id, in: review.id, by: .operator(in: house.tenant))
            }
        case .both:
            // Two owners who lower each other at once: one of them is refused.
            let second = try await house.member("Olga", as: "owner")
            async let one = problem { try await house.desk.give("member", to: id, by: second.caller) }
            async let two = problem {
                try await house.desk.give("member", to: second.account.id, by: house.owner.caller)
            }
            let refusals = [await one, await two].compactMap(\.self)
            #expect(refusals.count == 1)
            #expect(refusals.allSatisfy { ["people.last-owner", "session.not-permitted"].contains($0.code) })
            #expect(
                try await house.desk.members(of: house.tenant.id, as: .operator)
                    .count { $0.membership.role == "owner" } == 1)
            return
        }
        #expect(refusal?.code == "people.last-owner")
        #expect(try await house.roleName(of: house.owner) == "owner")
    }

    @Test func whatSomebodyMayIsAskedWhenItIsDoneNotWhenTheyCame() async throws {
        let house = try await TestHouse.make()
        let admin = try await house.member("Adam", as: "admin")
        let member = try await house.member("Mo")
        try await house.desk.give("member", to: admin.account.id, by: house.owner.caller)
        let refusal = await problem { try await house.desk.give("auditor", to: member.account.id, by: admin.caller) }
        #expect(refusal?.code == "session.not-permitted")
    }

    @Test func aPersonOfAnotherOrganisationIsNotThere() async throws {
        let house = try await TestHouse.make()
        let stranger = try await house.stranger().account.id
        let caller = house.owner.caller
        let refusals = [
            await problem { try await house.desk.give("auditor", to: stranger, by: caller) },
            await problem { _ = try await house.desk.end(stranger, remaining: [], by: caller) },
            await problem { _ = try await house.desk.member(stranger, of: house.tenant.id, as: caller.principal) },
        ]
        for refusal in refusals { #expect(refusal?.code == "person.not-found") }
    }

    // MARK: - Last use

    @Test func whenSomebodyWasHereIsNotedAtMostOnceAMinute() async throws {
        let house = try await TestHouse.make()
        let (token, _) = try await house.installation.signIn()
        let start = house.installation.clock.now
        func seen() async throws -> Instant? {
            _ = try await house.desk.signedIn(with: token)
            return try await house.desk.members(of: house.tenant.id, as: .operator).first?.lastUsedAt
        }
        #expect(try await seen() == start)
        house.installation.clock.move(by: .seconds(59))
        #expect(try await seen() == start)
        house.installation.clock.move(by: .seconds(1))
        #expect(try await seen() == start + .minutes(1))
    }

    // MARK: - Signing out

    @Test func whoIsSignedOutHasNoSessionHereAndStaysAMember() async throws {
        let house = try await TestHouse.make()
        let (first, lee) = try await house.join("Lee", as: "admin")
        let (second, _) = try await house.installation.signIn("lee@example.org", "seven unrelated words, please")
        let other = try await house.desk.found("Elsewhere", as: .operator)
        let (link, _) = try await house.desk.invite("x@example.org", as: "member", by: .operator(in: other))
        let (_, third) = try await house.installation.signIn("lee@example.org", "seven unrelated words, please")
        let (elsewhere, _) = try await house.desk.join(with: link, as: third)
        let (owners, owner) = try await house.installation.signIn()
        let before = try await house.desk.member(lee.account.id, of: house.tenant.id, as: .operator)
        #expect(try await house.desk.endSessions(of: lee.account.id, by: owner.caller) == 2)
        for token in [first, second] { #expect(try await house.desk.signedIn(with: token) == nil) }
        #expect(try await house.desk.signedIn(with: elsewhere) != nil)
        #expect(try await house.desk.signedIn(with: owners) != nil)
        let after = try await house.desk.member(lee.account.id, of: house.tenant.id, as: .operator)
        #expect(after.membership == before.membership && after.lastUsedAt == before.lastUsedAt)
        #expect(try await house.tells("sessions.ended", of: "person:\(lee.account.id)"))
        let notices = try await house.desk.notices(of: lee.account.id).map(\.text)
        #expect(notices.count { $0.contains("ended your sessions there") } == 1)
        #expect(!notices.contains { $0.contains(house.tenant.name) }, "other organisations may read it")
        _ = try await house.installation.signIn("lee@example.org", "seven unrelated words, please")
        #expect(try await house.desk.endSessions(of: lee.account.id, by: owner.caller) == 1)
        #expect(try await house.desk.endSessions(of: lee.account.id, by: owner.caller) == 0)
    }

    @Test(
        arguments: [
            ("owner", "owner", nil), ("admin", "admin", nil), ("admin", "auditor", nil),
            ("admin", "owner", "people.beyond-own-role"), ("security", "member", "session.not-permitted"),
            ("auditor", "member", "session.not-permitted"), ("desk", "member", "people.beyond-own-role"),
        ] as [(String, String, String?)])
    func nobodySignsOutWhoMayDoMore(_ own: String, _ theirs: String, _ code: String?) async throws {
        let house = try await TestHouse.make()
        let desk = try await house.desk.makeRole("Desk", [.changePeople], by: house.owner.caller)
        let ender = try await house.member("Enno", as: own == "desk" ? desk.name : own)
        let (token, sue) = try await house.join("Sue", as: theirs)
        let refusal = await problem { _ = try await house.desk.endSessions(of: sue.account.id, by: ender.caller) }
        #expect(refusal?.code == code)
        #expect(try await (house.desk.signedIn(with: token) == nil) == (code == nil))
    }

    @Test func whoBelongsElsewhereIsNotSignedOutFromHere() async throws {
        let house = try await TestHouse.make()
        let stranger = try await house.stranger()
        let refusal = await problem {
            _ = try await house.desk.endSessions(of: stranger.account.id, by: house.owner.caller)
        }
        #expect(refusal?.code == "person.not-found")
    }

    // MARK: - Leaving

    @Test func whoLeavesIsOutAtOnceWhereverTheyAreSignedIn() async throws {
        let house = try await TestHouse.make()
        let (token, leaver) = try await house.join("Lee", as: "admin")
        let (second, _) = try await house.installation.signIn("lee@example.org", "seven unrelated words, please")
        let (link, _) = try await house.desk.invite("friend@example.org", as: "member", by: leaver.caller)
        #expect(try await house.desk.signedIn(with: second) != nil)
        let departure = try await house.desk.end(
            leaver.account.id, remaining: ["Laptop", "Badge"], by: house.owner.caller)
        for token in [token, second] { #expect(try await house.desk.signedIn(with: token) == nil) }
        #expect(await problem { _ = try await house.desk.invitation(link) } != nil)
        #expect(try await house.desk.invitations(of: house.tenant.id, as: .operator) == [])
        #expect(
            await problem {
                try await house.installation.signIn("lee@example.org", "seven unrelated words, please")
            } != nil)
        #expect(departure.role == "admin" && departure.openCount == 2)
        #expect(departure.endedBy == "person:\(house.owner.account.id)")
        let sessions = try await house.installation.database.installation(as: .operator).read { view in
            try view.count(Session.self, Query("person = ?", [.blob(leaver.account.id.bytes)]))
        }
        #expect(sessions == 0)
        #expect(try await house.tells("membership.ended", of: "person:\(leaver.account.id)"))
    }

    @Test(arguments: ["leave", "review"])
    func whoLeavesDoesNotComeBackByALinkThatWasMadeForThem(_ way: String) async throws {
        let house = try await TestHouse.make()
        let (theirs, _) = try await house.desk.invite(" Lee@Example.org ", as: "admin", by: house.owner.caller)
        let (others, _) = try await house.desk.invite("kim@example.org", as: "member", by: house.owner.caller)
        let (used, _) = try await house.desk.invite("l.park@example.org", as: "member", by: house.owner.caller)
        let (_, lee) = try await house.desk.join(
            with: used, name: "Lee", email: "lee@example.org", password: "seven unrelated words, please",
            network: "192.0.2.0/24")
        _ = try await house.desk.invitation(theirs)
        if way == "leave" {
            _ = try await house.desk.end(lee.account.id, remaining: [], by: house.owner.caller)
        } else {
            let review = try await house.desk.startReview(by: house.owner.caller)
            _ = try await house.desk.decide(.remove, on: lee.account.id, in: review.id, by: house.owner.caller)
        }
        let back = await problem {
            _ = try await house.desk.join(
                with: theirs, name: "Lee", email: "lee@example.org", password: "seven unrelated words, please",
                network: "192.0.2.0/24")
        }
        #expect(back?.code == "identity.invitation" && back?.kind == .notFound)
        #expect(try await house.roleName(of: lee) == nil)
        _ = try await house.desk.invitation(others)
    }

    @Test func leavingOneOrganisationLeavesTheOther() async throws {
        let house = try await TestHouse.make()
        let stranger = try await house.stranger()
        let (link, _) = try await house.desk.invite("x@example.org", as: "member", by: house.owner.caller)
        let (here, _) = try await house.desk.join(with: link, as: stranger)
        let (there, _) = try await house.installation.signIn(
            "stranger@example.org", "seven unrelated words, please")
        let other = try #require(try await house.desk.signedIn(with: there)).tenant
        let isHere = other == house.tenant
        _ = try await house.desk.end(stranger.account.id, remaining: [], by: house.owner.caller)
        #expect(try await house.desk.signedIn(with: here) == nil)
        let isOutThere = try await house.desk.signedIn(with: there) == nil
        #expect(isOutThere == isHere)
        #expect(try await house.desk.organisations(of: stranger.account.id).count == 1)
    }

    @Test(
        arguments: [
            ("admin", "owner", "people.owner"), ("admin", "admin", nil), ("owner", "owner", nil),
            ("security", "member", "session.not-permitted"), ("auditor", "member", "session.not-permitted"),
        ] as [(String, String, String?)])
    func whoMayEndWhoseAccess(_ own: String, _ theirs: String, _ code: String?) async throws {
        let house = try await TestHouse.make()
        let ender = try await house.member("Enno", as: own)
        let subject = try await house.member("Sue", as: theirs)
        let refusal = await problem {
            _ = try await house.desk.end(subject.account.id, remaining: [], by: ender.caller)
        }
        #expect(refusal?.code == code)
        let isGone = try await house.roleName(of: subject) == nil
        #expect(isGone == (code == nil))
    }

    @Test func whatRemainsIsTickedOffByANamedPersonOnce() async throws {
        let house = try await TestHouse.make()
        let leaver = try await house.member("Lee")
        let made = try await house.desk.end(leaver.account.id, remaining: ["Laptop"], by: house.owner.caller)
        let longer = try await house.desk.add("Key of the cellar", to: made.id, by: house.owner.caller)
        #expect(longer.items.map(\.text) == ["Laptop", "Key of the cellar"])
        let done = try await house.desk.tickOff(1, of: made.id, by: house.owner.caller)
        #expect(done.openCount == 1)
        #expect(done.items[0].doneBy == "person:\(house.owner.account.id)" && done.items[0].doneAt != nil)
        let caller = house.owner.caller
        #expect(
            await problem { _ = try await house.desk.tickOff(1, of: made.id, by: caller) }?.code
                == "departure.item-done")
        for number in [0, 3, -1] {
            #expect(
                await problem { _ = try await house.desk.tickOff(number, of: made.id, by: caller) }?.code
                    == "departure.no-item")
        }
        #expect(await problem { _ = try await house.desk.add(" ", to: made.id, by: caller) }?.place?.field == "text")
    }

    @Test func whoIsErasedLeavesNoDepartureBehind() async throws {
        let house = try await TestHouse.make()
        let leaver = try await house.member("Lee")
        _ = try await house.desk.end(leaver.account.id, remaining: ["Lee's laptop"], by: house.owner.caller)
        try await house.desk.erase(leaver.account.id, from: [house.tenant.id], as: .operator)
        #expect(try await house.desk.departures(of: house.tenant.id, as: .operator) == [])
    }
}
