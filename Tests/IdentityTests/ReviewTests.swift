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
        _ = try await house.desk.decide(.remove, on: mo.account.id, in: review.id, remaining: ["Badge"], by: owner)
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
