import Flows
import Identity
import Kernel
import Routing
import Store
import Wire

/// The routes by which tokens and service accounts are managed. They take a session: no token makes another.
public struct TokenRoutes: Sendable {
    let rooms: Rooms

    /// The routes of the tokens that `rooms` keep.
    public init(rooms: Rooms) {
        self.rooms = rooms
    }

    /// All of them.
    public var table: [Route] { own + accounts }

    private static let token = Parameter.path("token", "The token's id.", .string(format: "uuid"))
    private static let account = Parameter.path("account", "The service account's id or name.")

    private func route(
        _ method: Route.Method, _ path: String, _ name: String, _ summary: String, _ permission: Permission,
        _ parameters: [Parameter] = [], request: Schema? = nil, answers shape: Schema,
        handle: @escaping @Sendable (Call) async throws -> Answer
    ) -> Route {
        Route(
            method, "/api/v1\(path)", name: name, summary: summary, permission: permission, scope: .organisation,
            audience: .program, parameters: parameters, request: request, response: .json(shape), handle: handle)
    }

    private var own: [Route] {
        [
            route(
                .get, "/tokens", "listTokens", "One's own tokens", .changeOwnAccount,
                answers: .array(TokenShapes.token)
            ) { [rooms] call in
                let person = try call.person()
                let (organisation, principal) = try call.scope()
                return try .json(
                    try await rooms.tokenList(of: .person(person.account.id), in: organisation, as: principal))
            },
            route(
                .post, "/tokens", "makeToken", "Make a token of one's own", .changeOwnAccount,
                request: TokenShapes.request, answers: TokenShapes.made
            ) { [rooms] call in
                let person = try call.person()
                let request = try call.json(TokenRequest.self)
                let made = try await rooms.tokens.makeToken(
                    request.name, permissions: request.permissions, until: request.until, for: person)
                return try .json(try await rooms.made(made, as: .person(person.account.id)), status: 201)
            },
            route(
                .delete, "/tokens/{token}", "revokeToken", "Revoke a token of one's own", .changeOwnAccount,
                [Self.token], answers: TokenShapes.token
            ) { [rooms] call in
                let person = try call.person()
                let (organisation, principal) = try call.scope()
                let ended = try await rooms.tokens.revoke(
                    try call.parameter("token"), of: .person(person.account.id), in: organisation, as: principal)
                return try .json(try await rooms.ended(ended, as: principal))
            },
        ]
    }

    private var accounts: [Route] {
        [
            route(
                .get, "/people/{person}/tokens", "listPersonTokens", "The tokens that act in somebody's name",
                .readTokens, [.path("person", "The person's id.", .string(format: "uuid"))],
                answers: .array(TokenShapes.token)
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try .json(
                    try await rooms.tokens(
                        ofPerson: try call.parameter("person"), in: organisation, as: principal))
            },
            route(
                .get, "/service-accounts", "listServiceAccounts", "The service accounts with their tokens",
                .readTokens, answers: .array(TokenShapes.account)
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try .json(try await rooms.serviceAccountList(of: organisation, as: principal))
            },
            route(
                .post, "/service-accounts", "makeServiceAccount", "Make a service account", .changeTokens,
                request: TokenShapes.accountRequest, answers: TokenShapes.account
            ) { [rooms] call in
                let request = try call.json(ServiceAccountRequest.self)
                let account = try await rooms.tokens.makeServiceAccount(
                    request.name, purpose: request.purpose, permissions: request.permissions,
                    by: try call.asker())
                return try .json(ServiceAccountSummary(account), status: 201)
            },
            route(
                .delete, "/service-accounts/{account}", "removeServiceAccount",
                "Remove a service account with all its tokens", .changeTokens, [Self.account],
                answers: TokenShapes.account
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let removed = try await rooms.tokens.removeServiceAccount(
                    try call.parameter("account"), of: organisation, as: principal)
                return try .json(ServiceAccountSummary(removed))
            },
            route(
                .post, "/service-accounts/{account}/tokens", "makeServiceAccountToken",
                "Make a token of a service account", .changeTokens, [Self.account], request: TokenShapes.request,
                answers: TokenShapes.made
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let account = try call.parameter("account")
                _ = try await rooms.tokens.serviceAccount(account, of: organisation, as: principal)
                let request = try call.json(TokenRequest.self)
                let made = try await rooms.tokens.makeToken(
                    request.name, permissions: request.permissions, until: request.until, forServiceAccount: account,
                    by: try call.asker())
                return try .json(try await rooms.made(made, as: principal), status: 201)
            },
            route(
                .delete, "/service-accounts/{account}/tokens/{token}", "revokeServiceAccountToken",
                "Revoke a token of a service account", .changeTokens, [Self.account, Self.token],
                answers: TokenShapes.token
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                let account = try await rooms.tokens.serviceAccount(
                    try call.parameter("account"), of: organisation, as: principal)
                let ended = try await rooms.tokens.revoke(
                    try call.parameter("token"), of: .serviceAccount(account.id), in: organisation, as: principal)
                return try .json(try await rooms.ended(ended, as: principal))
            },
        ]
    }
}

private struct TokenRequest: Decodable {
    let name: String
    let permissions: [Permission]
    let until: Instant
}

private struct ServiceAccountRequest: Decodable {
    let name, purpose: String
    let permissions: [Permission]
}

/// The shapes of what these routes send and take; each mirrors a value of Wire.
private enum TokenShapes {
    typealias Field = Schema.Field

    static let permissions = Schema.array(.choice(Permission.ofTokens.map(\.rawValue)))

    private static let holder = Schema.object(
        "TokenHolder",
        [
            Field("kind", .choice(TokenHolderEntry.Kind.allCases.map(\.rawValue))),
            Field("id", .string(format: "uuid")), Field("name", .string(), optional: true),
        ])

    static let token = Schema.object(
        "Token",
        [
            Field("id", .string(format: "uuid")), Field("name", .string()), Field("holder", holder),
            Field("permissions", permissions), Field("madeAt", .time), Field("madeBy", .string(), optional: true),
            Field("until", .time),
            Field("lastUsedAt", .time, optional: true),
        ])

    static let made = Schema.object("MadeToken", [Field("token", token), Field("secret", .string())])

    static let account = Schema.object(
        "ServiceAccount",
        [
            Field("id", .string(format: "uuid")), Field("name", .string()), Field("purpose", .string()),
            Field("permissions", permissions), Field("madeAt", .time), Field("madeBy", .string(), optional: true),
            Field("tokens", .array(token)),
        ])

    static let request = Schema.object(
        "TokenRequest", [Field("name", .string()), Field("permissions", permissions), Field("until", .time)])

    static let accountRequest = Schema.object(
        "ServiceAccountRequest",
        [Field("name", .string()), Field("purpose", .string()), Field("permissions", permissions)])
}
