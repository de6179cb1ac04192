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
            throw Problem(.notFound, code: "service-account.not-found", "There is no such service account here.")
        }
        return account
    }

    /// Makes a service account.
    ///
    /// - Parameter within: What its maker may: nobody makes an account that may more.
    /// - Throws: `Problem` that names the field that will not do.
    public func makeServiceAccount(
        _ name: String, purpose: String, permissions: [Permission], within: Set<Permission>,
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> ServiceAccount {
        let name = try OneLine.checked(name, field: "name", longest: 100)
        let purpose = try OneLine.checked(purpose, field: "purpose", longest: 500)
        let permissions = try TokenRule.checked(permissions, within: within)
        let id = Identifier<ServiceAccount>(at: clock.now(), randomness: randomness)
        let scope = database.scope(organisation, as: principal)
        return try await scope.change("service-account.made", on: TokenHolder.serviceAccount(id).subject) { change in
            guard try !change.view.list(ServiceAccount.self).contains(where: { $0.record.name == name }) else {
                throw Problem(
                    .conflict, code: "service-account.taken", "There is a service account of this name already.",
                    hint: "Give it another name.", place: Problem.Place(field: "name"))
            }
            return try change.insert(
                ServiceAccount(
                    id: id, name: name, purpose: purpose, permissions: permissions, madeAt: change.now,
                    madeBy: principal.actor)
            ).record
        }
    }

    /// Makes a token of a service account.
    ///
    /// - Parameter within: What its maker may: nobody takes through an account what they have not themselves.
    /// - Returns: The token, and its text, which is not to be had again.
    public func makeToken(
        _ name: String, permissions: [Permission], until: Instant, forServiceAccount account: String,
        within: Set<Permission>, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> (token: AccessToken, text: String) {
        let account = try await serviceAccount(account, of: organisation, as: principal)
        return try await make(
            name, permissions: permissions, until: until, for: .serviceAccount(account.id),
            within: within.intersection(account.permissions), in: organisation, as: principal)
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
        try await end(
            try await tokens(of: holder, in: organisation, as: principal), in: organisation, as: principal)
        return account
    }
}
