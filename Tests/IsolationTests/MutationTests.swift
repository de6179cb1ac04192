import Foundation
import Kernel
import StoreSupport
import TestSupport
import Testing

@testable import App
@testable import Identity
@testable import Store

/// Takes the predicate on the organisation out of each statement that the server ever sends, one at a time, and expects that
/// it is noticed: otherwise these tests could not tell a server that keeps organisations apart from one that does not.
@Suite struct MutationTests {
    /// What noticed a mutation.
    enum Net: String, CaseIterable {
        /// Somebody was shown, or has changed, what is not theirs.
        case seen = "isolation suite"
        /// Another organisation's row could not be opened with one's own key.
        case sealing = "sealing"
        /// Something in the store did not add up: a version, a count, the ledger.
        case store = "the store's own checks"
        /// The statement met another organisation's rows, and what it did with them was not to be seen from outside.
        case probe = "the probe of each statement"
    }

    private static func scopes(_ world: World) -> [Identifier<Organisation>] {
        [.installation, .operatorLog, world.alder.tenant.id]
    }

    @Test func everyStatementNamesTheOrganisation() async throws {
        let watch = StatementWatch()
        let world = try await World.make { WatchedDriver(inner: $0, watch: watch) }
        for step in try await Step.all(in: world) { _ = await step.shown(in: world) }
        let unbound = watch.seen.filter { text in
            let isData = ["SELECT ", "UPDATE ", "DELETE "].contains { text.hasPrefix($0) }
            // What looks for rows that belong to nobody has nobody to name; it is told no more than that there are some.
            let isSearch = text.hasSuffix("WHERE organisation NOT IN (SELECT organisation FROM data_key) LIMIT 1")
            return isData && !isSearch && !text.contains(Mutation.predicate)
        }
        #expect(unbound.isEmpty, "\(unbound.sorted())")
        let inserting = watch.seen.filter { $0.hasPrefix("INSERT ") && !$0.contains("(organisation, ") }
        #expect(inserting.isEmpty, "\(inserting.sorted())")
        #expect(watch.seen.count > 80, "the statements are watched")
    }

    @Test func withoutOnePredicateTheIsolationSuiteFails() async throws {
        try await TestDatabase.$current.withValue(.sqlite) { try await mutateEachStatement() }
    }

    private func mutateEachStatement() async throws {
        let origin = try await World.make()
        let steps = try await Step.all(in: origin)
        try await origin.installation.close()
        try Mirrors.plant(Self.scopes(origin), in: origin.folder, schema: Installation.schema)
        #expect(
            try Mirrors.rows(Self.scopes(origin), in: origin.folder, schema: Installation.schema).count > 100)
        let mirrored = try [true, false].map { try others(of: origin, in: origin.folder, isExact: $0) }

        // How it is without a mutation, twice, so that nothing is compared that changes by itself.
        let scopes = Self.scopes(origin)
        var expected: [Run] = []
        var users: [String: [(step: Int, met: Int64)]] = [:]
        var met: [Mutation: Int64] = [:]
        for (number, step) in steps.enumerated() {
            let watch = StatementWatch(isProbing: true, mirroring: scopes)
            let first = try await run(step, on: origin, watch)
            let second = try await run(step, on: origin, StatementWatch(mirroring: scopes))
            let isSame = first == second
            #expect(isSame, "\(step.name) is not the same twice")
            if !step.isReading {
                let plain = try await run(step, on: origin, StatementWatch())
                let isKept = plain.rows == mirrored[step.isExact ? 0 : 1]
                #expect(isKept, "\(step.name) changes what is not alder's")
            }
            expected.append(first)
            met.merge(watch.met, uniquingKeysWith: max)
            for text in watch.seen {
                let most = Mutation.all(of: text).map { watch.met[$0] ?? 0 }.max() ?? 0
                users[text, default: []].append((number, most))
            }
        }

        var caught: [Net: Int] = [:]
        var missed: [String] = []
        for mutation in users.keys.sorted().flatMap(Mutation.all) {
            var net: Net?
            // Where it meets most, it is seen soonest.
            let tries = (users[mutation.statement] ?? []).sorted { ($1.met, $0.step) < ($0.met, $1.step) }
            for number in tries.prefix(3).map(\.step) {
                let watch = StatementWatch(mutation, mirroring: scopes)
                let found: Run
                do {
                    found = try await run(steps[number], on: origin, watch)
                } catch {
                    // It could not even be opened.
                    net = Self.net(of: "\(error)")
                    break
                }
                if found != expected[number] {
                    net = found.shown == expected[number].shown ? .seen : Self.net(of: found.shown)
                }
                if net != nil { break }
            }
            if net == nil, met[mutation, default: 0] > 0 { net = .probe }
            if let net { caught[net, default: 0] += 1 } else { missed.append(mutation.description) }
        }
        let total = caught.values.reduce(0, +) + missed.count
        let sums = Net.allCases.map { "\(caught[$0, default: 0]) by \($0.rawValue)" }.joined(separator: ", ")
        print(
            "mutation on SQLite: \(users.count) statements, \(total) mutations; noticed \(sums); missed \(missed.count)"
        )
        #expect(missed == [], "nothing notices these")
        #expect(total > 60)
    }

    @Test(.enabled(if: TestDatabase.available.contains(.postgreSQL)))
    func rowSecurityHidesEveryRowThatAMutationWouldMeet() async throws {
        try await TestDatabase.$current.withValue(.postgreSQL) {
            let watch = StatementWatch(isProbing: true)
            let world = try await World.make { WatchedDriver(inner: $0, watch: watch) }
            let steps = try await Step.all(in: world)
            try Mirrors.plant(Self.scopes(world), in: world.folder, schema: Installation.schema)
            let mirrored = try Mirrors.rows(Self.scopes(world), in: world.folder, schema: Installation.schema)
            #expect(mirrored.count > 100)
            for step in steps { _ = await step.shown(in: world) }
            let leaking = watch.met.filter { $0.value > 0 }
            print(
                "mutation on PostgreSQL: \(watch.met.count) mutations, \(leaking.count) meet another organisation's row"
            )
            #expect(leaking.isEmpty, "\(leaking.keys)")
            #expect(watch.met.count > 60)
            let isKept =
                try Mirrors.rows(Self.scopes(world), in: world.folder, schema: Installation.schema) == mirrored
            #expect(isKept)
            try await world.installation.close()
        }
    }

    private static func net(of shown: String) -> Net {
        if shown.contains("vault.") { return .sealing }
        return shown.contains("ledger.") || shown.contains("store.") ? .store : .seen
    }

    /// What came of a step: what was shown, and what the others' rows are afterwards.
    private struct Run: Equatable {
        let shown: String
        /// The hash of them.
        let rows: [UInt8]
    }

    /// Runs `step` on a copy of its own.
    private func run(_ step: Step, on origin: World, _ watch: StatementWatch) async throws -> Run {
        let folder = try TemporaryFolder()
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: origin.folder.database + suffix) {
            try FileManager.default.copyItem(
                atPath: origin.folder.database + suffix, toPath: folder.database + suffix)
        }
        let world = try await origin.again(in: folder, seed: 77) { WatchedDriver(inner: $0, watch: watch) }
        let shown = await step.shown(in: world)
        let told = world.log.takeProblems()
        try await world.installation.close()
        return Run(
            shown: told.isEmpty ? shown : "\(shown)\n\(told)",
            rows: try others(of: origin, in: folder, isExact: step.isExact))
    }

    private func others(of origin: World, in folder: TemporaryFolder, isExact: Bool) throws -> [UInt8] {
        try Mirrors.content(Self.scopes(origin), isExact: isExact, in: folder, schema: Installation.schema)
    }
}
