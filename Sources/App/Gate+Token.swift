import HTTPTypes
import Hummingbird
import Identity
import Kernel
import Routing

/// Programs that ask by a token (RFC 6750 §2.1: in the header, and nowhere else).
extension Gate {
    /// The program that asks, if the request carries a token.
    ///
    /// - Throws: `Problem` `token.not-here`, `token.with-cookie`, or one `token.invalid` for every token that does not work.
    func program(_ request: Request, _ cookies: Cookies, asking route: Route) async throws -> Caller? {
        let presented = request.headers[values: .authorization]
        guard !presented.isEmpty else { return nil }
        guard route.audience == .program else {
            throw Problem(
                .invalid, code: "token.not-here", "Pages are not for tokens.", hint: "Ask below /api/v1 instead.")
        }
        guard cookies[Self.sessionCookie] == nil, cookies[Self.formCookie] == nil else {
            throw Problem(
                .invalid, code: "token.with-cookie", "A request is made by a token or by a session, not by both.",
                hint: "Leave out the cookies.")
        }
        guard presented.count == 1, let text = Self.bearer(presented[0]),
            let caller = try await tokens.caller(presenting: text)
        else {
            throw Problem(
                .unauthenticated, code: Self.invalidToken, "The token is not valid.",
                hint: "It may have ended or been revoked. Make another one.")
        }
        return caller
    }

    /// A program that is nobody learns that, and not what else its request lacks.
    func demandAnyone(_ caller: Caller?, asking route: Route) throws {
        guard caller == nil, route.audience == .program, !route.permission.isForAnyone else { return }
        throw Problem(
            .unauthenticated, code: "session.missing", "You are not signed in.",
            hint: "Send a token: Authorization: Bearer vch_….")
    }

    private static let invalidToken = "token.invalid"

    /// What the answer to an unknown program says about how to become known (RFC 6750 §3).
    static func challenge(_ problem: Problem) -> String {
        problem.code == invalidToken
            ? #"Bearer realm="vouchsafe", error="invalid_token""# : #"Bearer realm="vouchsafe""#
    }

    private static func bearer(_ header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
