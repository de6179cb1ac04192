import Kernel
import Store

extension IdentityDesk {
    /// What `organisation` demands of those who sign in.
    public func demand(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> SignInDemand
    {
        try await database.scope(organisation, as: principal).read { try Self.demand(in: $0) }
    }

    static func demand(in view: ReadView) throws -> SignInDemand {
        try view.list(SignInRule.self, Query(limit: 1)).first?.record.demand ?? .none
    }

    /// Decides what an organisation demands. Whoever does not meet it may then only manage their own account.
    ///
    /// - Throws: `Problem` `sign-in.own-demand` unless the person who decides meets it themselves.
    public func setDemand(_ demand: SignInDemand, by signedIn: SignedIn) async throws {
        try demandFresh(signedIn)
        guard demand.isMet(by: signedIn.session.means) else {
            throw Problem(
                .conflict, code: "sign-in.own-demand", "You would shut yourself out: you did not sign in that way.",
                hint: "Add such a factor to your account, sign in with it, and decide then.")
        }
        try await write(demand, by: signedIn.caller)
    }
}
