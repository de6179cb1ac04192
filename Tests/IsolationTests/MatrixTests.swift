import Identity
import Kernel
import Routing
import StoreSupport
import Testing

@testable import App

/// Every route of the table × everyone who can ask × whatever they can name. Nothing here lists routes: a new one is in it by
/// being in the table, with the permission and the scope that it declares.
@Suite(.onEveryDatabase) struct MatrixTests {
    /// What must come of a request.
    enum Outcome: Hashable {
        /// It is done.
        case done
        /// A page leads to the sign-in, a program is told 401.
        case signInFirst
        /// A token that does not work: 401, whatever it asks for.
        case unknownToken
        /// 400: pages are not for tokens.
        case notForTokens
        /// 403, before anything is looked up.
        case notPermitted
        /// 404, the same for what is someone else's and for what is nobody's.
        case notFound
        /// 404, or 400 where the route says what is wrong with it.
        case notUnderstood
        /// 503: what only a server can do that runs its jobs; this one does not.
        case notHere
        /// Signing in and setting up judge for themselves; they only never break.
        case anything
    }

    /// Takes what only an authenticator can sign, or a provider can answer, and so refuses every example.
    private static let judgesForItself: Set = ["addPasskey", "confirmByPasskey", "sendIdentityProvider"]

    /// Takes records, which only a server keeps that runs its jobs.
    private static let needsJobs: Set = ["sendLogRecords"]

    /// Answers alike whatever is named, so that nobody learns which organisations there are.
    private static let sameForEveryName: Set = ["showProviderSignIn"]

    /// The outcome that a route's declaration demands.
    static func outcome(of route: Route, as asker: Asker, naming: [Naming]) -> Outcome {
        if asker.isProgram, route.audience == .browser { return .notForTokens }
        if case .revokedToken = asker { return .unknownToken }
        if !route.permission.isForAnyone {
            guard let permissions = asker.permissions else { return .signInFirst }
            guard permissions.contains(route.permission) else { return .notPermitted }
        }
        if route.permission == .signIn, naming.allSatisfy({ $0 == .own }) { return .anything }
        if judgesForItself.contains(route.name) || sameForEveryName.contains(route.name) { return .anything }
        if naming.contains(where: { if case .malformed = $0 { true } else { false } }) { return .notUnderstood }
        if naming.contains(.nobodys) { return .notFound }
        // What is published is there for everyone, whoever published it.
        if naming.contains(.foreign), route.scope != .published { return .notFound }
        return needsJobs.contains(route.name) ? .notHere : .done
    }

    /// Everything that a request by `route` may name: all its parameters alike and, where they say whose something is, each
    /// one wrong by itself.
    static func namings(of route: Route) -> [[Naming]] {
        let parameters = route.parameters.filter { $0.place == .path }
        guard !parameters.isEmpty else { return [[]] }
        let isOrganisational = parameters.map { Examples.organisational.contains($0.name) }
        var namings: [[Naming]] = []
        for naming in Naming.all where naming != .foreign || isOrganisational.contains(true) {
            namings.append(parameters.map { _ in naming })
            guard naming != .own, route.scope == .organisation, parameters.count > 1 else { continue }
            for wrong in parameters.indices where naming != .foreign || isOrganisational[wrong] {
                namings.append(parameters.indices.map { $0 == wrong ? naming : .own })
            }
        }
        return namings
    }

    static func isMet(_ outcome: Outcome, by reply: Reply, of route: Route) -> Bool {
        switch outcome {
        case .done: (200..<400).contains(reply.status) && reply.location != "/sign-in"
        case .signInFirst:
            route.audience == .browser && route.method == .get && !route.isFollowed
                ? reply.status == 303 && reply.location == "/sign-in"
                : reply.status == 401 && (route.audience == .browser || reply.challenge != nil)
        case .unknownToken: reply.status == 401 && reply.challenge?.contains("invalid_token") == true
        case .notForTokens: reply.status == 400
        case .notPermitted: reply.status == 403
        case .notFound: reply.status == 404
        case .notUnderstood: reply.status == 404 || reply.status == 400
        case .notHere: reply.status == 503
        case .anything: reply.status < 500
        }
    }

    @Test func everyRouteAnswersEveryCallerAsItDeclares() async throws {
        let world = try await World.make()
        let examples = try await Examples(world)
        let canaries = CanaryTests.canaries(world)
        var tried: [Outcome: Int] = [:]
        for route in try await examples.routes() {
            for asker in Asker.all(in: world) {
                for naming in Self.namings(of: route) {
                    let expected = Self.outcome(of: route, as: asker, naming: naming)
                    // Whoever is refused beforehand is refused whatever they name; two ways of naming show it.
                    let isRefused = [.notForTokens, .unknownToken, .signInFirst, .notPermitted].contains(expected)
                    guard !isRefused || naming.allSatisfy({ $0 == .own || $0 == .foreign }) else { continue }
                    let reply = try await examples.send(
                        route, as: asker, naming: naming, isUsed: !isRefused && naming.allSatisfy { $0 == .own })
                    tried[expected, default: 0] += 1
                    #expect(
                        Self.isMet(expected, by: reply, of: route),
                        "\(asker): \(route.method.rawValue) \(route.path) naming \(naming): expected \(expected), got \(reply.status) \(reply.body.prefix(300))"
                    )
                    guard !naming.contains(.foreign), !asker.tellsTheirOrganisations(route, in: world) else { continue }
                    let shown = canaries.filter(reply.body.contains)
                    #expect(shown == [], "\(asker): \(route.method.rawValue) \(route.path) shows birch")
                }
            }
        }
        print("matrix on \(TestDatabase.current): \(tried.values.reduce(0, +)) requests, \(tried)")
        // The matrix is there, and no kind of outcome is missing from it.
        for outcome in [Outcome.done, .signInFirst, .unknownToken, .notForTokens, .notPermitted, .notFound] {
            #expect(tried[outcome, default: 0] > 20, "\(outcome)")
        }
    }
}

extension MatrixTests {
    /// An address is not the only place where something can be named.
    @Test func whatABodyNamesIsOnesOwn() async throws {
        let world = try await World.make()
        let examples = try await Examples(world)
        let owner = Asker.session(world.alder.people[0])
        let routes = try await examples.routes().filter { Examples.namingInTheBody.contains($0.name) }
        #expect(routes.count == Examples.namingInTheBody.count)
        for route in routes {
            let naming = route.parameters.filter { $0.place == .path }.map { _ in Naming.own }
            let foreign = try await examples.send(route, as: owner, naming: naming, inTheBody: .foreign)
            let nobodys = try await examples.send(route, as: owner, naming: naming, inTheBody: .nobodys)
            #expect((400..<500).contains(foreign.status), "\(route.name): \(foreign.status)")
            #expect(foreign.status == nobodys.status, "\(route.name) tells someone else's from nobody's")
            #expect(!foreign.body.contains("birch"), "\(route.name)")
        }
    }
}

extension Route {
    /// Whether a page keeps it open, to be told of changes.
    var isFollowed: Bool {
        if case .media("text/event-stream") = response { true } else { false }
    }
}

extension Asker {
    /// Whoever belongs to both is told so, where they change over.
    func tellsTheirOrganisations(_ route: Route, in world: World) -> Bool {
        person?.account.id == world.both.account.id && route.name == "showOrganisations"
    }
}

extension Examples {
    /// Sends what `route` takes, naming its parameters as `naming` says.
    ///
    /// - Parameter isUsed: Whether the request is expected to be done, and so to use up what it names.
    func send(
        _ route: Route, as asker: Asker, naming: [Naming], inTheBody: Naming = .own, isUsed: Bool = true
    ) async throws -> Reply {
        if isUsed { try await prepare(route, for: asker) }
        var path = route.path
        for (parameter, naming) in zip(route.parameters.filter { $0.place == .path }, naming) {
            let value = try await value(parameter, of: route, naming: naming, as: asker, isUsed: isUsed)
            path = path.replacing("{\(parameter.name)}", with: value)
        }
        var most = Int.max
        if case .media("text/event-stream") = route.response { most = 1 }
        return try await asking.ask(
            route.method, path, as: asker, from: world.alder,
            body: try await body(of: route, as: asker, naming: inTheBody), readingAtMost: most)
    }
}
