import Kernel
import WebPosture

/// Where an address leads: each step with its answer, and how it ended.
public struct RedirectWalk: Sendable {
    /// Why there is no further step.
    public enum End: Hashable, Sendable {
        /// The last answer sends nowhere else.
        case arrived
        /// There are more steps than browsers take, or they go in a circle.
        case tooMany
        /// The last answer sends to something that is no address of the web.
        case nowhere(String)
        /// There was no answer from this address, and why.
        case failed(WebAddress, Problem)
    }

    /// The steps in their order.
    public let steps: [PageExchange]
    /// Why there is no further one.
    public let end: End

    /// The last answer, if there was any.
    public var last: PageExchange? { steps.last }

    /// The most redirections that are followed.
    public static let limit = 10
}

extension HTTPProbe {
    /// Asks, and follows where the answers send; every step goes through the resolver again.
    ///
    /// - Parameters:
    ///   - request: The first request. Its secrets go to its own origin only.
    ///   - jar: The cookies, which answers add to.
    ///   - reach: Where the probe may go, at each step.
    ///   - time: The most time of each step.
    ///   - now: Tells the time, by which cookies end.
    /// - Throws: `CancellationError` only; what else goes wrong stands in the walk.
    public func walk(
        from request: WebRequest, jar: inout CookieJar, reach: Reach, within time: Duration, now: WallClock = .system
    ) async throws -> RedirectWalk {
        var steps: [PageExchange] = []
        var next = request
        while true {
            var headers = next.headers
            if next.secrets.first("Cookie") == nil, let cookies = jar.field(for: next.address, at: now.now()) {
                headers.add("Cookie", cookies)
            }
            let sent = WebRequest(
                next.address, method: next.method, headers: headers, secrets: next.secrets)
            let response: WebResponse
            do {
                response = try await answer(to: sent, reach: reach, within: time)
            } catch let problem as Problem {
                return RedirectWalk(steps: steps, end: .failed(next.address, problem))
            }
            jar.take(response.headers, from: next.address, at: now.now())
            steps.append(PageExchange(sent, response))
            guard response.isRedirection, let location = response.headers.first("Location") else {
                return RedirectWalk(steps: steps, end: .arrived)
            }
            guard let address = response.destination(from: next.address) else {
                return RedirectWalk(steps: steps, end: .nowhere(location))
            }
            guard steps.count <= RedirectWalk.limit else { return RedirectWalk(steps: steps, end: .tooMany) }
            next = WebRequest(
                address, method: request.method, headers: request.headers,
                secrets: address.hasSameOrigin(as: request.address) ? request.secrets : HeaderFields())
        }
    }
}
