import Identity
import Kernel
import Store
import Wire

extension Rooms {
    /// What `organisation` demands of those who sign in, and who of its people could not meet which demand now.
    public func signInRules(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> SignInRules {
        let members = try await identity.members(of: organisation, as: principal)
        func lacking(_ demand: SignInDemand) -> [SignInRules.Lacking] {
            members.filter { !demand.canBeMet(with: $0.secondFactors) }.map {
                SignInRules.Lacking(id: $0.account.id.description, name: $0.account.name)
            }
        }
        return SignInRules(
            demand: try await identity.demand(of: organisation, as: principal).rawValue, people: members.count,
            withoutSecondFactor: lacking(.secondFactor), withoutPhishingResistant: lacking(.phishingResistant))
    }

    /// Decides what signing in demands, for somebody who has signed in that way themselves.
    ///
    /// - Throws: `Problem` that names the field `demand`.
    public func demandAtSignIn(_ demand: String, by signedIn: SignedIn) async throws {
        try await identity.setDemand(try Self.signInDemand(demand), by: signedIn)
    }

    /// The same on the machine itself.
    public func demandAtSignInAsOperator(_ demand: String, in tenant: Tenant) async throws {
        try await identity.setDemandAsOperator(try Self.signInDemand(demand), in: tenant)
    }

    private static func signInDemand(_ text: String) throws -> SignInDemand {
        guard let demand = SignInDemand(rawValue: text) else {
            throw Problem(
                .invalid, code: "sign-in.demand", "`\(text.prefix(40))` is nothing that signing in can demand.",
                hint: "One of: \(SignInDemand.allCases.map(\.rawValue).joined(separator: ", ")).",
                place: Problem.Place(field: "demand"))
        }
        return demand
    }
}
