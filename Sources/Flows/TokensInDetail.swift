import Identity
import Kernel
import Store
import Wire

extension Rooms {
    /// The tokens of `organisation`, newest first: those of one holder, or all.
    public func tokenList(
        of holder: TokenHolder? = nil, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [TokenSummary] {
        let list = try await tokens.tokens(of: holder, in: organisation, as: principal)
        guard !list.isEmpty else { return [] }
        let uses = try await tokens.lastUses(of: list)
        let names = try await names(around: list, in: organisation, as: principal)
        return list.map { TokenSummary($0, usedAt: uses[$0.id], names: names) }
    }

    /// The tokens that act in a person's name and still work, newest first.
    ///
    /// - Throws: `Problem` of kind `notFound`, also for persons of other organisations.
    public func tokens(
        ofPerson id: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [TokenSummary] {
        let person = try personIdentifier(id)
        _ = try await identity.member(person, of: organisation, as: principal)
        let now = clock.now()
        return try await tokenList(of: .person(person), in: organisation, as: principal).filter { $0.until > now }
    }

    /// A token that was just made, as its holder sees it.
    public func made(
        _ made: (token: AccessToken, text: String), as principal: Principal
    ) async throws -> MadeToken {
        let names = try await names(around: [made.token], in: made.token.organisation, as: principal)
        return MadeToken(token: TokenSummary(made.token, usedAt: nil, names: names), secret: made.text)
    }

    /// A token that was revoked, as its holder saw it.
    public func ended(_ token: AccessToken, as principal: Principal) async throws -> TokenSummary {
        TokenSummary(
            token, usedAt: nil, names: try await names(around: [token], in: token.organisation, as: principal))
    }

    /// The service accounts of `organisation` with their tokens, oldest first.
    public func serviceAccountList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [ServiceAccountSummary] {
        let accounts = try await tokens.serviceAccounts(of: organisation, as: principal)
        guard !accounts.isEmpty else { return [] }
        let all = try await tokens.tokens(in: organisation, as: principal)
        let uses = try await tokens.lastUses(of: all)
        let names = HolderNames(
            people: try await people(behind: accounts.map(\.madeBy), and: all, as: principal), accounts: accounts)
        return accounts.map { account in
            ServiceAccountSummary(
                account,
                tokens: all.filter { $0.holder == .serviceAccount(account.id) }
                    .map { TokenSummary($0, usedAt: uses[$0.id], names: names) }, names: names.people)
        }
    }

    private func names(
        around tokens: [AccessToken], in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> HolderNames {
        let isAnyOfAnAccount = tokens.contains { if case .serviceAccount = $0.holder { true } else { false } }
        return HolderNames(
            people: try await people(behind: [], and: tokens, as: principal),
            accounts: isAnyOfAnAccount
                ? try await self.tokens.serviceAccounts(of: organisation, as: principal) : [])
    }

    /// The names behind some actors, and behind who holds or made some tokens; nobody else's.
    private func people(
        behind actors: [String], and tokens: [AccessToken], as principal: Principal
    ) async throws -> [Identifier<Person>: String] {
        let known = actors + tokens.flatMap { [$0.madeBy, $0.holder.subject] }
        return try await identity.names(of: known.compactMap { Identifier<Person>(actor: $0) }, as: principal)
    }
}

/// What those are called who hold tokens.
struct HolderNames {
    let people: [Identifier<Person>: String]
    let accounts: [Identifier<ServiceAccount>: String]

    init(people: [Identifier<Person>: String], accounts: [ServiceAccount]) {
        self.people = people
        self.accounts = Dictionary(accounts.map { ($0.id, $0.name) }) { first, _ in first }
    }

    func entry(of holder: TokenHolder) -> TokenHolderEntry {
        switch holder {
        case .person(let id): TokenHolderEntry(kind: .person, id: id.description, name: people[id])
        case .serviceAccount(let id):
            TokenHolderEntry(kind: .serviceAccount, id: id.description, name: accounts[id])
        }
    }
}

extension TokenSummary {
    /// `token` as its holder sees it.
    init(_ token: AccessToken, usedAt: Instant?, names: HolderNames) {
        self.init(
            id: token.id.description, name: token.name, holder: names.entry(of: token.holder),
            permissions: token.permissions.map(\.rawValue), madeAt: token.madeAt,
            madeBy: actorName(token.madeBy, names.people), until: token.expiresAt, lastUsedAt: usedAt)
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
