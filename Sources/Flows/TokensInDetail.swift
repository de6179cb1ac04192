import Identity
import Kernel
import Store
import Wire

extension Rooms {
    /// The tokens of `organisation`, newest first: those of one holder, or all.
    public func tokenList(
        of holder: TokenHolder? = nil, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [TokenSummary] {
        try await summaries(of: try await tokens.tokens(of: holder, in: organisation, as: principal), as: principal)
    }

    /// A token that was just made, as its holder sees it.
    public func made(_ made: (token: AccessToken, text: String), as principal: Principal) async throws -> MadeToken {
        let names = try await names(of: [made.token.madeBy], as: principal)
        return MadeToken(token: TokenSummary(made.token, usedAt: nil, names: names), secret: made.text)
    }

    /// The service accounts of `organisation` with their tokens, oldest first.
    public func serviceAccountList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [ServiceAccountSummary] {
        let accounts = try await tokens.serviceAccounts(of: organisation, as: principal)
        guard !accounts.isEmpty else { return [] }
        let all = try await tokens.tokens(in: organisation, as: principal)
        let uses = try await tokens.lastUses(of: all)
        let names = try await names(of: accounts.map(\.madeBy) + all.map(\.madeBy), as: principal)
        return accounts.map { account in
            ServiceAccountSummary(
                account,
                tokens: all.filter { $0.holder == .serviceAccount(account.id) }
                    .map { TokenSummary($0, usedAt: uses[$0.id], names: names) }, names: names)
        }
    }

    private func summaries(of list: [AccessToken], as principal: Principal) async throws -> [TokenSummary] {
        guard !list.isEmpty else { return [] }
        let uses = try await tokens.lastUses(of: list)
        let names = try await names(of: list.map(\.madeBy), as: principal)
        return list.map { TokenSummary($0, usedAt: uses[$0.id], names: names) }
    }

    /// The names behind some actors, and nobody else's.
    private func names(of actors: [String], as principal: Principal) async throws -> [Identifier<Person>: String] {
        try await identity.names(of: actors.compactMap { Identifier<Person>(actor: $0) }, as: principal)
    }
}

extension TokenSummary {
    /// `token` as its holder sees it.
    public init(_ token: AccessToken, usedAt: Instant?, names: [Identifier<Person>: String]) {
        self.init(
            id: token.id.description, name: token.name, permissions: token.permissions.map(\.rawValue),
            madeAt: token.madeAt, madeBy: actorName(token.madeBy, names), until: token.expiresAt, lastUsedAt: usedAt)
    }
}

extension ServiceAccountSummary {
    /// `account` with its tokens.
    public init(_ account: ServiceAccount, tokens: [TokenSummary] = [], names: [Identifier<Person>: String] = [:]) {
        self.init(
            id: account.id.description, name: account.name, purpose: account.purpose,
            permissions: account.permissions.map(\.rawValue), madeAt: account.madeAt,
            madeBy: actorName(account.madeBy, names), tokens: tokens)
    }
}

/// The name of the person that a ledger's actor means, or "the operator"; `nil` for whoever is gone.
private func actorName(_ actor: String, _ names: [Identifier<Person>: String]) -> String? {
    if actor == Principal.operator.actor { return "the operator" }
    return Identifier<Person>(actor: actor).flatMap { names[$0] }
}
