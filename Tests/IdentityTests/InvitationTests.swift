import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

@Suite(.onEveryDatabase) struct InvitationTests {
    @Test func whoIsInvitedJoinsInTheRoleThatWasOffered() async throws {
        let house = try await TestHouse.make()
        let (token, invitation) = try await house.desk.invite(
            "eve@example.org", as: "auditor", by: house.owner.caller)
        let offer = try await house.desk.invitation(token)
        #expect(offer.tenant == house.tenant && offer.role == .auditor && offer.email == "eve@example.org")
        #expect(try await house.desk.invitations(of: house.tenant.id, as: .operator) == [invitation])
        let (_, eve) = try await house.desk.join(
            with: token, name: "Eve", email: "eve@example.org", password: "seven unrelated words, please",
            network: "192.0.2.0/24")
        #expect(eve.permissions == Role.auditor.permissions)
        let member = try await house.desk.member(eve.account.id, of: house.tenant.id, as: .operator)
        #expect(member.membership.grantedBy == "person:\(house.owner.account.id)")
        #expect(member.membership.grantedAt == member.membership.joinedAt)
        #expect(try await house.desk.invitations(of: house.tenant.id, as: .operator) == [])
        #expect(try await house.tells("invitation.made", of: "organisation:\(house.tenant.id)"))
        #expect(try await house.tells("membership.began", of: "person:\(eve.account.id)"))
    }

    /// What makes an invitation's link worthless.
    enum End: CaseIterable { case used, revoked, old, inviterLeft, inviterLowered, forged, cut, ofNobody }

    @Test(arguments: End.allCases) func aLinkEnds(by end: End) async throws {
        let house = try await TestHouse.make()
        let admin = try await house.member("Adam", as: "admin")
        let (made, invitation) = try await house.desk.invite("eve@example.org", as: "security", by: admin.caller)
        var token = made
        let adam = admin.account.id
        switch end {
        case .used: _ = try await house.desk.join(with: token, as: try await house.stranger())
        case .revoked: try await house.desk.revoke(invitation.id, by: admin.caller)
        case .old: house.installation.clock.move(by: .days(7))
        case .inviterLeft: _ = try await house.desk.end(adam, remaining: [], by: house.owner.caller)
        case .inviterLowered: try await house.desk.give("member", to: adam, by: house.owner.caller)
        case .forged: token = SecretToken(presented: String(made.text.dropLast()) + (made.text.last == "0" ? "1" : "0"))
        case .cut: token = SecretToken(presented: String(made.text.dropFirst(32)))
        case .ofNobody: token = SecretToken(presented: String(repeating: "0", count: 96))
        }
        let seen = await problem { _ = try await house.desk.invitation(token) }
        let used = await problem {
            _ = try await house.desk.join(
                with: token, name: "Eve", email: "eve@example.org", password: "seven unrelated words, please",
                network: "192.0.2.0/24")
        }
        #expect(seen?.code == "identity.invitation")
        #expect(used == seen)
        #expect(seen?.kind == .notFound)
    }

    @Test(
        arguments: [
            ("admin", "owner", "people.beyond-own-role", "role"), ("admin", "admin", nil, nil),
            ("owner", "owner", nil, nil), ("security", "member", "session.not-permitted", nil),
            ("owner", "nonsense", "role.unknown", "role"),
        ] as [(String, String, String?, String?)])
    func nobodyOffersMoreThanTheyHave(_ own: String, _ offered: String, _ code: String?, _ field: String?)
        async throws
    {
        let house = try await TestHouse.make()
        let inviter = try await house.member("Ivo", as: own)
        let refusal = await problem {
            _ = try await house.desk.invite("eve@example.org", as: offered, by: inviter.caller)
        }
        #expect(refusal?.code == code)
        #expect(refusal?.place?.field == field)
    }

    @Test func anAddressHasOneOpenInvitationTheNewest() async throws {
        let house = try await TestHouse.make()
        let (first, _) = try await house.desk.invite("eve@example.org", as: "member", by: house.owner.caller)
        let (other, _) = try await house.desk.invite("kim@example.org", as: "member", by: house.owner.caller)
        let (second, kept) = try await house.desk.invite(" EVE@Example.org", as: "auditor", by: house.owner.caller)
        #expect(await problem { _ = try await house.desk.invitation(first) }?.code == "identity.invitation")
        #expect(try await house.desk.invitation(second).role == .auditor)
        _ = try await house.desk.invitation(other)
        let open = try await house.desk.invitations(of: house.tenant.id, as: .operator)
        #expect(open.count == 2 && open.contains(kept))
    }

    @Test func whoMakesNoOwnersReplacesNoOwnersInvitation() async throws {
        let house = try await TestHouse.make()
        let admin = try await house.member("Adam", as: "admin")
        let (link, _) = try await house.desk.invite("eve@example.org", as: "owner", by: house.owner.caller)
        let refusal = await problem {
            _ = try await house.desk.invite("eve@example.org", as: "member", by: admin.caller)
        }
        #expect(refusal?.code == "people.owner")
        #expect(try await house.desk.invitation(link).role == .owner)
    }

    @Test(arguments: ["eve@example.org", " EVE@Example.ORG "])
    func whoBelongsHereIsNotInvitedAgain(_ email: String) async throws {
        let house = try await TestHouse.make()
        _ = try await house.member("Eve")
        let refusal = await problem { _ = try await house.desk.invite(email, as: "admin", by: house.owner.caller) }
        #expect(refusal?.code == "people.member-already" && refusal?.place?.field == "email")
        #expect(refusal?.hint != nil)
        // Whoever belongs elsewhere is invited like anybody: of other organisations nothing is told.
        let stranger = try await house.stranger()
        _ = try await house.desk.invite(stranger.account.email, as: "member", by: house.owner.caller)
    }

    @Test func aLinkMakesOneMemberEvenWhenItIsUsedTwiceAtOnceAndLeavesNoAccountBehind() async throws {
        let house = try await TestHouse.make()
        let (token, _) = try await house.desk.invite("x@example.org", as: "member", by: house.owner.caller)
        let successes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<3 {
                group.addTask {
                    await problem {
                        _ = try await house.desk.join(
                            with: token, name: "P\(number)", email: "p\(number)@example.org",
                            password: "seven unrelated words, please", network: "192.0.2.0/24")
                    } == nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(successes == 1)
        #expect(try await house.desk.memberCount(of: house.tenant.id, as: .operator) == 2)
        #expect(try await house.desk.names(as: .operator).count == 2)
    }

    @Test func whoBelongsAlreadyIsToldAndTheLinkStaysGood() async throws {
        let house = try await TestHouse.make()
        let (token, _) = try await house.desk.invite("x@example.org", as: "member", by: house.owner.caller)
        let refusal = await problem { _ = try await house.desk.join(with: token, as: house.owner) }
        #expect(refusal?.code == "identity.member-already")
        _ = try await house.desk.invitation(token)
    }

    @Test func anInvitationOfAnotherOrganisationCannotBeSeenOrRevokedHere() async throws {
        let house = try await TestHouse.make()
        let other = try await house.desk.found("Elsewhere", as: .operator)
        let (_, foreign) = try await house.desk.invite("x@example.org", as: "member", by: .operator(in: other))
        #expect(try await house.desk.invitations(of: house.tenant.id, as: .operator) == [])
        let refusal = await problem { try await house.desk.revoke(foreign.id, by: house.owner.caller) }
        #expect(refusal?.kind == .notFound)
        #expect(try await house.desk.invitations(of: other.id, as: .operator).count == 1)
    }

    @Test func changingOverBeginsANewSessionAndTakesNothingAlong() async throws {
        let house = try await TestHouse.make()
        let other = try await house.desk.found("Elsewhere", as: .operator)
        let (link, _) = try await house.desk.invite("x@example.org", as: "auditor", by: .operator(in: other))
        let (token, here) = try await house.installation.signIn()
        let (there, signedIn) = try await house.desk.join(with: link, as: here)
        #expect(signedIn.tenant == other && signedIn.permissions == Role.auditor.permissions)
        #expect(there != token && signedIn.session.formToken != here.session.formToken)
        #expect(try await house.desk.signedIn(with: token) == nil)
        #expect(try await house.desk.organisations(of: here.account.id) == [house.tenant, other])
        let (_, back) = try await house.desk.changeOver(signedIn, to: house.tenant.id)
        #expect(back.tenant == house.tenant && back.permissions == Role.owner.permissions)
        #expect(try await house.desk.signedIn(with: there) == nil)
    }

    @Test func changingOverMakesNoSessionLongerAndRevivesNone() async throws {
        let house = try await TestHouse.make()
        let other = try await house.desk.found("Elsewhere", as: .operator)
        let link = try await house.desk.makeSetUpLink(for: other.id, as: .operator)
        house.installation.clock.move(by: .hours(10))
        let (_, here) = try await house.installation.signIn()
        house.installation.clock.move(by: .minutes(50))
        let (_, there) = try await house.desk.join(with: link, as: here)
        #expect(there.session.expiresAt == here.session.expiresAt)
        let (_, back) = try await house.desk.changeOver(there, to: house.tenant.id)
        #expect(back.session.expiresAt == here.session.expiresAt)
        // Whoever holds a session that was ended meanwhile gets no other for it.
        try await house.desk.signOut(back)
        #expect(await problem { _ = try await house.desk.changeOver(back, to: other.id) }?.code == "session.missing")
    }

    @Test func nobodyChangesOverToWhereTheyDoNotBelong() async throws {
        let house = try await TestHouse.make()
        let other = try await house.desk.found("Elsewhere", as: .operator)
        for foreign in [other.id, Identifier(high: 9, low: 9), .installation] {
            let refusal = await problem { _ = try await house.desk.changeOver(house.owner, to: foreign) }
            #expect(refusal?.code == "organisation.not-found")
        }
    }
}

extension TestHouse {
    /// Somebody with an account who belongs to another organisation.
    func stranger() async throws -> SignedIn {
        let other = try await desk.found("Elsewhere", as: .operator)
        let (token, _) = try await desk.invite("stranger@example.org", as: "member", by: .operator(in: other))
        return try await desk.join(
            with: token, name: "Stranger", email: "stranger@example.org", password: "seven unrelated words, please",
            network: "192.0.2.0/24"
        ).1
    }
}
