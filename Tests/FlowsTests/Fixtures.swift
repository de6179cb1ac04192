import Commitments
import Detection
import Endpoints
import Flows
import Foundation
import Identity
import Kernel
import Scanning
import Store
import StoreSQLite
import TestSupport
import Vault

/// An installation with the example policy, run as the server runs it but for the clock, which a test moves.
struct TestHouse {
    let folder: TemporaryFolder
    let rooms: Rooms
    let clock: MovableClock
    let tenant: Tenant

    static let principal = Principal.operator

    static let hostChecks = ["disk-encryption", "firewall", "guest-access"].compactMap { name in
        CheckID(rawValue: "endpoint.\(name)").map { id in
            Check(
                id: id, title: name, measures: "Whether it is so.", population: .host, cadence: .hours(1),
                freshness: .hours(26), keywords: [])
        }
    }

    /// - Parameter names: The organisation's and the machine's.
    static func make(_ names: (String, String) = ("Hazelbrook Maps", "surveyor-one")) async throws -> TestHouse {
        let folder = try TemporaryFolder()
        let clock = MovableClock()
        let database = try await Database.open(
            try SQLiteDriver(path: folder.database), key: try KeyEncryptionKey(bytes: [UInt8](repeating: 6, count: 32)),
            tables: Rooms.tables, migrations: Rooms.migrations, organisations: Tenant.table, clock: clock.clock,
            randomness: seededRandomness(1))
        let rooms = Rooms(
            database: database,
            catalogue: hostChecks + SelfChecks.checks + PeopleChecks.ofPeople + SiteChecks.all
                + DetectionChecks.all,
            clock: clock.clock,
            randomness: seededRandomness(2))
        let tenant = try await rooms.found(names.0, machine: names.1, node: "here", as: principal)
        return TestHouse(folder: folder, rooms: rooms, clock: clock, tenant: tenant)
    }

    /// Reports each host check with the same result.
    func report(_ result: CheckResult, value: String = "measured", evidence: String = "read", fix: String? = nil)
        async throws
    {
        let measurement = Measurement(
            result, value: value, evidence: [Evidence(source: "a file", content: evidence)], fix: fix)
        _ = try await rooms.reportPosture(
            of: Self.hostChecks.map(\.id), with: { _ in Self.hostChecks.map { ($0, measurement) } }, on: "here",
            for: tenant.id)
    }

    /// The example policy's pack and text, found beside the tests.
    static func example() throws -> (pack: [UInt8], text: [UInt8]) {
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/",
            !FileManager.default.fileExists(atPath: folder.appendingPathComponent("examples").path)
        {
            folder.deleteLastPathComponent()
        }
        let examples = folder.appendingPathComponent("examples")
        return (
            [UInt8](try Data(contentsOf: examples.appendingPathComponent("policy.yaml"))),
            [UInt8](try Data(contentsOf: examples.appendingPathComponent("policy.md")))
        )
    }

    func importExample() async throws {
        let example = try Self.example()
        // Checks that this installation does not have are named as missing by packs of its own; here they are in the way.
        let pack = Self.marking(example.pack)
        _ = try await rooms.commitments.importPolicy(
            pack: pack, text: example.text, into: tenant.id, as: Self.principal)
    }

    /// The pack with a word on what is missing for each check that is not in this catalogue.
    private static func marking(_ pack: [UInt8]) -> [UInt8] {
        let known = Set((hostChecks + SelfChecks.checks).map(\.id.rawValue))
        let lines = String(decoding: pack, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let marked = lines.map { line -> String in
            guard let start = line.range(of: "- { check: "), !line.contains("needs:") else { return String(line) }
            let name = line[start.upperBound...].prefix { $0 != "," }
            return known.contains(String(name))
                ? String(line) : line.replacingOccurrences(of: " }", with: ", needs: \"a collector\" }")
        }
        return Array(marked.joined(separator: "\n").utf8)
    }
}
