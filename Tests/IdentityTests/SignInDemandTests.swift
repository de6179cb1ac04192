import Kernel
import Passkeys
import Store
import StoreSupport
import TestSupport
import Testing

@testable import Identity

@Suite(.onEveryDatabase) struct SignInDemandTests {
    /// Gives somebody second factors as rows, without the doors, which have tests of their own.
    private func give(_ factors: [SecondFactor], to person: SignedIn, in house: TestHouse) async throws {
        let scope = house.installation.database.installation(as: .person(person.account.id))
        try await scope.change("factors.given") { change in
            var own = Factors(id: person.account.id.retyped(), userHandle: [1])
            if factors.contains(.authenticatorApp) {
                own.app = OneTimePasswordFactor(randomness: seededRandomness(9))
            }
            try change.insert(own)
        }
    }

    @Test(
        "whether a demand can be met is a matter of the kinds of factors",
        arguments: [
            ([], [SignInDemand.none]), ([.authenticatorApp], [.none, .secondFactor]),
            ([.passkey], SignInDemand.allCases), ([.passkey, .authenticatorApp], SignInDemand.allCases),
        ] as [([SecondFactor], [SignInDemand])])
    func demandsAreMetByKinds(_ factors: [SecondFactor], _ met: [SignInDemand]) {
        #expect(SignInDemand.allCases.filter { $0.canBeMet(with: factors) } == met)
    }

    @Test func membersShowWhichSecondFactorsTheyHave() async throws {
        let house = try await TestHouse.make()
        let lee = try await house.member("Lee")
        try await give([.authenticatorApp], to: lee, in: house)
        let members = try await house.desk.members(of: house.tenant.id, as: .operator)
        #expect(
            members.map { [$0.account.name] + $0.secondFactors.map(\.rawValue) } == [
                ["Ada Lovelace"], ["Lee", "authenticator app"],
            ])
    }

    @Test func whatIsDemandedIsDecidedByWhoMayAndMeetsItThemselves() async throws {
        let house = try await TestHouse.make()
        #expect(
            await problem { try await house.desk.setDemand(.secondFactor, by: house.owner) }?.code
                == "sign-in.own-demand")
        let (_, strong) = try await house.desk.begin(
            house.owner.account.id, in: house.tenant, by: [.password, .authenticatorApp], vouchedBy: nil)
        try await house.desk.setDemand(.secondFactor, by: strong)
        #expect(try await house.desk.demand(of: house.tenant.id, as: .operator) == .secondFactor)
        #expect(try await house.tells("sign-in.demanded", of: "organisation:\(house.tenant.id)"))
    }

    @Test func whoLostTheRightMeanwhileDecidesNothing() async throws {
        let house = try await TestHouse.make()
        let lee = try await house.member("Lee", as: "admin")
        try await house.desk.give("member", to: lee.account.id, by: house.owner.caller)
        #expect(
            await problem { try await house.desk.setDemand(.none, by: lee) }?.code == "session.not-permitted")
    }

    @Test func anOldConfirmationIsNotEnough() async throws {
        let house = try await TestHouse.make()
        house.installation.clock.move(by: .minutes(15))
        #expect(
            await problem { try await house.desk.setDemand(.none, by: house.owner) }?.code == "session.confirm")
    }

    @Test func theMachineItselfDecidesWithoutASession() async throws {
        let house = try await TestHouse.make()
        try await house.desk.setDemandAsOperator(.phishingResistant, in: house.tenant)
        let (_, owner) = try await house.installation.signIn()
        #expect(owner.lacks == .phishingResistant)
        try await house.desk.setDemandAsOperator(.none, in: house.tenant)
        let (_, again) = try await house.installation.signIn()
        #expect(again.lacks == nil)
    }
}
