import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

@Suite(.onEveryDatabase) struct ReviewTests {
    @Test func everyoneIsDecidedOnAndWhoIsRemovedIsOutAtOnce() async throws {
        let house = try await TestHouse.make()
        let admin = try await house.member("Adam", as: "admin")
        let (token, mo) = try await house.join("Mo", as: "member")
        let review = try await house.desk.startReview(by: house.owner.caller)
        #expect(review.lines.count == 3 && review.lines.allSatisfy { $0.decision == nil })
        let owner = house.owner.caller
        #expect(await problem { _ = try await house.desk.startReview(by: owner) }?.code == "review.open")
        _ = try await house.desk.decide(.keep, on: admin.account.id, in: review.id, by: owner)
        #expect(await problem { _ = try await house.desk.complete(review.id, by: owner) }?.code == "review.undecided")
        _ = try await house.desk.decide(.remove, on: mo.account.id, in: review.id, known: ["Badge"], by: owner)
        #expect(try await house.desk.signedIn(with: token) == nil)
        #expect(try await house.desk.departures(of: house.tenant.id, as: .operator).map(\.person) == [mo.account.id])
        _ = try await house.desk.decide(.keep, on: house.owner.account.id, in: review.id, by: admin.caller)
        let done = try await house.desk.complete(review.id, by: owner)
        #expect(done.completedBy == "person:\(house.owner.account.id)" && done.completedAt != nil)
        #expect(try await house.tells("access-review.completed", of: "access-review:\(review.id)"))
        #expect(try await house.tells("access.removed", of: "person:\(mo.account.id)"))
        let late = await problem {
            _ = try await house.desk.decide(.keep, on: admin.account.id, in: review.id, by: owner)
        }
        #expect(late?.code == "review.completed")
    }

    @Test(arguments: [("admin", "review.own-access"), ("member", nil), ("auditor", nil)] as [(String, String?)])
    func nobodyDecidesOnThemselvesWhereAnotherCould(_ other: String, _ code: String?) async throws {
        let house = try await TestHouse.make()
        _ = try await house.member("Olga", as: other)
        let review = try await house.desk.startReview(by: house.owner.caller)
        let refusal = await problem {
            _ = try await house.desk.decide(
                .keep, on: house.owner.account.id, in: review.id, by: house.owner.caller)
        }
        #expect(refusal?.code == code)
    }

    @Test func whoReviewsWithoutBeingAnOwnerRemovesNoOwner() async throws {
        let house = try await TestHouse.make()
        _ = try await house.member("Olga", as: "owner")
        let admin = try await house.member("Adam", as: "admin")
        let review = try await house.desk.startReview(by: admin.caller)
        let refusal = await problem {
            _ = try await house.desk.decide(.remove, on: house.owner.account.id, in: review.id, by: admin.caller)
        }
        #expect(refusal?.code == "people.owner")
        #expect(try await house.roleName(of: house.owner) == "owner")
    }

    @Test func whoLeftMeanwhileNeedsNoDecision() async throws {
        let house = try await TestHouse.make()
        let mo = try await house.member("Mo")
        let review = try await house.desk.startReview(by: house.owner.caller)
        _ = try await house.desk.end(mo.account.id, remaining: [], by: house.owner.caller)
        _ = try await house.desk.decide(.keep, on: house.owner.account.id, in: review.id, by: house.owner.caller)
        let done = try await house.desk.complete(review.id, by: house.owner.caller)
        #expect(done.completedAt != nil)
    }

    /// How somebody comes to have an access on which nobody has decided.
    private static func tokens(of house: TestHouse) -> TokenDesk {
        TokenDesk(
            database: house.installation.database, identity: house.desk, clock: house.installation.clock.clock,
            randomness: seededRandomness(7))
    }

    enum Arrival: CaseIterable { case joined, cameBack, wasRemovedAndCameBack, wasRaised, mayMore }

    @Test(arguments: Arrival.allCases) func nobodySlipsThroughByComingAfterAReviewBegan(_ arrival: Arrival) async throws
    {
        let house = try await TestHouse.make()
        let operates = Caller.operator(in: house.tenant)
        let early = try await house.member("Early")
        let desk = try await house.desk.makeRole("Desk", [.readPeople], by: operates)
        if arrival == .mayMore { try await house.desk.give(desk.name, to: early.account.id, by: operates) }
        let review = try await house.desk.startReview(by: operates)
        for person in [house.owner, early] {
            _ = try await house.desk.decide(.keep, on: person.account.id, in: review.id, by: operates)
        }
        house.installation.clock.move(by: .seconds(1))
        let person: Identifier<Person>
        switch arrival {
        case .joined: person = try await house.member("Late").account.id
        case .wasRaised:
            person = early.account.id
            try await house.desk.give("admin", to: person, by: operates)
        case .mayMore:
            person = early.account.id
            let id = try #require(Identifier<CustomRole>(desk.name))
            _ = try await house.desk.changeRole(id, title: "Desk", [.readPeople, .changePeople], by: operates)
        case .cameBack, .wasRemovedAndCameBack:
            person = early.account.id
            if arrival == .cameBack {
                _ = try await house.desk.end(person, remaining: [], by: operates)
            } else {
                _ = try await house.desk.decide(.remove, on: person, in: review.id, by: operates)
            }
            house.installation.clock.move(by: .seconds(1))
            _ = try await house.join("Early", as: "member")
        }
        let refusal = await problem { _ = try await house.desk.complete(review.id, by: operates) }
        #expect(refusal?.code == "review.undecided" && refusal?.message == "One person is not decided on yet.")
        let decided = try await house.desk.decide(.keep, on: person, in: review.id, by: operates)
        #expect(decided.lines.count { $0.person == person } == 1)
        let role = [Arrival.wasRaised: "admin", .mayMore: "Desk"][arrival] ?? "member"
        #expect(decided.lines.first { $0.person == person }?.role == role)
        _ = try await house.desk.complete(review.id, by: operates)
    }

    @Test func serviceAccountsAreDecidedOnTooAndWhatIsRemovedPermitsNothing() async throws {
        let house = try await TestHouse.make()
        let owner = house.owner.caller
        let tokens = Self.tokens(of: house)
        func account(_ name: String) async throws -> (ServiceAccount, String) {
            let made = try await tokens.makeServiceAccount(
                name, purpose: "Releases", permissions: [.readHosts], by: owner)
            let token = try await tokens.makeToken(
                "t", permissions: [.readHosts], until: house.installation.clock.now + .days(9),
                forServiceAccount: name, by: owner)
            return (made, token.text)
        }
        let (kept, good) = try await account("kept")
        let review = try await house.desk.startReview(by: owner)
        #expect(review.serviceAccounts.map(\.name) == ["kept"])
        let (removed, bad) = try await account("removed")
        _ = try await house.desk.decide(.keep, on: house.owner.account.id, in: review.id, by: owner)
        let refusal = await problem { _ = try await house.desk.complete(review.id, by: owner) }
        #expect(refusal?.message == "2 service accounts are not decided on yet.")
        _ = try await house.desk.decide(.keep, on: kept.id, in: review.id, by: owner)
        _ = try await house.desk.decide(.remove, on: removed.id, in: review.id, by: owner)
        #expect(try await tokens.caller(presenting: good) != nil)
        #expect(try await tokens.caller(presenting: bad) == nil)
        #expect(try await tokens.serviceAccounts(of: house.tenant.id, as: .operator) == [kept])
        #expect(try await house.tells("access.kept", of: "service-account:\(kept.id)"))
        #expect(try await house.tells("access.removed", of: "service-account:\(removed.id)"))
        let again = await problem { _ = try await house.desk.decide(.keep, on: removed.id, in: review.id, by: owner) }
        #expect(again?.code == "service-account.not-found")
        let done = try await house.desk.complete(review.id, by: owner)
        #expect(done.serviceAccounts.map(\.decision) == [.keep, .remove])
        let late = await problem { _ = try await house.desk.decide(.keep, on: kept.id, in: review.id, by: owner) }
        #expect(late?.code == "review.completed")
    }

    @Test func whatWasRemovedMeanwhileNeedsNoDecision() async throws {
        let house = try await TestHouse.make()
        let tokens = Self.tokens(of: house)
        _ = try await tokens.makeServiceAccount(
            "door", purpose: "Opens", permissions: [.readHosts], by: house.owner.caller)
        let review = try await house.desk.startReview(by: house.owner.caller)
        _ = try await house.desk.decide(.keep, on: house.owner.account.id, in: review.id, by: house.owner.caller)
        try await tokens.removeServiceAccount("door", of: house.tenant.id, as: .operator)
        #expect(try await house.desk.complete(review.id, by: house.owner.caller).completedAt != nil)
    }

    @Test(arguments: ["member", "security", "auditor"]) func whoMayNotReviewIsRefused(_ role: String) async throws {
        let house = try await TestHouse.make()
        let somebody = try await house.member("Sam", as: role)
        let review = try await house.desk.startReview(by: house.owner.caller)
        let caller = somebody.caller
        let refusals = [
            await problem { _ = try await house.desk.startReview(by: caller) },
            await problem {
                _ = try await house.desk.decide(.keep, on: house.owner.account.id, in: review.id, by: caller)
            },
            await problem {
                _ = try await house.desk.decide(
                    .remove, on: Identifier<ServiceAccount>(high: 1, low: 1), in: review.id, by: caller)
            },
            await problem { _ = try await house.desk.complete(review.id, by: caller) },
            await problem { try await house.desk.setReviewRhythm(days: 60, by: caller) },
        ]
        for refusal in refusals { #expect(refusal?.code == "session.not-permitted") }
    }

    @Test(arguments: [(77, false), (78, true), (200, true)])
    func aReviewBeginsByItselfTwoWeeksBeforeItIsDue(_ days: Int, _ begins: Bool) async throws {
        let house = try await TestHouse.make()
        house.installation.clock.move(by: .days(days))
        #expect(try await house.desk.startReviewIfDue(in: house.tenant, as: .job(.accessReviews)) == begins)
        #expect(try await !house.desk.startReviewIfDue(in: house.tenant, as: .job(.accessReviews)))
        #expect(try await house.desk.reviews(of: house.tenant.id, as: .operator).count == (begins ? 1 : 0))
    }

    @Test func twoServersBeginOne() async throws {
        let house = try await TestHouse.make()
        house.installation.clock.move(by: .days(100))
        let begun = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { try await house.desk.startReviewIfDue(in: house.tenant, as: .job(.accessReviews)) }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(begun == 1)
    }

    @Test func theRhythmCountsFromTheNewestCompletedReview() async throws {
        let house = try await TestHouse.make()
        try await house.desk.setReviewRhythm(days: 30, by: house.owner.caller)
        house.installation.clock.move(by: .days(20))
        let review = try await house.desk.startReview(by: house.owner.caller)
        _ = try await house.desk.decide(.keep, on: house.owner.account.id, in: review.id, by: house.owner.caller)
        _ = try await house.desk.complete(review.id, by: house.owner.caller)
        house.installation.clock.move(by: .days(15))
        #expect(try await !house.desk.startReviewIfDue(in: house.tenant, as: .job(.accessReviews)))
        house.installation.clock.move(by: .days(1))
        #expect(try await house.desk.startReviewIfDue(in: house.tenant, as: .job(.accessReviews)))
        for days in [29, 367, 0] {
            let refusal = await problem { try await house.desk.setReviewRhythm(days: days, by: house.owner.caller) }
            #expect(refusal?.place?.field == "days")
        }
    }
}
