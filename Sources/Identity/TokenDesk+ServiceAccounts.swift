import Kernel
import Store

extension TokenDesk {
    /// The service accounts of `organisation`, oldest first.
    public func serviceAccounts(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [ServiceAccount] {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(ServiceAccount.self, Query(order: "id")).map(\.record)
        }
    }

    /// The service account that an identifier or a name means.
    ///
    /// - Throws: `Problem` `service-account.not-found`.
    public func serviceAccount(
        _ name: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> ServiceAccount {
        let all = try await serviceAccounts(of: organisation, as: principal)
        let id = Identifier<ServiceAccount>(name)
        guard let account = all.first(where: { $0.id == id || $0.name == name }) else {
            throw Self.noServiceAccount
        }
        return account
    }

    static let noServiceAccount = Problem(
        .notFound, code: "service-account.not-found", "There is no such service account here.")

    /// Makes a service account, which may nothing beyond what its maker may.
    ///
    /// - Throws: `Problem` that names the field that will not do.
    public func makeServiceAccount(
        _ name: String, purpose: String, permissions: [Permission], by caller: Caller
    ) async throws -> ServiceAccount {
        let name = try OneLine.checked(name, field: "name", longest: 100)
        let purpose = try OneLine.checked(purpose, field: "purpose", longest: 500)
        let id = Identifier<ServiceAccount>(at: clock.now(), randomness: randomness)
        let scope = database.scope(caller.tenant.id, as: caller.principal)
        return try await scope.change("service-account.made", on: TokenHolder.serviceAccount(id).subject) { change in
            let authority = try Authority(of: caller, in: change.view)
            try authority.demand(.changeTokens)
            let permissions = try TokenRule.checked(permissions, within: authority.permissions)
            guard try !change.view.list(ServiceAccount.self).contains(where: { $0.record.name == name }) else {
                throw Problem(
                    .conflict, code: "service-account.taken", "There is a service account of this name already.",
                    hint: "Give it another name.", place: Problem.Place(field: "name"))
            }
            return try change.insert(
                ServiceAccount(
                    id: id, name: name, purpose: purpose, permissions: permissions, madeAt: change.now,
                    madeBy: caller.principal.actor)
            ).record
        }
    }

    /// Makes a token of a service account: nobody takes through an account what they have not themselves.
    ///
    /// - Returns: The token, and its text, which is not to be had again.
    public func makeToken(
        _ name: String, permissions: [Permission], until: Instant, forServiceAccount account: String,
        by caller: Caller
    ) async throws -> (token: AccessToken, text: String) {
        let account = try await serviceAccount(account, of: caller.tenant.id, as: caller.principal)
        return try await make(
            name, permissions: permissions, until: until, for: .serviceAccount(account.id), by: caller)
    }

    /// Removes a service account with all its tokens; they stop working at once.
    ///
    /// - Throws: `Problem` `service-account.not-found`.
    @discardableResult
    public func removeServiceAccount(
        _ name: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> ServiceAccount {
        let account = try await serviceAccount(name, of: organisation, as: principal)
        let holder = TokenHolder.serviceAccount(account.id)
        // The account first: without it none of its tokens permits anything.
        try await database.scope(organisation, as: principal).change("service-account.removed", on: holder.subject) {
            change in
            if let stored = try change.view.find(ServiceAccount.self, account.id) { try change.delete(stored) }
        }
        try await endTokens(of: account.id, in: organisation, as: principal)
        return account
    }

    /// Ends every token of a service account, which is removed already.
    public func endTokens(
        of account: Identifier<ServiceAccount>, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        let left = try await tokens(of: .serviceAccount(account), in: organisation, as: principal)
        try await end(left, in: organisation, as: principal)
    }
}
