import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Kernel
import Logging
import NIOCore
import Pages
import Routing

/// What stands before every route: bounds, who is asking, and whether a form really comes from our own page.
struct Gate: Sendable {
    let identity: IdentityDesk
    let tokens: TokenDesk
    let renderer: PageRenderer
    let clock: WallClock
    let randomness: Randomness
    let refusals: RefusalLog

    static let sessionCookie = "__Host-session"
    static let formCookie = "__Host-form"
    static let pendingCookie = "__Host-sign-in"
    static let deviceCookie = "__Host-device"
    static let visitCookie = "__Host-provider"

    /// Answers a request by `route`, whatever goes wrong.
    func answer(_ request: Request, _ context: ServerContext, by route: Route) async -> Response {
        let cookies = Cookies(request)
        let visitor = cookies[Self.formCookie].flatMap { $0.utf8.count == 64 ? $0 : nil }
        let formToken = visitor ?? randomness.bytes(32).hex
        var signedIn: SignedIn?
        var asker = RefusalLog.Asker(network: context.network)
        do {
            let program = try await program(request, cookies, asking: route)
            asker.caller = program
            // What is published is the same for everyone.
            if route.scope != .published, let token = cookies[Self.sessionCookie] {
                signedIn = try await identity.signedIn(
                    with: SecretToken(presented: token), isUse: Self.isUse(request, of: route))
            }
            asker.caller = program ?? signedIn?.caller
            try demandAnyone(asker.caller, asking: route)
            // A token comes along only where a program puts it: nothing else could have sent this in its name.
            let mayBeForged = route.method != .get && program == nil
            if mayBeForged { try demandOwnOrigin(request) }
            let call = try await call(
                request, context, route, signedIn, program, signedIn?.session.formToken ?? formToken)
            if route.permission == .signIn { asker.address = (try? call.form())?["email"] }
            if mayBeForged { try demandFormToken(request, call, cookies) }
            let answer = try await route.answer(call)
            if let problem = answer.problem { await refusals.tell(problem, by: route, to: asker, context.logger) }
            let mustGreet =
                signedIn == nil && visitor == nil && route.audience == .browser && route.scope != .published
            var response = Response(
                answer, isPublic: route.scope == .published, asked: request.headers,
                formToken: mustGreet ? formToken : nil)
            if case .begin(let token) = answer.session {
                response.keep(
                    try await identity.marks(DeviceMarks(presented: cookies[Self.deviceCookie]), with: token))
            }
            return response
        } catch {
            if let problem = error as? Problem {
                await refusals.tell(problem, by: route, to: asker, context.logger)
            }
            return refuse(error, request, context, route, signedIn)
        }
    }

    /// Whether a person is behind a request, and not an open page that keeps itself up to date.
    private static func isUse(_ request: Request, of route: Route) -> Bool {
        if case .media("text/event-stream") = route.response { return false }
        return request.headers[.unattended] == nil
    }

    /// The answer where no route fits.
    ///
    /// - Parameter others: The routes of the same address that take other methods.
    func notFound(_ request: Request, _ context: ServerContext, near others: [Route]) async -> Response {
        let methods = Set(others.map(\.method.rawValue))
        let allowed = (methods.contains("GET") ? methods.union(["HEAD"]) : methods).sorted()
        let problem =
            allowed.isEmpty
            ? Problem(
                .notFound, code: "route.not-found", "There is nothing at this address.",
                hint: "Check it, or start at the overview.")
            : Problem(
                .wrongMethod, code: "route.method", "This address cannot be asked in this way.",
                hint: "It takes \(allowed.joined(separator: ", ")).")
        // Whoever is signed in keeps the way back to their pages; if that cannot be told, the page stands without it.
        let token = Cookies(request)[Self.sessionCookie].map { SecretToken(presented: $0) }
        let signedIn: SignedIn? = if let token { try? await identity.signedIn(with: token) } else { nil }
        let isForProgram = request.uri.path.hasPrefix("/api/") || others.contains { $0.audience == .program }
        var answer = self.answer(problem, isForProgram: isForProgram, context, signedIn)
        answer.allowed = allowed
        return Response(answer, isPublic: false, asked: HTTPFields(), formToken: nil)
    }

    private func call(
        _ request: Request, _ context: ServerContext, _ route: Route, _ signedIn: SignedIn?, _ program: Caller?,
        _ formToken: String
    ) async throws -> Call {
        var request = request
        let body: [UInt8]
        if route.method == .get {
            body = []
        } else {
            body = try await Self.body(of: &request, route, isKnown: signedIn != nil || program != nil)
        }
        var parameters: [String: String] = [:]
        for parameter in route.parameters where parameter.place == .path {
            parameters[parameter.name] = context.parameters.get(parameter.name)?.removingPercentEncoding
        }
        return Call(
            path: request.uri.path, parameters: parameters,
            query: try FormFields.decode(Array((request.uri.query ?? "").utf8)), body: body,
            contentType: request.headers[.contentType], signedIn: signedIn, caller: program ?? signedIn?.caller,
            formToken: formToken,
            pendingSignIn: Cookies(request)[Self.pendingCookie].map { SecretToken(presented: $0) },
            deviceMarks: DeviceMarks(presented: Cookies(request)[Self.deviceCookie]),
            providerVisit: Cookies(request)[Self.visitCookie].map { SecretToken(presented: $0) },
            authority: request.head.authority ?? "",
            network: context.network, now: clock.now())
    }

    /// The body, within the route's limit. Nobody makes the server hold a large one without being signed in.
    private static func body(of request: inout Request, _ route: Route, isKnown: Bool) async throws -> [UInt8] {
        let limit = isKnown ? route.bodyLimit : min(route.bodyLimit, 64 << 10)
        let tooLarge = Problem(.tooLarge, code: "body.size", "The request is larger than \(limit >> 10) KiB.")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        do {
            return [UInt8](buffer: try await request.collectBody(upTo: limit))
        } catch {
            throw tooLarge
        }
    }

    /// A browser says where a request came from; only our own pages may change anything.
    private func demandOwnOrigin(_ request: Request) throws {
        let site = request.headers[.secFetchSite]
        // Extensions that hide the referrer send `null`; then only Sec-Fetch-Site can vouch for the request.
        let origin = request.headers[.origin].flatMap { $0 == "null" ? nil : URL(string: $0) }
        let authority = request.head.authority ?? ""
        let originAuthority = origin.flatMap { origin in
            origin.host().map { host in origin.port.map { "\(host):\($0)" } ?? host }
        }
        let isOwn = site.map { $0 == "same-origin" } ?? (origin?.scheme == "https" && originAuthority == authority)
        guard isOwn, origin == nil || originAuthority == authority else {
            throw Problem(
                .forbidden, code: "form.origin", "This request did not come from our own page.",
                hint: "Open the page here and send the form from it.")
        }
    }

    /// The form carries a token that only our own page could have put there; a program sends it as a header.
    private func demandFormToken(_ request: Request, _ call: Call, _ cookies: Cookies) throws {
        let isForm = call.contentType?.hasPrefix("application/x-www-form-urlencoded") ?? false
        let sent = try request.headers[.formToken] ?? (isForm ? call.form()["csrf"] : nil) ?? ""
        let expected = call.signedIn?.session.formToken ?? cookies[Self.formCookie] ?? ""
        guard !expected.isEmpty, constantTimeEquals(Array(sent.utf8), Array(expected.utf8)) else {
            throw Problem(
                .forbidden, code: "form.token", "The form is too old, or was opened in another session.",
                hint: "Load the page again and repeat.")
        }
    }

    // MARK: - Refusals

    private func refuse(
        _ error: any Error, _ request: Request, _ context: ServerContext, _ route: Route, _ signedIn: SignedIn?
    ) -> Response {
        guard let problem = error as? Problem else {
            context.logger.error(
                "A request failed.", metadata: ["route": "\(route.name)", "error": "\(error.forTheLog)"])
            let unknown = Problem(
                .unavailable, code: "server.failed", "Something went wrong here.",
                hint: "Try again. If it stays, tell the operator the request's number.")
            return tell(
                unknown, isForProgram: route.audience == .program, context, signedIn, status: .internalServerError)
        }
        // What says when to come again is in order, and asked for often; the log is for what somebody must look at.
        if problem.kind == .unavailable, problem.retryAfter == nil {
            context.logger.error(
                "A request could not be served.",
                metadata: ["route": "\(route.name)", "code": "\(problem.code)", "cause": "\(problem.cause ?? "-")"])
        }
        if route.audience == .browser, let place = Self.way(from: problem, request, route, signedIn) {
            return Response(.seeOther(place), isPublic: false, asked: request.headers, formToken: nil)
        }
        return tell(problem, isForProgram: route.audience == .program, context, signedIn)
    }

    /// Where a person goes on whom a page cannot answer yet.
    private static func way(
        from problem: Problem, _ request: Request, _ route: Route, _ signedIn: SignedIn?
    ) -> String? {
        if problem.code == "session.confirm" { return "/account/confirm" + OwnPage(before: request).asQuery }
        if problem.code == "sign-in.expired" { return "/sign-in" }
        if case .media("text/event-stream") = route.response { return nil }
        guard route.method == .get else { return nil }
        if problem.kind == .unauthenticated { return "/sign-in" }
        // What the organisation demands can be put right on the account's own page.
        return problem.kind == .forbidden && signedIn?.lacks != nil ? "/account" : nil
    }

    private func tell(
        _ problem: Problem, isForProgram: Bool, _ context: ServerContext, _ signedIn: SignedIn?,
        status: HTTPResponse.Status? = nil
    ) -> Response {
        var response = Response(
            answer(problem, isForProgram: isForProgram, context, signedIn, status: status), isPublic: false,
            asked: HTTPFields(), formToken: nil)
        if isForProgram, problem.kind == .unauthenticated {
            response.headers[.wwwAuthenticate] = Self.challenge(problem)
        }
        return response
    }

    private func answer(
        _ problem: Problem, isForProgram: Bool, _ context: ServerContext, _ signedIn: SignedIn?,
        status: HTTPResponse.Status? = nil
    ) -> Answer {
        if isForProgram { return .problem(problem, status: status?.code, request: context.id) }
        let frame = PageFrame(
            organisation: signedIn?.tenant.name ?? "Vouchsafe", slug: signedIn?.tenant.slug,
            person: signedIn?.account.name, csrf: signedIn?.session.formToken ?? "", now: clock.now(),
            reach: signedIn.map { Reach($0.permissions.map(\.rawValue)) } ?? .everything)
        var answer = Answer.page(renderer.problem(problem, request: context.id, in: frame), telling: problem)
        if let status { answer.status = status.code }
        return answer
    }
}

extension HTTPField.Name {
    /// Where a request came from, as the browser tells it (W3C Fetch Metadata).
    static let secFetchSite = Self(literal: "Sec-Fetch-Site")
    /// The form token of a request that is no form.
    static let formToken = Self(literal: "X-Form-Token")
    /// Says of a request that our own script made it, unasked by a person.
    static let unattended = Self(literal: "X-Unattended")
    /// Where a browser goes on by itself, and when (HTML Living Standard, shared declarative refresh steps).
    static let refresh = Self(literal: "Refresh")
    /// What a browser shall forget (W3C Clear Site Data).
    static let clearSiteData = Self(literal: "Clear-Site-Data")

    private init(literal: StaticString) {
        guard let name = HTTPField.Name(literal.description) else {
            preconditionFailure("malformed header name in the source: \(literal)")
        }
        self = name
    }
}

/// The cookies of a request; of two with one name the first counts.
struct Cookies {
    private var values: [String: String] = [:]

    init(_ request: Request) {
        for header in request.headers[values: .cookie] {
            for pair in header.split(separator: ";").prefix(50) {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                let name = parts[0].trimmingCharacters(in: .whitespaces)
                if values[name] == nil { values[name] = String(parts[1]) }
            }
        }
    }

    subscript(name: String) -> String? { values[name] }
}

/// What a request carries along: its number, and where it comes from.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The caller's address, for throttling; never logged.
    let network: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        network = Network.name(of: source.channel.remoteAddress)
    }

    /// Never decodes bodies itself; routes do.
    var maxUploadSize: Int { 0 }
}
