import Flows
import Identity
import Kernel
import Pages
import Routing
import Store
import Wire

/// The pages about tokens: a person's own, and those of the organisation's programs.
extension PageRoutes {
    var tokens: [Route] { ownTokens + serviceAccounts + serviceAccountTokens }

    private static let token = Parameter.path("token", "The token's id.")
    private static let account = Parameter.path("account", "The service account's id.")

    /// What the caller may write into a token.
    private static func choices(_ call: Call, within: Set<Permission>? = nil) -> [PermissionEntry] {
        let held = call.caller?.permissions ?? []
        return Permission.ofTokens.filter { held.contains($0) && (within?.contains($0) ?? true) }
            .map { PermissionEntry(id: $0.rawValue, title: $0.title, isChoice: true) }
    }

    private static func mayChange(_ call: Call) -> Bool {
        call.caller?.permissions.contains(.changeTokens) ?? false
    }

    private static func chosen(_ form: [String: String]) -> [Permission] {
        Permission.ofTokens.filter { form[$0.rawValue] != nil }
    }

    /// When a token ends that works for as many days as the form says.
    private static func end(_ form: [String: String], from now: Instant) throws -> Instant {
        guard let days = Int(form["days"] ?? ""), (1...366).contains(days) else {
            throw Problem(
                .invalid, code: "token.until", "A token works for 1 to 366 days.", hint: "Choose one of the list.",
                place: Problem.Place(field: "days"))
        }
        return now + .days(days)
    }

    // MARK: - One's own

    private var ownTokens: [Route] {
        [
            .page("/account/tokens", "showTokens", "One's own tokens", .changeOwnAccount) { try await tokensPage($0) },
            form("/account/tokens", "sendToken", "Make a token of one's own", .changeOwnAccount) {
                [rooms, renderer] call in
                let (person, form) = (try call.person(), try call.form())
                let made = try await rooms.tokens.makeToken(
                    form["name"] ?? "", permissions: Self.chosen(form), until: try Self.end(form, from: call.now),
                    for: person)
                let told = try await rooms.made(made, as: .person(person.account.id))
                return .page(
                    renderer.tokenMade(told, isOwn: true, back: "/account/tokens", in: Self.frame(call)), status: 201)
            } again: {
                try await tokensPage($0, form: $1)
            },
            form(
                "/account/tokens/{token}/revocation", "sendTokenRevocation", "Revoke a token of one's own",
                .changeOwnAccount, [Self.token]
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                try await rooms.tokens.revoke(
                    try call.parameter("token"), of: .person(try call.person().account.id), in: organisation,
                    as: principal)
                return .seeOther("/account/tokens")
            } again: {
                try await tokensPage($0, form: $1)
            },
        ]
    }

    private func tokensPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        let tokens = try await rooms.tokenList(
            of: .person(try call.person().account.id), in: organisation, as: principal)
        return renderer.tokens(tokens, choices: Self.choices(call), form: form, in: Self.frame(call))
    }

    // MARK: - The programs'

    private static let list = "/settings/service-accounts"

    private var serviceAccounts: [Route] {
        [
            .page(Self.list, "showServiceAccounts", "The accounts of programs", .readTokens) {
                try await accountsPage($0)
            },
            form(Self.list, "sendServiceAccount", "Make a service account", .changeTokens) { [rooms] call in
                let form = try call.form()
                let account = try await rooms.tokens.makeServiceAccount(
                    form["name"] ?? "", purpose: form["purpose"] ?? "", permissions: Self.chosen(form),
                    by: try call.asker())
                return .seeOther("\(Self.list)/\(account.id)")
            } again: {
                try await accountsPage($0, form: $1)
            },
            .page(
                "\(Self.list)/{account}", "showServiceAccount", "One service account with its tokens", .readTokens,
                [Self.account]
            ) { try await accountPage($0) },
            form(
                "\(Self.list)/{account}/removal", "sendServiceAccountRemoval",
                "Remove a service account with all its tokens", .changeTokens, [Self.account]
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                try await rooms.tokens.removeServiceAccount(
                    try call.parameter("account"), of: organisation, as: principal)
                return .seeOther(Self.list)
            } again: {
                try await accountPage($0, form: $1)
            },
        ]
    }

    private var serviceAccountTokens: [Route] {
        [
            form(
                "\(Self.list)/{account}/tokens", "sendServiceAccountToken", "Make a token of a service account",
                .changeTokens, [Self.account]
            ) { [rooms, renderer] call in
                let (_, principal) = try call.scope()
                let form = try call.form()
                let account = try await account(call)
                let made = try await rooms.tokens.makeToken(
                    form["name"] ?? "", permissions: Self.chosen(form), until: try Self.end(form, from: call.now),
                    forServiceAccount: account.id.description, by: try call.asker())
                let told = try await rooms.made(made, as: principal)
                let back = "\(Self.list)/\(account.id)"
                return .page(
                    renderer.tokenMade(told, isOwn: false, back: back, in: Self.frame(call)), status: 201)
            } again: {
                try await accountPage($0, form: $1)
            },
            form(
                "\(Self.list)/{account}/tokens/{token}/revocation", "sendServiceAccountTokenRevocation",
                "Revoke a token of a service account", .changeTokens, [Self.account, Self.token]
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let account = try await account(call)
                try await rooms.tokens.revoke(
                    try call.parameter("token"), of: .serviceAccount(account.id), in: organisation, as: principal)
                return .seeOther("\(Self.list)/\(account.id)")
            } again: {
                try await accountPage($0, form: $1)
            },
        ]
    }

    private func account(_ call: Call) async throws -> ServiceAccount {
        let (organisation, principal) = try call.scope()
        return try await rooms.tokens.serviceAccount(
            try call.parameter("account"), of: organisation, as: principal)
    }

    private func accountsPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.serviceAccounts(
            try await rooms.serviceAccountList(of: organisation, as: principal), mayChange: Self.mayChange(call),
            choices: Self.choices(call), form: form, in: Self.frame(call))
    }

    private func accountPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        let account = try await account(call)
        let listed = try await rooms.serviceAccountList(of: organisation, as: principal)
        let summary = listed.first { $0.id == account.id.description } ?? ServiceAccountSummary(account)
        return renderer.serviceAccount(
            summary, mayChange: Self.mayChange(call),
            choices: Self.choices(call, within: Set(account.permissions)), form: form, in: Self.frame(call))
    }
}
