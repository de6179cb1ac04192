import Commitments
import Flows
import Foundation
import Kernel
import OpenIDConnect
import Routing
import Store
import TestSupport
import Testing

@testable import App
@testable import Identity

/// What a request names: one's own, someone else's, nobody's, or nothing at all.
enum Naming: Hashable, Sendable {
    case own, foreign, nobodys
    case malformed(String)

    static let all = [own, foreign, nobodys] + malformations.map(malformed)

    /// What tries to be read as something else, is too long, or is no text.
    private static let malformations = [
        "x%27%20OR%20%271%27=%271", String(repeating: "a", count: 2000), "%00%FF", "..%2F..",
    ]
}

/// A value for every parameter and a body for every form: what the matrix puts into the addresses of the route table.
struct Examples {
    let world: World
    let asking: Asking
    private let tiles: [String: String]

    init(_ world: World) async throws {
        self.world = world
        asking = try Asking(world)
        var tiles: [String: String] = [:]
        for log in ["/ledger/\(world.alder.tenant.slug)", "/ledger/\(world.birch.tenant.slug)", "/operator-log"] {
            let checkpoint = try await asking.ask(.get, "\(log)/checkpoint", as: .visitor, from: world.alder).body
            let size = try #require(checkpoint.split(separator: "\n").dropFirst().first, "\(log) is not signed")
            tiles[log] = "0/000.p/\(size)"
        }
        self.tiles = tiles
    }

    /// The parameters that say whose something is; the others name the same thing for everyone.
    static let organisational: Set = ["policy", "commitment", "host", "organisation", "exception", "account", "token"]

    /// - Throws: An expectation's failure that names a parameter without an example.
    func value(
        _ parameter: Parameter, of route: Route, naming: Naming, as asker: Asker
    ) async throws -> String {
        switch naming {
        case .own: try await own(parameter, of: route, in: world.alder, asker.person)
        case .foreign: try await own(parameter, of: route, in: world.birch, world.birch.people[0])
        case .malformed(let text): text
        case .nobodys:
            switch parameter.name {
            case "host", "exception", "token", "account", "identity": "0195b2f0-0000-7000-8000-000000000000"
            case "tile": "0/999"
            default: "nobodys"
            }
        }
    }

    private func own(
        _ parameter: Parameter, of route: Route, in organisation: Inhabitants, _ person: Inhabitants.Member?
    ) async throws -> String {
        // What a request would use up is made for it.
        let isUsedUp = route.method != .get
        switch parameter.name {
        case "policy": return organisation.policy
        case "commitment": return organisation.commitment
        case "host": return organisation.host
        case "organisation": return organisation.tenant.slug
        case "file": return "style.css"
        case "tile":
            return tiles[route.path.hasPrefix("/ledger/") ? "/ledger/\(organisation.tenant.slug)" : "/operator-log"]
                ?? ""
        case "exception": return try await exception(in: organisation)
        case "account":
            return isUsedUp && route.parameters.count == 1 && !route.path.hasSuffix("tokens")
                ? try await account(in: organisation).id.description : organisation.serviceAccount.id.description
        case "identity": return try await identity(of: person ?? organisation.people[0], in: organisation)
        case "token":
            if route.permission == .signIn { return "nobodys" }
            return try await token(
                of: route.parameters.contains { $0.name == "account" }
                    ? .serviceAccount(organisation.serviceAccount.id)
                    : .person((person ?? organisation.people[0]).account.id), in: organisation)
        default:
            throw Problem(
                .invalid, code: "test.no-example",
                "The parameter \(parameter.name) of \(route.name) has no example. Give it one in Examples.swift.")
        }
    }

    private func exception(in organisation: Inhabitants) async throws -> String {
        try await world.rooms.requestException(
            from: organisation.policy, organisation.commitment, reason: "\(organisation.word)-reason",
            until: world.clock.now + .days(30), in: organisation.tenant.id, as: .operator
        ).id.description
    }

    private func account(in organisation: Inhabitants) async throws -> ServiceAccount {
        try await world.rooms.tokens.makeServiceAccount(
            "\(organisation.word)-\(world.installation.randomness.bytes(4).hex)",
            purpose: "\(organisation.word)-purpose",
            permissions: [.readHosts], within: Set(Permission.allCases), in: organisation.tenant.id, as: .operator)
    }

    /// Somebody's link to their organisation's provider. There is another one beside it: the last cannot be ended by who has
    /// nothing else.
    private func identity(of person: Inhabitants.Member, in organisation: Inhabitants) async throws -> String {
        let (id, organisationID) = (person.account.id, organisation.tenant.id)
        let words = (0..<2).map { _ in "\(organisation.word)-\(world.installation.randomness.bytes(4).hex)" }
        let scope = world.installation.database.installation(as: .person(id))
        let made = try await scope.change("identity.linked") { change in
            try words.map { word in
                let identity = VerifiedIdentity(issuer: "https://\(word).example", subject: word)
                return try change.insert(
                    LinkedIdentity(
                        id: change.newIdentifier(), person: id, organisation: organisationID, issuer: identity.issuer,
                        subject: word, name: word, linkedAt: change.now, lastUsedAt: nil,
                        identityIndex: LinkedIdentity.index(of: identity, in: organisationID, change.view))
                ).record.id.description
            }
        }
        return made[0]
    }

    private func token(of holder: TokenHolder, in organisation: Inhabitants) async throws -> String {
        try await world.rooms.tokens.make(
            "\(organisation.word)-passing", permissions: [.readHosts], until: world.clock.now + .days(1), for: holder,
            within: Set(Permission.allCases), in: organisation.tenant.id, as: .operator
        ).token.id.description
    }

    /// The routes whose parameters and bodies have an example. The others stand as a known issue until somebody gives them
    /// one; nothing is known of them before.
    func routes() async throws -> [Route] {
        var (routes, without): ([Route], [String]) = ([], [])
        for route in try world.server.routes() {
            do {
                for parameter in route.parameters where parameter.place == .path {
                    _ = try await value(parameter, of: route, naming: .own, as: .session(world.alder.people[0]))
                }
                _ = try body(of: route)
                routes.append(route)
            } catch let problem as Problem where problem.code == "test.no-example" {
                without.append(route.name)
            }
        }
        withKnownIssue("routes without an example are not tried", isIntermittent: true) { #expect(without == []) }
        return routes
    }

    /// A body that `route` takes.
    ///
    /// - Throws: An expectation's failure that names a route without an example.
    func body(of route: Route) throws -> Asking.Body {
        guard route.method == .post else { return .none }
        let until = (world.clock.now + .days(20)).description
        let unique = "alder-\(world.installation.randomness.bytes(4).hex)"
        switch route.name {
        case "requestException": return .json(#"{"reason":"alder-reason","until":"\#(until)"}"#)
        case "sendExceptionRequest": return .form([("reason", "alder-reason"), ("until", until)])
        case "approveException", "sendExceptionApproval", "signOut", "signIn", "setUp", "signInAtProvider",
            "joinAtProvider", "linkIdentity", "unlinkIdentity", "confirmAtProvider", "askConfirmingPasskey",
            "checkIdentityProvider", "removeIdentityProvider":
            return .none
        case "importPolicy":
            let example = Inhabitants.policy("alder-more", version: unique)
            return .json(try json(["pack": example.pack, "text": example.text]))
        case "makeToken", "makeServiceAccountToken":
            return .json(#"{"name":"\#(unique)","permissions":["commitments.read"],"until":"\#(until)"}"#)
        case "makeServiceAccount":
            return .json(#"{"name":"\#(unique)","purpose":"alder-purpose","permissions":["commitments.read"]}"#)
        default:
            throw Problem(
                .invalid, code: "test.no-example",
                "The route \(route.name) takes a body and has no example. Give it one in Examples.swift.")
        }
    }

    private func json(_ object: [String: String]) throws -> String {
        String(decoding: try JSONEncoder().encode(object), as: UTF8.self)
    }
}
