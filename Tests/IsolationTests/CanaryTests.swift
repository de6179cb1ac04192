import Commitments
import Flows
import Foundation
import Kernel
import Ledger
import Routing
import Store
import StoreSupport
import Synchronization
import TestSupport
import Testing

@testable import App
@testable import Identity

/// Every text of the organisation birch holds its word. Nothing that alder's callers can reach shows it, nor the identifier of
/// any of birch's rows: no page, no answer, no export, no stream, and no log.
@Suite(.onEveryDatabase) struct CanaryTests {
    /// The word, and the identifiers of what is birch's.
    static func canaries(_ world: World) -> [String] {
        [world.birch.word] + world.birch.identifiers
    }

    private static func search(_ text: String, _ canaries: [String], _ where: String) {
        for canary in canaries { #expect(!text.contains(canary), "\(canary) is in \(`where`)") }
    }

    @Test func nothingThatAlderCanReachShowsBirch() async throws {
        let world = try await World.make()
        let canaries = Self.canaries(world)
        let examples = try await Examples(world)
        var pages = 0
        for route in try await examples.routes() {
            // Those who reach furthest; the matrix looks into what everybody else is shown.
            let askers: [Asker] = [
                .session(world.alder.people[0]), .session(world.both), .token(world.alder.people[0]), .visitor,
            ]
            for asker in askers {
                let naming = route.parameters.filter { $0.place == .path }.map { _ in Naming.own }
                let reply = try await examples.send(route, as: asker, naming: naming)
                if asker.tellsTheirOrganisations(route, in: world) { continue }
                Self.search(reply.body, canaries, "\(route.name) for \(asker)")
                pages += (200..<300).contains(reply.status) ? 1 : 0
            }
        }
        #expect(pages > 100)
        Self.search(world.log.text, canaries, "the log")
        // What is looked for is really there, for birch.
        let own = try await examples.asking.ask(
            .get, "/hosts", as: .session(world.birch.people[0]), from: world.birch)
        #expect(own.body.contains("birch-machine"))
    }

    @Test func whatNamesBirchInVainIsNotLogged() async throws {
        let world = try await World.make()
        let examples = try await Examples(world)
        for route in try await examples.routes() where route.scope == .organisation {
            let naming = route.parameters.filter { $0.place == .path }.map { _ in Naming.foreign }
            guard !naming.isEmpty else { continue }
            _ = try await examples.send(route, as: .session(world.alder.people[0]), naming: naming)
        }
        Self.search(world.log.text, Self.canaries(world), "the log")
    }

    @Test func anExportOfAlderHoldsNothingOfBirch() async throws {
        let world = try await World.make()
        let canaries = Self.canaries(world)
        let export = Collected()
        _ = try await world.rooms.database.ledger(of: world.alder.tenant.id).export(as: .operator) { export.take($0) }
        let text = export.text
        #expect(text.contains("alder"))
        Self.search(text, canaries, "the export")
        // Bodies are in Base64 there, at any of three offsets.
        for canary in canaries.map({ Array($0.utf8) }) {
            for offset in 0..<3 {
                let shifted = Data(Array(repeating: 0, count: offset) + canary).base64EncodedString()
                let certain = shifted.dropFirst(offset == 0 ? 0 : 4).prefix(max(0, canary.count / 3 * 4 - 4))
                if certain.count >= 4 { #expect(!text.contains(certain)) }
            }
        }
    }

    @Test func theStreamOfAlderTellsOfAlderOnly() async throws {
        let world = try await World.make()
        let owner = try await Examples(world).signedIn(world.alder.people[0])
        let call = Call(
            path: "/events", parameters: [:], query: [:], body: [], contentType: nil, signedIn: owner,
            caller: owner.caller, formToken: "", network: "here", now: world.clock.now)
        var events = try await VerdictEvents(installation: world.installation).stream(call).makeAsyncIterator()
        #expect(await events.next()?.hasPrefix("retry:") == true)
        let publications = world.rooms.publications
        // Birch twice, so that its number is another one than alder's.
        for (organisation, result) in [
            (world.birch, CheckResult.pass), (world.birch, .fail), (world.alder, .pass),
        ] {
            let check = Installation.catalogue.filter { $0.id.rawValue == "endpoint.disk-encryption" }
            world.clock.move(by: .minutes(1))
            _ = try await world.rooms.reportPosture(
                of: check.map(\.id), with: { _ in check.map { ($0, Measurement(result, value: "told")) } },
                on: "\(organisation.word)-node", for: organisation.tenant.id)
            try await world.rooms.publishChanges(for: organisation.tenant.id)
        }
        let own = try await publications.edition(of: world.alder.tenant.id)
        #expect(try await publications.edition(of: world.birch.tenant.id) != own)
        var told = await events.next()
        // What only keeps the line open may come in between on a slow machine.
        while told?.hasPrefix(":") == true { told = await events.next() }
        #expect(told == "event: verdicts\ndata: \(own)\n\n")
    }

    private final class Collected: Sendable {
        private let bytes = Mutex<[UInt8]>([])
        func take(_ piece: [UInt8]) { bytes.withLock { $0 += piece } }
        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
    }
}
