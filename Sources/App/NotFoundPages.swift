import Hummingbird
import Routing

/// Gives addresses and methods that no route has the same care as all others.
struct NotFoundPages: RouterMiddleware {
    let gate: Gate
    let routes: [Route]

    func handle(
        _ input: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(input, context)
        } catch let error as HTTPError where error.status == .notFound {
            let answer = await gate.notFound(input, context, near: Route.routes(of: input.uri.path, among: routes))
            // A body after the answer to HEAD would be read as the beginning of the next answer.
            return input.method == .head ? answer.createHeadResponse() : answer
        }
    }
}
