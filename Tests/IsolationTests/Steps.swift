import Age
import Backups
import Commitments
import Crypto
import Flows
import Foundation
import Jobs
import Kernel
import Passkeys
import Routing
import Store
import Synchronization
import TestSupport
import Wire
import Witnesses

@testable import App
@testable import Identity
@testable import Ledger

/// One thing that alder's people, programs and jobs do, and all that they are shown in return.
struct Step: Sendable {
    let name: String
    /// Whether it only asks for a page or an answer.
    var isReading = false
    /// Whether what it writes has one spelling; a session's means are a set, whose order is none.
    var isExact = true
    let run: @Sendable (World) async throws -> String

    /// What they are shown, a refusal included.
    func shown(in world: World) async -> String {
        do {
            return try await run(world)
        } catch let problem as Problem {
            return "\(problem.code): \(problem.message)"
        } catch {
            return "\(error)"
        }
    }

    /// Everything that can be asked for through the route table, as the owner does, and everything that the server's jobs and
    /// the command line do.
    static func all(in world: World) async throws -> [Step] {
        try await requests(in: world) + jobs + doors + comings + keys + commands
    }

    // MARK: - Requests

    private static func requests(in world: World) async throws -> [Step] {
        let examples = try await Examples(world)
        let owner = Asker.session(world.alder.people[0])
        var steps: [Step] = []
        for route in try await examples.routes() where route.permission != .signIn {
            var path = route.path
            for parameter in route.parameters where parameter.place == .path {
                path = path.replacing(
                    "{\(parameter.name)}",
                    with: try await examples.value(parameter, of: route, naming: .own, as: owner))
            }
            let (address, body) = (path, try await examples.body(of: route, as: owner))
            var most = Int.max
            if case .media("text/event-stream") = route.response { most = 1 }
            steps.append(
                Step(name: "\(route.method.rawValue) \(path)", isReading: route.method == .get) { [most] world in
                    let reply = try await Asking(world).ask(
                        route.method, address, as: owner, from: world.alder, body: body, readingAtMost: most)
                    return reply.shown
                })
        }
        let asker: [Asker] = [
            .token(world.alder.people[0]), .serviceAccount(world.alder), .revokedToken(world.alder),
            .endedSession(world.alder.people[0]),
        ]
        return steps
            + asker.map { asker in
                Step(name: "hosts, as \(asker)") { world in
                    try await Asking(world).ask(.get, "/api/v1/hosts", as: asker, from: world.alder).shown
                }
            }
    }

    // MARK: - What the server does by itself

    private static let jobs = [
        Step(name: "measuring and publishing") { world in
            let check = Installation.catalogue.filter { $0.id.rawValue == "endpoint.disk-encryption" }
            _ = try await world.rooms.reportPosture(
                of: check.map(\.id), with: { _ in check.map { ($0, Measurement(.pass, value: "on")) } },
                on: "alder-node", for: world.alder.tenant.id)
            try await world.rooms.publishChanges(for: world.alder.tenant.id)
            return try await Asking(world).ask(.get, "/trust/alder-organisation", as: .visitor, from: world.alder).shown
        },
        Step(name: "publishing ledgers") { world in
            _ = try await world.rooms.publications.publish(for: world.alder.tenant.id, as: .operator)
            var reached = PublishedSizes()
            try await world.rooms.publishLedgers(&reached)
            let proof = try await world.rooms.outsidersProof(slug: world.alder.tenant.slug)
            return "\(try await world.rooms.database.operatorLog.checkpoint()?.encoded.hex ?? "none") \(proof.count)"
        },
        Step(name: "leases") { world in
            let schedule = Schedule(
                database: world.rooms.database, clock: world.clock.clock, randomness: world.installation.randomness)
            let checks = Array(Installation.catalogue.prefix(2))
            let first = try await schedule.takeDue(checks.map { Schedule.Errand($0) }, for: world.alder.tenant.id)
            // Another server, which gets none of them.
            let other = Schedule(
                database: world.rooms.database, clock: world.clock.clock, randomness: world.installation.randomness)
            let second = try await other.takeDue(checks.map { Schedule.Errand($0) }, for: world.alder.tenant.id)
            try await schedule.finish(Array(first.prefix(1)), for: world.alder.tenant.id)
            try await schedule.giveBack(Array(first.dropFirst()), for: world.alder.tenant.id)
            let third = try await schedule.takeDue(checks.map { Schedule.Errand($0) }, for: world.alder.tenant.id)
            try await schedule.makeDue(checks.prefix(1).map { Schedule.Errand($0) }, for: world.alder.tenant.id)
            let fourth = try await schedule.takeDue(checks.map { Schedule.Errand($0) }, for: world.alder.tenant.id)
            return "\([first, second, third, fourth].map { $0.map(\.check.rawValue) })"
        },
        Step(name: "signing") { world in
            let lease = SignerLease(
                database: world.rooms.database, clock: world.clock.clock, randomness: world.installation.randomness)
            let held = try await lease.lease(for: world.alder.tenant.id)
            let note = try await world.rooms.database.ledger(of: world.alder.tenant.id).publishCheckpoint(under: held)
            return note.encoded.hex
        },
        Step(name: "verifying") { world in
            var problems: [String] = []
            for scope in [world.alder.tenant.id, .installation] {
                problems += try await world.rooms.database.ledger(of: scope).verify().problems.map { "\($0)" }
            }
            return problems.joined(separator: "\n")
        },
    ]

    // MARK: - Coming and going

    private static let doors = [
        Step(name: "setting up, signing in and out") { world in
            let identity = world.rooms.identity
            let cedar = try await world.rooms.tenant(slug: "cedar")
            let link = try await identity.makeSetUpLink(for: cedar.id, as: .operator)
            let again = try await identity.makeSetUpLink(for: cedar.id, as: .operator)
            let (_, first) = try await identity.join(
                with: again, name: "Cedric", email: "cedric@example.org", password: "three geese over the quiet weir",
                network: "192.0.2.0/24")
            let step = try await identity.signIn(
                email: "cedric@example.org", password: "three geese over the quiet weir", network: "here")
            guard case .done(let token, let second) = step else { return "a second factor is asked for" }
            try await identity.signOut(first)
            let known = try await identity.signedIn(with: token)?.account.name
            // Another server, which has to look when it was used last.
            let elsewhere = IdentityDesk(
                database: world.rooms.database, clock: world.clock.clock, randomness: world.installation.randomness)
            _ = try await elsewhere.signedIn(with: token)
            let old = try await identity.signedIn(with: link)?.account.name
            for _ in 0..<7 {
                _ = try? await identity.signIn(email: "cedric@example.org", password: "wrong", network: "here")
            }
            return "\(second.tenant.name) \(known ?? "nobody") \(old ?? "nobody")"
        },
        Step(name: "leaving") { world in
            let (alder, member) = (world.alder.tenant.id, world.alder.people[3])
            let asking = try Asking(world)
            for asker in [Asker.session(member), .token(member)] {
                _ = try await asking.ask(.get, "/api/v1/policies", as: asker, from: world.alder)
            }
            _ = try? await world.rooms.identity.signIn(email: member.account.email, password: "wrong", network: "here")
            try await world.rooms.tokens.endTokens(of: member.account.id, in: alder, as: .operator)
            try await Arrival.pendingSignIn(of: member.account.id, lasting: .minutes(5), world.installation)
            _ = try await world.rooms.identity.startRecovery(
                of: member.account.id, because: "alder-reason", by: .operator(in: world.alder.tenant))
            try await world.rooms.identity.erase(member.account.id, from: [alder], as: .operator)
            let departed = try await world.rooms.identity.departures(of: alder, as: .operator).map(\.person)
            for person in Set(departed).sorted() {
                try await world.rooms.identity.erase(person, from: [alder], as: .operator)
            }
            let left = try await world.rooms.identity.memberCount(of: alder, as: .operator)
            let tokens = try await world.rooms.tokens.tokens(in: alder, as: .operator)
            return "\(left) \(tokens.map(\.name).sorted())"
        },
        Step(name: "founding") { world in
            let dogwood = try await world.rooms.found("Dogwood", machine: "d", node: "d", as: .operator)
            return "\(dogwood.slug) \(try await world.rooms.identity.tenants(as: .operator).map(\.name))"
        },
    ]

    private static let comings = [
        Step(name: "joining") { world in
            let identity = world.rooms.identity
            let (link, _) = try await identity.invite(
                "alder-guest@example.org", as: "member", by: .operator(in: world.alder.tenant))
            let offer = try await identity.invitation(link)
            let (_, guest) = try await identity.join(
                with: link, name: "Guest", email: "alder-guest@example.org", password: World.password,
                network: "192.0.2.0/24")
            return "\(offer.tenant.name) \(offer.role.name) \(guest.account.name)"
        },
        Step(name: "a host that is there already") { world in
            guard let host = Identifier<Subject>(world.alder.host) else { return "no host" }
            let scope = world.rooms.database.scope(world.alder.tenant.id, as: .operator)
            try await scope.change("host.enrolled") { change in
                try world.rooms.evidence.join(Subject(kind: .host, id: host), at: change.now, in: change)
            }
            return "\(try await world.rooms.hostList(of: world.alder.tenant.id, as: .operator))"
        },
        Step(name: "reviewing") { world in
            let identity = world.rooms.identity
            let operates = Caller.operator(in: world.alder.tenant)
            for _ in 0..<2 {
                let open = try await identity.reviews(of: world.alder.tenant.id, as: .operator).first {
                    $0.completedAt == nil
                }
                let review: AccessReview
                if let open { review = open } else { review = try await identity.startReview(by: operates) }
                let members = try await identity.members(of: world.alder.tenant.id, as: .operator)
                for member in members {
                    _ = try await identity.decide(.keep, on: member.account.id, in: review.id, by: operates)
                }
                for account in try await world.rooms.tokens.serviceAccounts(of: world.alder.tenant.id, as: .operator) {
                    _ = try await identity.decide(.keep, on: account.id, in: review.id, by: operates)
                }
                _ = try await identity.complete(review.id, by: operates)
            }
            try await world.rooms.startDueReviews(in: world.alder.tenant.id)
            return "\(try await world.rooms.reviewList(of: world.alder.tenant.id, as: .operator))"
        },
        Step(name: "factors", isExact: false) { world in
            let identity = world.rooms.identity
            let member = world.alder.people[1]
            // Ended ones are cleared away by the next.
            _ = try await Arrival.session(
                of: member.account.id, in: world.alder.tenant, lasting: .seconds(-1), world.installation)
            try await Arrival.pendingSignIn(of: member.account.id, lasting: .seconds(-1), world.installation)
            let began = try await Arrival.session(of: member.account.id, in: world.alder.tenant, world.installation)
            guard let own = try await identity.signedIn(with: SecretToken(presented: began.token)) else {
                return "nobody"
            }
            _ = try await identity.makeRecoveryCodes(of: own)
            let codes = try await identity.makeRecoveryCodes(of: own)
            try await identity.setDemand(.none, by: own)
            try await identity.setDemand(.none, by: own)
            let (secret, _) = try await identity.beginApp(of: own, issuer: "Vouchsafe")
            _ = try await Arrival.passkey(of: member.account.id, called: "alder-key", world.installation)
            var shown = "\(secret.count) \(codes.count)"
            for code in ["000000", codes[0]] {
                let step = try await identity.signIn(
                    email: member.account.email, password: World.password, network: "here")
                guard case .needsSecondFactor(let pending) = step else { return "no second factor is asked for" }
                do {
                    let entered = try await identity.signIn(pending: pending, code: code)
                    shown += " \(try await identity.sessions(of: entered.1).count)"
                } catch let problem as Problem {
                    shown += " \(problem.code)"
                }
            }
            for passkey in try await identity.passkeys(of: member.account.id) {
                let answer = PasskeyRequestResponse(
                    credentialID: passkey.record.passkey.credentialID, clientData: [], authenticatorData: [],
                    signature: [])
                do {
                    _ = try await identity.signIn(
                        with: answer, pending: nil, visitor: "visitor", at: try Site(authority: "localhost"))
                } catch let problem as Problem {
                    shown += " \(problem.code)"
                }
            }
            shown += " \(try await identity.notices(of: member.account.id).map(\.text))"
            try await identity.dismissNotices(own)
            return shown + " \(try await identity.notices(of: member.account.id).count)"
        },
    ]

    // MARK: - Keys

    private static let keys = [
        Step(name: "new data keys") { world in
            var shown = ""
            for scope in [world.alder.tenant.id, .installation, .operatorLog] {
                let keys = world.rooms.database.keys(of: scope)
                _ = try await keys.rotate(as: .operator)
                let before = try await keys.states().map(\.values)
                try await keys.reseal(as: .operator)
                shown += "\(before) \(try await keys.states().map(\.values)) "
            }
            let hosts = try await world.rooms.hostList(of: world.alder.tenant.id, as: .operator)
            return "\(shown) \(hosts.map(\.name))"
        }
    ]

    // MARK: - What the command line does

    private static let commands = [
        Step(name: "export") { world in
            let hash = Hashing()
            _ = try await world.rooms.database.ledger(of: world.alder.tenant.id).export(as: .operator) { hash.take($0) }
            return hash.text
        },
        Step(name: "dump") { world in
            let manifest = try await world.rooms.database.dump(program: "0.0.0") { _ in }.manifest
            return "\(manifest.scopes.map { "\($0.organisation) \($0.rows.sorted { $0.key < $1.key }) \($0.entries)" })"
        },
        Step(name: "lists") { world in
            let alder = world.alder.tenant.id
            let exceptions = try await world.rooms.exceptionList(of: alder, as: .operator)
            let tokens = try await world.rooms.tokenList(in: alder, as: .operator)
            let accounts = try await world.rooms.serviceAccountList(of: alder, as: .operator)
            let witnesses = try await world.rooms.witnesses.witnesses(as: .operator)
            let backups = try await world.rooms.backups.backups(as: .operator)
            let person = try await world.rooms.identity.person("alder-owner@example.org", as: .operator)
            return "\(exceptions.count) \(tokens) \(accounts) \(witnesses) \(backups.count) \(person)"
        },
        Step(name: "a witness") { world in
            let key = try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32)).verifier.text
            _ = try await world.rooms.witnesses.add("https://witness.example", key: key, as: .operator)
            let cosigner = try Cosigner(name: "witness.example/w", seed: Array(repeating: 5, count: 32))
            let log = world.rooms.database.operatorLog
            guard let request = try await log.request(from: 0) else { return "nothing to cosign" }
            let signature = try cosigner.cosign(request.checkpoint.text, at: world.clock.now)
            for _ in 0..<2 {
                try await log.keep(
                    answer: SignedNote.lines([signature]), to: request, of: cosigner.verifier)
                try await log.note(.cosigned, of: cosigner.verifier)
            }
            let standings = try await log.standings(of: [cosigner.verifier]).map { $0?.outcome.rawValue ?? -1 }
            let outsiders = try await world.rooms.outsiders(of: world.alder.tenant.id)
            try await world.rooms.witnesses.remove("witness.example/w", as: .operator)
            return "\(standings) \(outsiders)"
        },
        Step(name: "backups") { world in
            let backups = world.rooms.backups
            // Only named; nothing is written there.
            let folder = FileManager.default.temporaryDirectory
            let recipient = try AgeIdentity(.x25519, randomness: world.installation.randomness).recipient
            try await backups.setSchedule(
                every: .hours(1), to: folder.path, keep: 1, for: [recipient], as: .operator)
            try await backups.setSchedule(
                every: .hours(2), to: folder.path, keep: 1, for: [recipient], as: .operator)
            let signer = try NoteSigner(name: "restorer.example", seed: Array(repeating: 4, count: 32))
            try await backups.trust(signer.verifier.text, as: .operator)
            let shown = "\(try await backups.trustedVerifiers(as: .operator).count)"
            try await backups.distrust(signer.verifier.text, as: .operator)
            let schedule = try await backups.schedule(as: .operator)?.every
            try await backups.dropSchedule(as: .operator)
            return "\(shown) \(schedule?.description ?? "none")"
        },
    ]

    /// The hash of what went by.
    private final class Hashing: Sendable {
        private let hash = Mutex(SHA256())
        func take(_ bytes: [UInt8]) { hash.withLock { $0.update(data: bytes) } }
        var text: String { hash.withLock { Array($0.finalize()).hex } }
    }
}

extension Reply {
    /// What its reader sees, without the token that each session's forms carry.
    var shown: String {
        "\(status) \(location ?? "") " + body.replacing(/name="csrf" value="[^"]+"/, with: "")
    }
}
