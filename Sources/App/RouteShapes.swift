import Identity
import Kernel
import Routing

/// The shapes that most routes of the pages have.
extension Route {
    /// A page or a form for whoever is not in yet.
    static func door(
        _ method: Method, _ path: String, _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        handle: @escaping @Sendable (Call) async throws -> Answer
    ) -> Route {
        Route(
            method, path, name: name, summary: summary, permission: .signIn, scope: .none, audience: .browser,
            parameters: parameters, response: method == .get ? .media("text/html") : .redirect, handle: handle)
    }

    /// A page of an organisation's.
    static func page(
        _ path: String, _ name: String, _ summary: String, _ permission: Permission, _ parameters: [Parameter] = [],
        handle: @escaping @Sendable (Call) async throws -> String
    ) -> Route {
        Route(
            .get, path, name: name, summary: summary, permission: permission, scope: .organisation, audience: .browser,
            parameters: parameters, response: .media("text/html")
        ) { .page(try await handle($0)) }
    }

    /// A page or a form of a person's own account.
    static func own(
        _ method: Method, _ path: String, _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        response: ResponseShape? = nil, handle: @escaping @Sendable (Call, SignedIn) async throws -> Answer
    ) -> Route {
        Route(
            method, path, name: name, summary: summary, permission: .changeOwnAccount, scope: .none, audience: .browser,
            parameters: parameters, response: response ?? (method == .get ? .media("text/html") : .redirect)
        ) { try await handle($0, try $0.person()) }
    }

    /// What the script on a page asks, and answers for whoever looks at it.
    static func scripted(
        _ path: String, _ name: String, _ summary: String, _ permission: Permission, _ parameters: [Parameter] = [],
        handle: @escaping @Sendable (Call) async throws -> Answer
    ) -> Route {
        Route(
            .post, path, name: name, summary: summary, permission: permission, scope: .none, audience: .program,
            parameters: parameters, response: .media("application/json"), handle: handle)
    }
}
