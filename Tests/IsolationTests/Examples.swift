import Commitments
import Detection
import Flows
import Foundation
import Kernel
import OpenIDConnect
import Routing
import Scanning
import Store
import Synchronization
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
    private let kept = Kept()

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
    static let organisational: Set = [
        "policy", "commitment", "host", "organisation", "exception", "account", "token", "person", "invitation", "role",
        "departure", "review", "session", "passkey", "identity", "site", "scan", "log", "alert", "digest",
        "suppression",
        "tuning",
    ]

    /// What somebody who names nobody's says, where it is to look like the real thing.
    static let nobody = "0195b2f0-0000-7000-8000-000000000000"

    /// - Parameter isUsed: Whether the request will use up what it names, as far as it uses anything up.
    /// - Throws: `Problem` `test.no-example` that names a parameter without an example.
    func value(
        _ parameter: Parameter, of route: Route, naming: Naming, as asker: Asker, isUsed: Bool = true
    ) async throws -> String {
        switch naming {
        case .own:
            try await own(parameter, of: route, in: world.alder, asker.person ?? world.alder.people[0], isUsed: isUsed)
        case .foreign: try await own(parameter, of: route, in: world.birch, world.birch.people[0], isUsed: false)
        case .malformed(let text): text
        case .nobodys:
            switch parameter.name {
            case "tile": "0/999"
            case "token" where route.permission == .signIn: world.alder.tenant.id.bytes.hex + world.randomText(32)
            default: Self.nobody
            }
        }
    }

    /// What is used up is made for each request that does so, and kept for those that are refused beforehand.
    private func own(
        _ parameter: Parameter, of route: Route, in organisation: Inhabitants, _ person: Inhabitants.Member,
        isUsed: Bool
    ) async throws -> String {
        let place = "\(parameter.name) of \(route.name) in \(organisation.word) for \(person.name)"
        if !isUsed || route.method == .get, let known = kept[place] { return known }
        let value = try await make(parameter, of: route, in: organisation, person)
        kept[place] = value
        return value
    }

    private func make(
        _ parameter: Parameter, of route: Route, in organisation: Inhabitants, _ person: Inhabitants.Member
    ) async throws -> String {
        let identity = world.rooms.identity
        let operates = Caller.operator(in: organisation.tenant)
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
        case "person" where route.permission == .recoverPeople:
            return try await somebody(toRecoverBy: route, in: organisation).description
        case "account":
            let isRemoved = route.method != .get && !route.path.contains("tokens")
            return isRemoved
                ? try await account(in: organisation).id.description : organisation.serviceAccount.id.description
        case "token" where route.path.hasPrefix("/recover"):
            return try await recoveryLink(of: organisation, isForeign: organisation.word != world.alder.word)
        case "token" where route.permission == .signIn:
            return try await link(of: organisation, isForeign: organisation.word != world.alder.word)
        case "identity": return try await linkedIdentity(of: person, in: organisation)
        case "token":
            return try await token(
                of: route.parameters.contains { $0.name == "account" }
                    ? .serviceAccount(organisation.serviceAccount.id) : .person(person.account.id), in: organisation)
        case "person":
            let isEnded = route.method != .get && route.permission == .changePeople
            return isEnded
                ? try await newcomer(in: organisation).description : organisation.people[3].account.id.description
        case "invitation":
            return try await identity.invite(
                "\(organisation.word)-\(world.randomText(4))@example.org", as: "member", by: operates
            ).invitation.id.description
        case "role":
            return try await identity.makeRole(
                "\(organisation.word)-\(world.randomText(4))", [.readHosts], by: operates
            ).name
        case "departure":
            return try await identity.end(
                try await newcomer(in: organisation), remaining: ["\(organisation.word)-phone"], by: operates
            ).id.description
        case "item": return "1"
        case "site" where ["removeSite", "sendSiteRemoval"].contains(route.name):
            return try await site(in: organisation).id.description
        case "site": return organisation.site
        case "scan": return organisation.scan
        case "log" where ["removeLogSource", "sendLogSourceRemoval"].contains(route.name):
            return try await world.logSource("\(organisation.word)-\(world.randomText(4))", of: organisation.tenant)
        case "log": return organisation.log
        case "alert": return try await world.alert(organisation.word, from: organisation.log, of: organisation.tenant)
        case "digest":
            return try await world.digest(organisation.word, about: organisation.log, of: organisation.tenant)
        case "suppression":
            let alert = try await world.alert(organisation.word, from: organisation.log, of: organisation.tenant)
            return try await world.rooms.alerts.suppress(
                ruleOf: alert, days: 7, because: "\(organisation.word)-reason", in: organisation.tenant.id,
                as: .operator
            ).id.description
        case "tuning":
            return try await world.rooms.detectionRules.tune(
                "\(organisation.word)-rule", titled: "\(organisation.word)-title", field: "user",
                value: "\(organisation.word)-user", because: "\(organisation.word)-reason", in: organisation.tenant.id,
                as: .operator
            ).id.description
        case "review": return try await review(in: organisation, isDecided: route.path.hasSuffix("completion"))
        case "session":
            return try await Arrival.session(of: person.account.id, in: organisation.tenant, world.installation).id
        case "passkey":
            return try await Arrival.passkey(
                of: person.account.id, called: "\(organisation.word)-passing", world.installation)
        default:
            throw Problem(
                .invalid, code: "test.no-example",
                "The parameter \(parameter.name) of \(route.name) has no example. Give it one in Examples.swift.")
        }
    }

    /// A site that may be removed.
    private func site(in organisation: Inhabitants) async throws -> WatchedSite {
        try await world.rooms.sites.register(
            WatchedSite.Settings(address: "https://\(organisation.word)-\(world.randomText(4)).example"),
            in: organisation.tenant.id, as: .operator)
    }

    /// A link by which somebody can recover their account; someone else's as with invitations.
    private func recoveryLink(of organisation: Inhabitants, isForeign: Bool) async throws -> String {
        let made = try await world.rooms.identity.startRecovery(
            of: try await newcomer(in: world.alder), because: "alder-reason", by: .operator(in: world.alder.tenant))
        guard isForeign else { return made.token.text }
        return organisation.tenant.id.bytes.hex + made.token.text.dropFirst(32)
    }

    /// Somebody new whose recovery has come as far as `route` needs it.
    private func somebody(
        toRecoverBy route: Route, in organisation: Inhabitants
    ) async throws -> Identifier<Person> {
        let person = try await newcomer(in: organisation)
        guard !["startRecovery", "sendRecovery"].contains(route.name) else { return person }
        try await world.installation.database.installation(as: .person(person)).change("person.arrived") { change in
            try change.insert(
                Credential(id: person.retyped(), encoded: "-", setAt: change.now, vouchedBy: nil))
            var factors = Factors(id: person.retyped(), userHandle: [1])
            factors.app = OneTimePasswordFactor(randomness: seededRandomness(1))
            try change.insert(factors)
        }
        let identity = world.rooms.identity
        let link = try await identity.startRecovery(
            of: person, because: "\(organisation.word)-reason", by: .operator(in: organisation.tenant)
        ).token
        try await identity.declareLoss(by: link)
        return person
    }

    private func exception(in organisation: Inhabitants) async throws -> String {
        try await world.rooms.requestException(
            from: organisation.policy, organisation.commitment, reason: "\(organisation.word)-reason",
            until: world.clock.now + .days(30), in: organisation.tenant.id, as: .operator
        ).id.description
    }

    private func account(in organisation: Inhabitants) async throws -> ServiceAccount {
        try await world.rooms.tokens.makeServiceAccount(
            "\(organisation.word)-\(world.randomText(4))", purpose: "\(organisation.word)-purpose",
            permissions: [.readHosts], by: .operator(in: organisation.tenant))
    }

    /// Somebody's link to their organisation's provider. There is another one beside it: the last cannot be ended by who has
    /// nothing else.
    private func linkedIdentity(of person: Inhabitants.Member, in organisation: Inhabitants) async throws -> String {
        let (id, organisationID) = (person.account.id, organisation.tenant.id)
        let words = (0..<2).map { _ in "\(organisation.word)-\(world.randomText(4))" }
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

    /// A token that was used.
    private func token(of holder: TokenHolder, in organisation: Inhabitants) async throws -> String {
        let made = try await world.rooms.tokens.make(
            "\(organisation.word)-passing", permissions: [.readHosts], until: world.clock.now + .days(1), for: holder,
            by: .operator(in: organisation.tenant))
        _ = try await world.rooms.tokens.caller(presenting: made.text)
        return made.token.id.description
    }

    /// A link by which somebody can join. Someone else's is a good secret with another organisation's name on it: their whole
    /// link would be an invitation like any other.
    private func link(of organisation: Inhabitants, isForeign: Bool) async throws -> String {
        let made = try await world.rooms.identity.invite(
            "alder-\(world.randomText(4))@example.org", as: "member", by: .operator(in: world.alder.tenant))
        guard isForeign else { return made.token.text }
        return organisation.tenant.id.bytes.hex + made.token.text.dropFirst(32)
    }

    private func newcomer(in organisation: Inhabitants) async throws -> Identifier<Person> {
        try await Arrival.join(
            "\(organisation.word)-\(world.randomText(4))", role: .member, of: organisation.tenant,
            in: world.installation
        ).id
    }

    /// The review that is under way, or a new one.
    private func review(in organisation: Inhabitants, isDecided: Bool) async throws -> String {
        let identity = world.rooms.identity
        let operates = Caller.operator(in: organisation.tenant)
        let open = try await identity.reviews(of: organisation.tenant.id, as: .operator).first { $0.completedAt == nil }
        let review: AccessReview
        if let open { review = open } else { review = try await identity.startReview(by: operates) }
        guard isDecided else { return review.id.description }
        for member in try await identity.members(of: organisation.tenant.id, as: .operator)
        where !review.isDecided(on: member.membership) {
            _ = try await identity.decide(.keep, on: member.account.id, in: review.id, by: operates)
        }
        for account in try await world.rooms.tokens.serviceAccounts(of: organisation.tenant.id, as: .operator)
        where !review.isDecided(on: account.id) {
            _ = try await identity.decide(.keep, on: account.id, in: review.id, by: operates)
        }
        return review.id.description
    }

    /// Puts things so that `route` can do what it does.
    func prepare(_ route: Route, for asker: Asker) async throws {
        let identity = world.rooms.identity
        switch route.name {
        case "startReview", "sendReview":
            let review = try await review(in: world.alder, isDecided: true)
            guard let review = Identifier<AccessReview>(review) else { return }
            _ = try await identity.complete(review, by: .operator(in: world.alder.tenant))
        case "confirm":
            // Whoever has a second factor would have to give it as well.
            guard let person = asker.person else { return }
            let signedIn = try await signedIn(person)
            try await identity.removeApp(of: signedIn)
            for passkey in try await identity.ownFactors(of: signedIn.account.id).passkeys {
                try await identity.removePasskey(passkey.id, of: signedIn)
            }
        default: break
        }
    }

    func signedIn(_ person: Inhabitants.Member) async throws -> SignedIn {
        let session = try await Arrival.session(of: person.account.id, in: world.alder.tenant, world.installation)
        return try #require(
            await world.rooms.identity.signedIn(with: SecretToken(presented: session.token)))
    }

    /// The routes of the server. Each one has an example, or nothing would be known of it.
    ///
    /// - Throws: `Problem` `test.no-example`.
    func routes() async throws -> [Route] {
        let routes = try world.server.routes()
        let owner = Asker.session(world.alder.people[0])
        for route in routes {
            for parameter in route.parameters where parameter.place == .path {
                _ = try await value(parameter, of: route, naming: .own, as: owner)
            }
            _ = try await body(of: route, as: owner)
        }
        return routes
    }

    /// What was made for requests that may not use it up.
    private final class Kept: Sendable {
        private let values = Mutex<[String: String]>([:])

        subscript(place: String) -> String? {
            get { values.withLock { $0[place] } }
            set { values.withLock { $0[place] = newValue } }
        }
    }
}

extension World {
    /// Random bytes as text, twice as many characters.
    func randomText(_ bytes: Int) -> String { installation.randomness.bytes(bytes).hex }
}
