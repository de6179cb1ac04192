import Identity
import Kernel

/// One line of the route table: what is asked for, who may, in whose data, and what answers.
///
/// The table is data: it yields the router, the OpenAPI document and the matrix of authorisation tests. A route cannot
/// be written without a permission and a scope.
public struct Route: Sendable {
    /// The methods in use.
    public enum Method: String, Sendable { case get = "GET", post = "POST", delete = "DELETE" }

    /// Whose data a route touches.
    public enum Scope: String, Sendable {
        /// That of the organisation that the caller is signed in to.
        case organisation
        /// What is published, of whichever organisation the address names.
        case published
        /// None, or only the caller's own session.
        case none
    }

    /// Who reads the answer, which decides how a problem is told.
    public enum Audience: Sendable { case browser, program }

    /// The HTTP method that it answers.
    public let method: Method
    /// The path with `{names}` for parameters: `/api/v1/hosts/{host}`.
    public let path: String
    /// A stable name for the operation: `readHost`.
    public let name: String
    /// What it does, in a few words.
    public let summary: String
    /// What the caller must be permitted to do.
    public let permission: Permission
    /// Whose data it touches.
    public let scope: Scope
    /// Who reads its answers.
    public let audience: Audience
    /// What the path and the query may hold.
    public let parameters: [Parameter]
    /// What the body must hold; `nil` for none.
    public let request: Schema?
    /// What a successful answer holds.
    public let response: ResponseShape
    let handle: @Sendable (Call) async throws -> Answer

    /// Whether a person must have shown who they are within the last quarter of an hour. A program need not: nobody finds it
    /// unattended, and it was given its permission by somebody who had.
    public var needsConfirmation: Bool { method != .get && permission.asksAgain }

    /// The most bytes of a body: a form's, or for what takes whole documents a pack with its text, records, rules.
    public var bodyLimit: Int {
        switch permission {
        case .importPolicy, .sendLogs: 8 << 20
        case .changeRules: 32 << 20
        default: 64 << 10
        }
    }

    /// A route out of its parts; `handle` answers what passed every check before it.
    public init(
        _ method: Method, _ path: String, name: String, summary: String, permission: Permission, scope: Scope,
        audience: Audience, parameters: [Parameter] = [], request: Schema? = nil, response: ResponseShape,
        handle: @escaping @Sendable (Call) async throws -> Answer
    ) {
        self.method = method
        self.path = path
        self.name = name
        self.summary = summary
        self.permission = permission
        self.scope = scope
        self.audience = audience
        self.parameters = parameters
        self.request = request
        self.response = response
        self.handle = handle
    }

    /// Answers `call`, once it is known that the caller may ask.
    ///
    /// - Throws: `Problem` `unauthenticated` or `forbidden`, of which `session.confirm` asks for one more proof of who it is;
    ///   otherwise what the handler throws.
    public func answer(_ call: Call) async throws -> Answer {
        try admit(call.caller)
        if needsConfirmation { try call.signedIn?.demandFresh(at: call.now) }
        if let request { try call.demandJSON(of: request) }
        return try await handle(call)
    }

    /// Whether `caller` may ask; known before anything of the body is read.
    ///
    /// - Throws: `Problem` `unauthenticated` or `forbidden`.
    public func admit(_ caller: Caller?) throws {
        guard !permission.isForAnyone else { return }
        guard let caller else {
            throw Problem(
                .unauthenticated, code: "session.missing", "You are not signed in.", hint: "Sign in and try again.")
        }
        guard caller.permissions.contains(permission) else {
            throw Problem(
                .forbidden, code: "session.not-permitted", "Your role does not include \(permission.rawValue).",
                hint: "Ask an owner of the organisation.")
        }
    }

    /// The routes of an address without its query, by whatever method. What is spelt out is not taken for a parameter of others.
    public static func routes(of address: String, among routes: [Route]) -> [Route] {
        let fitting = routes.filter { $0.fits(address) }
        let literal = fitting.filter { $0.path == address }
        return literal.isEmpty ? fitting : literal
    }

    /// Whether an address without its query is one of this route's.
    public func fits(_ address: some StringProtocol) -> Bool {
        let pattern = path.split(separator: "/")
        let parts = address.split(separator: "/")
        let hasRest = parameters.contains(where: \.isRest)
        guard hasRest ? parts.count >= pattern.count : parts.count == pattern.count else { return false }
        return zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}

/// A parameter of a route.
public struct Parameter: Sendable {
    /// Where a request carries it.
    public enum Place: String, Sendable { case path, query }

    /// Whether it stands for everything that is left of the path, slashes included.
    public let isRest: Bool

    /// Where a request carries it.
    public let place: Place
    /// Its name in the path or the query.
    public let name: String
    /// What it is for, in a few words.
    public let summary: String
    /// The shape of its value.
    public let schema: Schema
    /// Whether a request must carry it.
    public let isRequired: Bool

    /// A part of the path.
    public static func path(_ name: String, _ summary: String, _ schema: Schema = .string()) -> Parameter {
        Parameter(isRest: false, place: .path, name: name, summary: summary, schema: schema, isRequired: true)
    }

    /// Everything that is left of the path; the last part of it.
    public static func rest(_ name: String, _ summary: String) -> Parameter {
        Parameter(isRest: true, place: .path, name: name, summary: summary, schema: .string(), isRequired: true)
    }

    /// A part of the query, which may be left out.
    public static func query(_ name: String, _ summary: String, _ schema: Schema = .string()) -> Parameter {
        Parameter(isRest: false, place: .query, name: name, summary: summary, schema: schema, isRequired: false)
    }
}

/// What a successful answer holds, for the OpenAPI document.
public enum ResponseShape: Sendable {
    /// JSON of this shape.
    case json(Schema)
    /// A page or a file of this media type.
    case media(String)
    /// A redirect to another page.
    case redirect
}
