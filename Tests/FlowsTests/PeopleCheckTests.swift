import Flows
import Identity
import Kernel
import Store
import TestSupport
import Testing
import Wire

@Suite struct PeopleCheckTests {
    /// A house whose owner has set it up, and who else belongs to it.
    private func owned() async throws -> (TestHouse, SignedIn) {
        let house = try await TestHouse.make()
        let link = try await house.rooms.identity.makeSetUpLink(for: house.tenant.id, as: TestHouse.principal)
        let (_, owner) = try await house.rooms.identity.join(
            with: link, name: "Ada", email: "ada@example.org", password: "seven unrelated words, please",
            network: "192.0.2.0/24")
        return (house, owner)
    }

    @Test func theReviewCheckFollowsTheAgeOfTheNewestCompletedReview() async throws {
        let (house, owner) = try await owned()
        #expect(await house.rooms.judgeAccessReview(of: house.tenant.id).result == .fail)
        let review = try await house.rooms.startReview(by: owner.caller)
        #expect(await house.rooms.judgeAccessReview(of: house.tenant.id).result == .fail, "begun is not done")
        _ = try await house.rooms.decide(
            "keep", on: owner.account.id.description, inReview: review.id, by: owner.caller)
        _ = try await house.rooms.completeReview(review.id, by: owner.caller)
        #expect(await house.rooms.judgeAccessReview(of: house.tenant.id).result == .pass)
        house.clock.move(by: .days(92))
        #expect(await house.rooms.judgeAccessReview(of: house.tenant.id).result == .pass)
        house.clock.move(by: .seconds(1))
        let late = await house.rooms.judgeAccessReview(of: house.tenant.id)
        #expect(late.result == .fail && late.fix != nil)
        #expect(late.value == "the newest access review was completed 92 days ago; one is due every 92")
    }

    @Test func theDepartureCheckFailsWhenSomethingRemainsTooLong() async throws {
        let (house, owner) = try await owned()
        let made = try await house.rooms.invite("lee@example.org", as: "member", by: owner.caller)
        let token = SecretToken(presented: String(made.path.dropFirst("/join/".count)))
        let (_, lee) = try await house.rooms.identity.join(
            with: token, name: "Lee", email: "lee@example.org", password: "seven unrelated words, please",
            network: "192.0.2.0/24")
        #expect(await house.rooms.judgeDepartures(of: house.tenant.id).result == .pass)
        let departure = try await house.rooms.leave(
            lee.account.id.description, remaining: ["Laptop"], by: owner.caller)
        house.clock.move(by: .days(14))
        #expect(await house.rooms.judgeDepartures(of: house.tenant.id).result == .pass)
        house.clock.move(by: .seconds(1))
        let late = await house.rooms.judgeDepartures(of: house.tenant.id)
        #expect(late.result == .fail)
        #expect(!late.value.contains("Lee") && late.evidence.allSatisfy { !$0.content.contains("Lee") })
        _ = try await house.rooms.tickOff(1, ofDeparture: departure.id, by: owner.caller)
        #expect(await house.rooms.judgeDepartures(of: house.tenant.id).result == .pass)
    }

    @Test func exceptionsOnALeaversWordRemainToBeTakenOver() async throws {
        let (house, owner) = try await owned()
        try await house.importExample()
        let made = try await house.rooms.invite("lee@example.org", as: "security", by: owner.caller)
        let token = SecretToken(presented: String(made.path.dropFirst("/join/".count)))
        let (_, lee) = try await house.rooms.identity.join(
            with: token, name: "Lee", email: "lee@example.org", password: "seven unrelated words, please",
            network: "192.0.2.0/24")
        let status = try await house.rooms.status(of: house.tenant.id, as: TestHouse.principal)
        let commitment = try #require(status.commitments.first)
        _ = try await house.rooms.requestException(
            from: commitment.policy, commitment.id, reason: "moving",
            until: house.clock.now + .days(30), in: house.tenant.id, as: lee.caller.principal)
        let departure = try await house.rooms.leave(
            lee.account.id.description, remaining: [], by: owner.caller)
        #expect(departure.items.count == 1)
        #expect(departure.items.first?.text.contains(commitment.id) == true)
    }

    @Test(
        "a leaver's own tokens end; those of programs whose text they saw remain to be replaced",
        arguments: [true, false])
    func tokensThatALeaverSaw(_ isReview: Bool) async throws {
        let (house, owner) = try await owned()
        let made = try await house.rooms.invite("lee@example.org", as: "admin", by: owner.caller)
        let link = SecretToken(presented: String(made.path.dropFirst("/join/".count)))
        let (_, lee) = try await house.rooms.identity.join(
            with: link, name: "Lee", email: "lee@example.org", password: "seven unrelated words, please",
            network: "192.0.2.0/24")
        let desk = house.rooms.tokens
        // As long as names may be: what somebody may call things keeps nobody in.
        let account = try await desk.makeServiceAccount(
            String(repeating: "d", count: 100), purpose: "Releases", permissions: [.readHosts], by: owner.caller)
        func token(_ name: String, days: Int, by caller: Caller) async throws {
            _ = try await desk.makeToken(
                name, permissions: [.readHosts], until: house.clock.now + .days(days),
                forServiceAccount: account.name, by: caller)
        }
        let long = String(repeating: "t", count: 100)
        try await token(long, days: 30, by: lee.caller)
        try await token("ended", days: 1, by: lee.caller)
        try await token("the owner's", days: 30, by: owner.caller)
        let own = try await desk.makeToken(
            "their own", permissions: [.readHosts], until: house.clock.now + .days(30), for: lee)
        house.clock.move(by: .days(2))
        let id = lee.account.id.description
        if isReview {
            let review = try await house.rooms.startReview(by: owner.caller)
            _ = try await house.rooms.decide("remove", on: id, inReview: review.id, by: owner.caller)
        } else {
            _ = try await house.rooms.leave(id, remaining: ["Laptop"], by: owner.caller)
        }
        let departures = try await house.rooms.departureList(of: house.tenant.id, as: TestHouse.principal)
        let seen = "The token \(long) of the service account \(account.name), which they saw: replace it"
        #expect(departures.first?.items.map(\.text) == [seen] + (isReview ? [] : ["Laptop"]))
        #expect(try await desk.caller(presenting: own.text) == nil)
        #expect(try await desk.tokens(in: house.tenant.id, as: TestHouse.principal).count == 3)
        // What was made in the moment before the end is found after it, once.
        for _ in 0..<2 {
            try await house.rooms.identity.addFound(
                [seen, "The token late"], toDepartureOf: lee.account.id, by: owner.caller)
        }
        let later = try await house.rooms.departureList(of: house.tenant.id, as: TestHouse.principal)
        #expect(later.first?.items.map(\.text).filter { $0.hasPrefix("The token") } == [seen, "The token late"])
    }

    @Test("of every token it is known who holds it, and of a person which still work")
    func whoHoldsWhichToken() async throws {
        let (house, owner) = try await owned()
        let desk = house.rooms.tokens
        let account = try await desk.makeServiceAccount(
            "deploy", purpose: "Releases", permissions: [.readHosts], by: owner.caller)
        _ = try await desk.makeToken(
            "a", permissions: [.readHosts], until: house.clock.now + .days(9), forServiceAccount: "deploy",
            by: owner.caller)
        for (name, days) in [("b", 9), ("c", 1)] {
            _ = try await desk.makeToken(
                name, permissions: [.readHosts], until: house.clock.now + .days(days), for: owner)
        }
        let all = try await house.rooms.tokenList(in: house.tenant.id, as: TestHouse.principal)
        let person = TokenHolderEntry(kind: .person, id: owner.account.id.description, name: "Ada")
        let program = TokenHolderEntry(kind: .serviceAccount, id: account.id.description, name: "deploy")
        #expect(Set(all.map { [$0.name, $0.holder.name] }) == [["a", "deploy"], ["b", "Ada"], ["c", "Ada"]])
        #expect(Set(all.map(\.holder)) == [person, program])
        house.clock.move(by: .days(2))
        let theirs = try await house.rooms.tokens(
            ofPerson: owner.account.id.description, in: house.tenant.id, as: TestHouse.principal)
        #expect(theirs.map(\.name) == ["b"])
        for nobody in [TestHouse.principal.actor, house.tenant.id.description] {
            await #expect(throws: Problem.self) {
                _ = try await house.rooms.tokens(
                    ofPerson: nobody, in: house.tenant.id, as: TestHouse.principal)
            }
        }
    }

    @Test("an open review shows whoever came since, and removing a service account ends its tokens")
    func reviewsAsPeopleSeeThem() async throws {
        let (house, owner) = try await owned()
        let desk = house.rooms.tokens
        let review = try await house.rooms.startReview(by: owner.caller)
        #expect(review.undecidedPeople == 1 && review.serviceAccounts.isEmpty)
        _ = try await desk.makeServiceAccount(
            "deploy", purpose: "Releases", permissions: [.readHosts], by: owner.caller)
        let token = try await desk.makeToken(
            "t", permissions: [.readHosts], until: house.clock.now + .days(9), forServiceAccount: "deploy",
            by: owner.caller)
        _ = try await desk.caller(presenting: token.text)
        let made = try await house.rooms.invite("lee@example.org", as: "auditor", by: owner.caller)
        _ = try await house.rooms.identity.join(
            with: SecretToken(presented: String(made.path.dropFirst("/join/".count))), name: "Lee",
            email: "lee@example.org", password: "seven unrelated words, please", network: "192.0.2.0/24")
        let open = try await house.rooms.review(review.id, of: house.tenant.id, as: TestHouse.principal)
        #expect(open.lines.map { [$0.name, $0.role] } == [["Ada", "owner"], ["Lee", "auditor"]])
        #expect(open.undecidedCount == 3)
        let line = try #require(open.serviceAccounts.first)
        #expect(line.purpose == "Releases" && line.permissions == ["hosts.read"] && line.lastUsedAt == house.clock.now)
        let after = try await house.rooms.decide(
            "remove", onServiceAccount: line.account, inReview: review.id, by: owner.caller)
        #expect(after.serviceAccounts.map(\.decision) == ["remove"] && after.undecidedServiceAccounts == 0)
        #expect(try await desk.tokens(in: house.tenant.id, as: TestHouse.principal) == [])
        #expect(after.serviceAccounts.first?.name == "deploy")
    }
}
