import Kernel
import Ledger
import Store
import TestSupport
import Testing

@testable import Identity

@Suite struct TokenTests {
    private struct Stand {
        let installation: TestInstallation
        let owner: SignedIn
        let desk: TokenDesk

        static func make() async throws -> Stand {
            let (installation, _, owner) = try await TestInstallation.owned()
            return Stand(installation: installation, owner: owner, desk: Self.desk(over: installation))
        }

        /// A desk with a memory of its own, as another node has.
        static func desk(over installation: TestInstallation) -> TokenDesk {
            TokenDesk(
                database: installation.database, identity: installation.desk, clock: installation.clock.clock,
                randomness: seededRandomness(7))
        }

        var soon: Instant { installation.clock.now + .days(30) }
        var organisation: Identifier<Organisation> { installation.tenant.id }

        func token(_ permissions: Permission...) async throws -> (token: AccessToken, text: String) {
            try await desk.makeToken("A pipeline", permissions: permissions, until: soon, for: owner)
        }

        func setRole(_ role: String?) async throws {
            try await installation.database.scope(organisation, as: .operator).change("membership.test") { change in
                for stored in try change.view.list(Membership.self) {
                    let old = stored.record
                    guard let role else {
                        try change.delete(stored)
                        continue
                    }
                    try change.update(
                        stored,
                        to: Membership(
                            id: old.id, person: old.person, role: role, joinedAt: old.joinedAt,
                            grantedAt: old.grantedAt, grantedBy: old.grantedBy))
                }
            }
        }

        func actions(_ scope: Identifier<Organisation>) async throws -> [String] {
            try await installation.database.ledger(of: scope).entries(before: nil, limit: 100).map(\.entry.action)
        }
    }

    @Test func aTokenIsKnownByItsTextAndPermitsWhatWasWrittenIntoIt() async throws {
        let stand = try await Stand.make()
        let (token, text) = try await stand.token(.readHosts, .readLedger)
        let caller = try #require(try await stand.desk.caller(presenting: text))
        #expect(caller.principal == .token(token.id))
        #expect(caller.tenant == stand.installation.tenant)
        #expect(caller.permissions == [.readHosts, .readLedger, .readPublications, .signIn])
    }

    @Test func whatIsNoTokenOrNobodysIsNobody() async throws {
        let stand = try await Stand.make()
        let (_, text) = try await stand.token(.readHosts)
        let stranger = TokenText(randomness: seededRandomness(99)).text
        for presented in ["", "vch_", String(text.dropLast()), text + "0", text.uppercased(), stranger, "vch_" + text] {
            #expect(try await stand.desk.caller(presenting: presented) == nil, "\(presented.count)")
        }
    }

    @Test func aTokenEndsAtItsTimeAndNotBefore() async throws {
        let stand = try await Stand.make()
        let (_, text) = try await stand.token(.readHosts)
        stand.installation.clock.move(by: .days(30) + Period(milliseconds: -1))
        #expect(try await stand.desk.caller(presenting: text) != nil)
        stand.installation.clock.move(by: Period(milliseconds: 1))
        #expect(try await stand.desk.caller(presenting: text) == nil)
    }

    @Test func aTokenNeverPermitsMoreThanItsHolderMayNow() async throws {
        let stand = try await Stand.make()
        let (_, text) = try await stand.token(.readHosts, .readCommitments)
        try await stand.setRole("member")
        #expect(
            try await stand.desk.caller(presenting: text)?.permissions
                == [.readCommitments, .readPublications, .signIn])
        try await stand.setRole(nil)
        #expect(try await stand.desk.caller(presenting: text) == nil)
    }

    @Test func aRevokedTokenIsRefusedAtOnceOnEveryNode() async throws {
        let stand = try await Stand.make()
        let other = Stand.desk(over: stand.installation)
        let (token, text) = try await stand.token(.readHosts)
        #expect(try await other.caller(presenting: text) != nil)
        try await stand.desk.revoke(
            token.id.description, of: token.holder, in: stand.organisation, as: .person(stand.owner.account.id))
        #expect(try await other.caller(presenting: text) == nil)
        let again = await problem {
            try await stand.desk.revoke(token.id.description, in: stand.organisation, as: .operator)
        }
        #expect(again?.kind == .notFound)
    }

    @Test func aTokenIsRevokedOnlyByItsHolderAndInItsOrganisation() async throws {
        let stand = try await Stand.make()
        let (token, text) = try await stand.token(.readHosts)
        let elsewhere = try await stand.installation.desk.found("Second Company", as: .operator)
        let holder = TokenHolder.person(Identifier(at: stand.installation.clock.now, randomness: seededRandomness(8)))
        for attempt in [(TokenHolder?.none, elsewhere.id), (holder, stand.organisation)] {
            let refusal = await problem {
                try await stand.desk.revoke(token.id.description, of: attempt.0, in: attempt.1, as: .operator)
            }
            #expect(refusal?.kind == .notFound)
        }
        #expect(try await stand.desk.caller(presenting: text) != nil)
    }

    @Test func whoLeavesTakesNoTokenAlong() async throws {
        let stand = try await Stand.make()
        let texts = [try await stand.token(.readHosts).text, try await stand.token(.readLedger).text]
        try await stand.desk.endTokens(of: stand.owner.account.id, in: stand.organisation, as: .operator)
        for text in texts { #expect(try await stand.desk.caller(presenting: text) == nil) }
        #expect(try await stand.desk.tokens(in: stand.organisation, as: .operator).isEmpty)
    }

    @Test func whoComesBackFindsNoTokenOfTheirsAlive() async throws {
        let stand = try await Stand.make()
        let (_, text) = try await stand.token(.readHosts)
        try await stand.setRole(nil)
        stand.installation.clock.move(by: .seconds(1))
        let (scope, person) = (
            stand.installation.database.scope(stand.organisation, as: .operator), stand.owner.account.id
        )
        try await scope.change("membership.test") { change in
            try change.insert(
                Membership(
                    id: change.newIdentifier(), person: person, role: "owner", joinedAt: change.now,
                    grantedAt: change.now, grantedBy: "operator"))
        }
        #expect(try await stand.desk.caller(presenting: text) == nil)
        let (_, new) = try await stand.token(.readHosts)
        #expect(try await stand.desk.caller(presenting: new) != nil)
    }

    @Test func bothLedgersTellWhoMadeAndWhoRevokedIt() async throws {
        let stand = try await Stand.make()
        let (token, _) = try await stand.token(.readHosts)
        try await stand.desk.revoke(token.id.description, in: stand.organisation, as: .operator)
        for scope in [stand.organisation, .installation] {
            let actions = try await stand.actions(scope)
            #expect(actions.count { $0 == "token.made" } == 1)
            #expect(actions.count { $0 == "token.revoked" } == 1)
            #expect(try await stand.installation.database.ledger(of: scope).verify().problems.isEmpty)
        }
    }

    @Test func makingOneAsksOnceMoreWhoItIsAfterAWhile() async throws {
        let stand = try await Stand.make()
        stand.installation.clock.move(by: .minutes(15))
        #expect(await problem { _ = try await stand.token(.readHosts) }?.code == "session.confirm")
    }

    @Test func oneTooManyIsNotToldAsMade() async throws {
        let stand = try await Stand.make()
        for _ in 0..<TokenDesk.most { _ = try await stand.token(.readHosts) }
        #expect(await problem { _ = try await stand.token(.readHosts) }?.code == "token.too-many")
        #expect(try await stand.actions(stand.organisation).count { $0 == "token.made" } == TokenDesk.most)
    }

    @Test func itsLastUseIsShownToTheMinuteAndWrittenOnceAMinute() async throws {
        let stand = try await Stand.make()
        let (token, text) = try await stand.token(.readHosts)
        func use() async throws -> Instant? {
            _ = try await stand.desk.caller(presenting: text)
            return try await stand.desk.lastUses(of: [token])[token.id]
        }
        #expect(try await stand.desk.lastUses(of: [token]).isEmpty)
        let first = stand.installation.clock.now
        #expect(try await use() == first)
        stand.installation.clock.move(by: .seconds(59))
        #expect(try await use() == first)
        stand.installation.clock.move(by: .seconds(1))
        #expect(try await use() == first + .minutes(1))
        try await stand.desk.revoke(token.id.description, in: stand.organisation, as: .operator)
        #expect(try await stand.desk.lastUses(of: [token]).isEmpty)
    }

    @Test(arguments: [
        ("", [Permission.readHosts], 30, "name"), ("Line\nbreak", [.readHosts], 30, "name"),
        ("Fine", [], 30, "permissions"), ("Fine", [.changeTokens], 30, "permissions"),
        ("Fine", [.readHosts, .changeOwnAccount], 30, "permissions"),
        ("Fine", [.approveException], 30, "permissions"), ("Fine", [.readHosts], 0, "until"),
        ("Fine", [.readHosts], 367, "until"),
    ])
    func whatWillNotDoIsNamed(_ name: String, _ permissions: [Permission], _ days: Int, _ field: String) async throws {
        let stand = try await Stand.make()
        let refusal = await problem {
            _ = try await stand.desk.makeToken(
                name, permissions: permissions, until: stand.installation.clock.now + .days(days), for: stand.owner)
        }
        #expect(refusal?.place?.field == field)
        #expect(refusal?.hint != nil)
    }

    @Test func whoseATokenIsIsToldThatItWasMadeAndNotWhichOne() async throws {
        let stand = try await Stand.make()
        _ = try await stand.token(.readHosts)
        let account = try await stand.desk.makeServiceAccount(
            "Release gate", purpose: "Stops a release.", permissions: [.readCommitments], by: stand.owner.caller)
        _ = try await stand.desk.makeToken(
            "CI", permissions: [.readCommitments], until: stand.soon, forServiceAccount: account.name,
            by: stand.owner.caller)
        let notices = try await stand.installation.desk.notices(of: stand.owner.account.id)
        #expect(notices.map(\.text) == ["A token that acts in your name was made."])
    }

    @Test func nobodyWritesIntoATokenWhatTheyMayNot() async throws {
        let stand = try await Stand.make()
        try await stand.setRole("member")
        let (_, member) = try await stand.installation.signIn()
        let refusal = await problem {
            _ = try await stand.desk.makeToken("Fine", permissions: [.readHosts], until: stand.soon, for: member)
        }
        #expect(refusal?.place?.field == "permissions")
    }

    @Test func aServiceAccountBoundsItsTokensAndEndsThemWithItself() async throws {
        let stand = try await Stand.make()
        let account = try await stand.desk.makeServiceAccount(
            "Release gate", purpose: "Stops a release while a promise is broken.", permissions: [.readCommitments],
            by: stand.owner.caller)
        func make(_ permissions: [Permission], by caller: Caller? = nil) async throws -> String {
            try await stand.desk.makeToken(
                "CI", permissions: permissions, until: stand.soon, forServiceAccount: account.name,
                by: caller ?? stand.owner.caller
            ).text
        }
        #expect(await problem { _ = try await make([.readHosts]) }?.place?.field == "permissions")
        let lesser = Caller(
            principal: stand.owner.caller.principal, tenant: stand.installation.tenant, permissions: [.readHosts])
        let beyondMaker = await problem { _ = try await make([.readCommitments], by: lesser) }
        #expect(beyondMaker?.place?.field == "permissions")
        let text = try await make([.readCommitments])
        // It is nobody's in person: who made it may leave.
        try await stand.setRole(nil)
        #expect(try await stand.desk.caller(presenting: text)?.permissions.contains(.readCommitments) == true)
        try await stand.desk.removeServiceAccount(account.id.description, of: stand.organisation, as: .operator)
        #expect(try await stand.desk.caller(presenting: text) == nil)
        #expect(try await stand.desk.tokens(in: stand.organisation, as: .operator).isEmpty)
    }

    @Test func whoLostTheirRightsMeanwhileMakesNothingWithThoseTheyAskedWith() async throws {
        let stand = try await Stand.make()
        try await stand.setRole("member")
        #expect(await problem { _ = try await stand.token(.readHosts) }?.place?.field == "permissions")
        let refusal = await problem {
            _ = try await stand.desk.makeServiceAccount(
                "Gate", purpose: "Releases.", permissions: [.readCommitments], by: stand.owner.caller)
        }
        #expect(refusal?.code == "session.not-permitted")
    }

    @Test func twoServiceAccountsOfOneNameAreNotTwo() async throws {
        let stand = try await Stand.make()
        func make() async throws {
            _ = try await stand.desk.makeServiceAccount(
                "Gate", purpose: "Releases.", permissions: [.readHosts], by: stand.owner.caller)
        }
        try await make()
        #expect(await problem { try await make() }?.code == "service-account.taken")
    }

    @Test func anErasedPersonLeavesNoTokenBehind() async throws {
        let stand = try await Stand.make()
        let (_, text) = try await stand.token(.readHosts)
        try await stand.installation.desk.erase(
            stand.owner.account.id, from: [stand.organisation], as: .operator)
        #expect(try await stand.desk.caller(presenting: text) == nil)
        #expect(try await stand.desk.tokens(in: stand.organisation, as: .operator).isEmpty)
    }

    @Test func neitherTextNorNameIsInAnyFile() async throws {
        let stand = try await Stand.make()
        let (token, text) = try await stand.desk.makeToken(
            "Wombat pipeline", permissions: [.readHosts], until: stand.soon, for: stand.owner)
        _ = try await stand.desk.caller(presenting: text)
        for secret in [text, String(text.dropFirst(4).prefix(20)), token.name] {
            #expect(try !stand.installation.folder.holds(secret))
        }
        #expect(try stand.installation.folder.holds("access_token"), "the search itself finds what is there")
    }
}
