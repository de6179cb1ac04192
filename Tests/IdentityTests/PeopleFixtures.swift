import Kernel
import Store

@testable import Identity

/// An organisation with an owner and whoever joins.
struct TestHouse {
    let installation: TestInstallation
    /// The first owner.
    let owner: SignedIn

    var desk: IdentityDesk { installation.desk }
    var tenant: Tenant { installation.tenant }

    static func make() async throws -> TestHouse {
        let (installation, _, owner) = try await TestInstallation.owned()
        return TestHouse(installation: installation, owner: owner)
    }

    /// Somebody who was invited by the owner and joined.
    func member(_ name: String, as role: String = "member") async throws -> SignedIn {
        try await join(name, as: role).1
    }

    func join(_ name: String, as role: String) async throws -> (SecretToken, SignedIn) {
        let email = "\(name.lowercased())@example.org"
        let (token, _) = try await desk.invite(email, as: role, by: owner.caller)
        return try await desk.join(
            with: token, name: name, email: email, password: "seven unrelated words, please", network: "192.0.2.0/24")
    }

    /// The same people as `caller` knows them now.
    func again(_ signedIn: SignedIn) async throws -> Caller {
        let role = try await desk.role(of: signedIn.account.id, in: tenant.id)
        return Caller(
            principal: .person(signedIn.account.id), tenant: tenant, permissions: role?.permissions ?? [])
    }

    func roleName(of person: SignedIn) async throws -> String? {
        try await desk.members(of: tenant.id, as: .operator).first { $0.account.id == person.account.id }?
            .membership.role
    }

    /// The actions of the organisation's ledger.
    func tells(_ action: String, of subject: String) async throws -> Bool {
        try await installation.database.ledger(of: tenant.id).tells(action, of: subject)
    }
}
