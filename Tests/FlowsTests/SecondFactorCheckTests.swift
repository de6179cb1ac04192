import Commitments
import Crypto
import Kernel
import Store
import TestSupport
import Testing
import Verdicts
import Wire

@testable import Flows
@testable import Identity

/// "Share of people with a second factor", "with a phishing-resistant one", and "nobody holds access that nobody used for 90
/// days": populations like any other.
@Suite struct SecondFactorCheckTests {
    private static let all = PeopleChecks.ofPeople.map(\.id)

    /// A house whose owner and members promise second factors in the shares given.
    private struct Crowd {
        let house: TestHouse
        let owner: SignedIn

        static func make(threshold: String = "all", members: [String] = []) async throws -> Crowd {
            let house = try await TestHouse.make()
            let link = try await house.rooms.identity.makeSetUpLink(for: house.tenant.id, as: TestHouse.principal)
            let (_, owner) = try await house.rooms.identity.join(
                with: link, name: "Ada", email: "ada@example.org", password: "seven unrelated words, please",
                network: "192.0.2.0/24")
            let crowd = Crowd(house: house, owner: owner)
            for member in members { try await crowd.join(member) }
            try await crowd.promise(threshold)
            return crowd
        }

        private func promise(_ threshold: String) async throws {
            let text = "Everyone signs in with a second factor."
            let hash = Array(SHA256.hash(data: Array(text.utf8))).hex
            let checks = SecondFactorCheckTests.all.map { check in
                """
                  - id: \(check.rawValue.replacing(".", with: "-"))
                    section: People
                    summary: "Two factors for all."
                    owner: it
                    checks:
                      - { check: \(check), population: person, threshold: "\(threshold)", freshness: 26h }
                """
            }
            let names = SecondFactorCheckTests.all.map { $0.rawValue.replacing(".", with: "-") }
            let pack = """
                format: vouchsafe/pack@v1
                policy:
                  id: people
                  title: People
                  issuer: Hazelbrook Maps
                  version: "1"
                  text: { sha256: \(hash), bytes: \(text.utf8.count) }
                spans:
                  - { at: [0, \(text.utf8.count)], class: commitment, commitments: [\(names.joined(separator: ", "))] }
                commitments:
                \(checks.joined(separator: "\n"))

                """
            _ = try await house.rooms.commitments.importPolicy(
                pack: Array(pack.utf8), text: Array(text.utf8), into: house.tenant.id, as: TestHouse.principal)
        }

        /// Whoever joins is a member without ever having been here: their rows are written, without a session.
        @discardableResult
        func join(_ name: String) async throws -> Identifier<Person> {
            let database = house.rooms.database
            let person = Identifier<Person>(
                at: house.clock.now, randomness: seededRandomness(UInt64(100 + name.utf8.reduce(0) { $0 + Int($1) })))
            try await database.installation(as: .operator).change("person.joined") { change in
                try change.insert(
                    Account(
                        id: person, name: name, email: "\(name)@example.org", createdAt: change.now,
                        emailIndex: change.view.blindIndex(Account.table, "email", of: name)))
            }
            try await database.scope(house.tenant.id, as: .operator).change("membership.began") { change in
                try change.insert(
                    Identity.Membership(
                        id: change.newIdentifier(), person: person, role: "member", joinedAt: change.now,
                        grantedAt: change.now, grantedBy: Principal.operator.actor))
            }
            return person
        }

        func giveApp(to person: Identifier<Person>) async throws {
            try await house.rooms.database.installation(as: .person(person)).change("factors.given") { change in
                var own = Factors(id: person.retyped(), userHandle: [1])
                own.app = OneTimePasswordFactor(randomness: seededRandomness(9))
                try change.insert(own)
            }
        }

        func look() async throws {
            try await house.rooms.reportPeople(SecondFactorCheckTests.all, for: house.tenant.id)
        }

        func standing(_ check: CheckID = PeopleChecks.secondFactor) async throws -> CommitmentStatus {
            let status = try await house.rooms.status(of: house.tenant.id, as: TestHouse.principal)
            return try #require(
                status.commitments.first { $0.id == check.rawValue.replacing(".", with: "-") })
        }

        func detail(_ check: CheckID = PeopleChecks.secondFactor) async throws -> CheckDetail {
            let detail = try await house.rooms.commitment(
                "people", check.rawValue.replacing(".", with: "-"), of: house.tenant.id, as: TestHouse.principal)
            return try #require(detail.checks.first)
        }
    }

    @Test func untilSomebodyLooksNothingIsKnown() async throws {
        let crowd = try await Crowd.make()
        #expect(try await crowd.standing().verdict == .unproven)
    }

    @Test func everyoneCountsWhetherTheyWereEverHereOrNot() async throws {
        let crowd = try await Crowd.make(members: ["Lee", "Kim"])
        try await crowd.giveApp(to: crowd.owner.account.id)
        try await crowd.look()
        let standing = try await crowd.standing()
        #expect(standing.verdict == .broken)
        #expect(standing.reason == "2 of 3 people fail Second factor.")
        let fixes = try await crowd.detail().subjects.compactMap(\.fix)
        #expect(fixes.count == 2 && fixes.allSatisfy { $0.contains("/account") })
    }

    @Test func anAppIsASecondFactorAndNoneThatWithstandsPhishing() async throws {
        let crowd = try await Crowd.make()
        try await crowd.giveApp(to: crowd.owner.account.id)
        try await crowd.look()
        #expect(try await crowd.standing(PeopleChecks.secondFactor).verdict == .kept)
        #expect(try await crowd.standing(PeopleChecks.phishingResistant).verdict == .broken)
        #expect(
            try await crowd.detail(PeopleChecks.phishingResistant).subjects.first?.value
                == "authenticator app, and no passkey")
    }

    @Test(
        "the share that must have one is the commitment's",
        arguments: [("50 %", Verdict.kept), ("51 %", .broken), ("all", .broken)])
    func shares(_ threshold: String, _ verdict: Verdict) async throws {
        let crowd = try await Crowd.make(threshold: threshold, members: ["Lee"])
        try await crowd.giveApp(to: crowd.owner.account.id)
        try await crowd.look()
        #expect(try await crowd.standing().verdict == verdict)
    }

    @Test func whoLeavesCountsNoLongerAtOnce() async throws {
        let crowd = try await Crowd.make()
        let lee = try await crowd.join("Lee")
        try await crowd.giveApp(to: crowd.owner.account.id)
        try await crowd.look()
        #expect(try await crowd.standing().verdict == .broken)
        crowd.house.clock.move(by: .seconds(1))
        _ = try await crowd.house.rooms.leave(lee.description, remaining: [], by: crowd.owner.caller)
        #expect(try await crowd.standing().verdict == .kept)
        crowd.house.clock.move(by: .hours(1))
        try await crowd.look()
        #expect(try await crowd.standing().verdict == .kept)
        #expect(try await crowd.detail().subjects.count == 1)
    }

    @Test func whoIsErasedCountsNoLongerFromTheNextLookOn() async throws {
        let crowd = try await Crowd.make()
        let lee = try await crowd.join("Lee")
        try await crowd.giveApp(to: crowd.owner.account.id)
        try await crowd.look()
        try await crowd.house.rooms.identity.erase(lee, from: [crowd.house.tenant.id], as: .operator)
        crowd.house.clock.move(by: .hours(1))
        try await crowd.look()
        #expect(try await crowd.standing().verdict == .kept)
    }

    @Test func whoJoinsCountsFromTheNextLookOnAndMakesNothingUnprovenBefore() async throws {
        let crowd = try await Crowd.make()
        try await crowd.giveApp(to: crowd.owner.account.id)
        try await crowd.look()
        try await crowd.join("Lee")
        #expect(try await crowd.standing().verdict == .kept)
        crowd.house.clock.move(by: .hours(1))
        try await crowd.look()
        #expect(try await crowd.standing().verdict == .broken)
    }

    @Test func whoComesBackCountsAgain() async throws {
        let crowd = try await Crowd.make(members: ["Lee"])
        let scope = crowd.house.rooms.database.scope(crowd.house.tenant.id, as: .operator)
        try await crowd.look()
        let old = try await scope.change("membership.ended") { change -> Identity.Membership in
            let stored = try #require(
                try change.view.list(Identity.Membership.self).first { $0.record.role == "member" })
            try change.delete(stored)
            return stored.record
        }
        crowd.house.clock.move(by: .hours(1))
        try await crowd.look()
        #expect(try await crowd.detail().subjects.count == 1)
        try await scope.change("membership.began") { change in
            try change.insert(
                Identity.Membership(
                    id: change.newIdentifier(), person: old.person, role: "member", joinedAt: change.now,
                    grantedAt: change.now, grantedBy: old.grantedBy))
        }
        crowd.house.clock.move(by: .hours(1))
        try await crowd.look()
        #expect(try await crowd.detail().subjects.count == 2)
    }

    @Test func serviceAccountsAreNotPeople() async throws {
        let crowd = try await Crowd.make()
        try await crowd.giveApp(to: crowd.owner.account.id)
        _ = try await crowd.house.rooms.tokens.makeServiceAccount(
            "pipeline", purpose: "builds", permissions: [.readHosts], by: .operator(in: crowd.house.tenant))
        try await crowd.look()
        let standing = try await crowd.standing()
        #expect(standing.verdict == .kept)
        #expect(standing.reason == "The one person passes Second factor.")
    }

    @Test func theEvidenceRunsOutWhenNobodyLooks() async throws {
        let crowd = try await Crowd.make()
        try await crowd.giveApp(to: crowd.owner.account.id)
        try await crowd.look()
        crowd.house.clock.move(by: .hours(26))
        #expect(try await crowd.standing().verdict == .stale)
    }

    @Test func evidenceHoldsKindsAndNoNamesWhichStandInThePagesOnly() async throws {
        let crowd = try await Crowd.make(members: ["Lee-with-a-long-name"])
        try await crowd.look()
        let subjects = try await crowd.detail().subjects
        #expect(Set(subjects.map(\.name)) == ["Ada", "Lee-with-a-long-name"])
        for subject in subjects {
            let stored = "\(subject.value ?? "") \(subject.evidence) \(subject.fix ?? "")"
            #expect(!stored.contains("Ada") && !stored.contains("Lee") && !stored.contains("example.org"))
            #expect(subject.evidence.map(\.content) == ["none"])
        }
        try await crowd.house.rooms.publishChanges(for: crowd.house.tenant.id)
        let page = try await crowd.house.rooms.trustPage(slug: crowd.house.tenant.slug)
        #expect(!"\(page)".contains("Lee-with"))
    }

    // MARK: - Access in use

    @Test(
        "an access counts as used for 90 days after its last use, or after joining",
        arguments: [
            (3, 3, CheckResult.pass, "last used 3 days ago"), (400, 90, .pass, "last used 90 days ago"),
            (400, 91, .fail, "last used 91 days ago"), (90, nil, .pass, "joined 90 days ago, and never used"),
            (91, nil, .fail, "joined 91 days ago, and never used"),
            // Noted in an earlier membership: what counts is this one.
            (10, 200, .pass, "joined 10 days ago, and never used"),
        ] as [(Int, Int?, CheckResult, String)])
    func unused(_ joined: Int, _ used: Int?, _ result: CheckResult, _ value: String) {
        let now = MovableClock().now
        let use = AccessUse(joinedAt: now - .days(joined), lastUsedAt: used.map { now - .days($0) })
        let found = Rooms.judge(use, at: now)
        #expect(found.result == result && found.value == value)
        #expect((found.fix == nil) == (result == .pass))
    }

    @Test func whoComesOrWhoseTokenActsUsesTheirAccess() async throws {
        let crowd = try await Crowd.make(members: ["Lee"])
        let house = crowd.house
        let token = try await house.rooms.tokens.makeToken(
            "t", permissions: [.readHosts], until: house.clock.now + .days(300), for: crowd.owner)
        house.clock.move(by: .days(91))
        try await crowd.look()
        #expect(try await crowd.standing(PeopleChecks.accessUsed).reason == "All 2 people fail Access in use.")
        _ = try await house.rooms.tokens.caller(presenting: token.text)
        try await crowd.look()
        #expect(try await crowd.standing(PeopleChecks.accessUsed).reason == "1 of 2 people fails Access in use.")
        let subjects = try await crowd.detail(PeopleChecks.accessUsed).subjects
        #expect(subjects.allSatisfy { !"\($0.evidence) \($0.value ?? "")".contains("Lee") })
        let lee = try #require(
            try await house.rooms.peopleList(of: house.tenant.id, as: TestHouse.principal).first { $0.name == "Lee" })
        _ = try await house.rooms.leave(lee.id, remaining: [], by: .operator(in: house.tenant))
        #expect(try await crowd.standing(PeopleChecks.accessUsed).verdict == .kept)
        let now = try await house.rooms.peopleNow(
            PeopleChecks.accessUsed, in: house.tenant.id, as: TestHouse.principal)
        #expect(now.map(\.name) == ["Ada"] && now.first?.measurement.value == "last used 0 days ago")
    }

    @Test func theOrganisationsDemandIsShownWithWhoCouldNotMeetIt() async throws {
        let crowd = try await Crowd.make(members: ["Lee"])
        try await crowd.giveApp(to: crowd.owner.account.id)
        try await crowd.house.rooms.demandAtSignInAsOperator("second-factor", in: crowd.house.tenant)
        let rules = try await crowd.house.rooms.signInRules(of: crowd.house.tenant.id, as: .operator)
        #expect(rules.demand == "second-factor" && rules.people == 2)
        #expect(rules.withoutSecondFactor.map(\.name) == ["Lee"])
        #expect(rules.withoutPhishingResistant.map(\.name) == ["Ada", "Lee"])
        #expect(
            await problem { try await crowd.house.rooms.demandAtSignInAsOperator("more", in: crowd.house.tenant) }?
                .place?.field == "demand")
    }
}
