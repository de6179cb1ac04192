import Foundation
import Kernel
import LogArchive
import LogFormats
import Store
import Synchronization
import TestSupport
import Testing

@testable import Detection

@Suite("Log sources") struct LogDeskTests {
    private func code(_ work: () async throws -> Void) async -> String? {
        do { try await work() } catch { return (error as? Problem)?.code ?? "\(error)" }
        return nil
    }

    @Test func aRegisteredSourceCountsWithRulesAndAlertsFromThenOn() async throws {
        let room = try await Room()
        let source = try await room.source()
        #expect(
            room.intake.joined.withLock { $0 } == [
                source.subject, DetectionChecks.rules(of: room.organisation),
                DetectionChecks.alerts(of: room.organisation),
            ])
        try await room.logs.remove("office", in: room.organisation, as: .operator)
        #expect(room.intake.left.withLock { $0 } == [source.subject])
        #expect(try await room.logs.sources(of: room.organisation, as: .operator).isEmpty)
    }

    @Test(arguments: [
        (WatchedLog.Way.networks(["10.0.0.0/33"]), "log-source.network"), (.networks([]), "log-source.network"),
        (.networks(["10.1.2.3/8"]), "log-source.network"), (.certificate("AB"), "log-source.certificate"),
        (.file("var/log/syslog"), "log-source.path"),
    ]) func whatNamesNothingIsRefused(_ way: WatchedLog.Way, _ expected: String) async throws {
        let room = try await Room()
        #expect(
            await code {
                try await room.logs.register(
                    .init(name: "x", format: .syslog, way: way), in: room.organisation, as: .operator)
            } == expected)
    }

    @Test func onlyTheOperatorTakesRecordsOfTheServersOwnMachineAndNetworks() async throws {
        let room = try await Room()
        let person = Principal.person(Identifier(high: 7, low: 7))
        for way in [
            WatchedLog.Way.networks(["10.0.0.0/8"]), .certificate(String(repeating: "a", count: 64)), .file("/x"),
            .journal,
        ] {
            #expect(
                await code {
                    try await room.logs.register(
                        .init(name: "x", format: .syslog, way: way), in: room.organisation, as: person)
                } == "log-source.operator")
        }
        try await room.logs.register(.init(name: "x", format: .json, way: .https), in: room.organisation, as: person)
    }

    @Test func twoSourcesNeverTakeTheSameRecords() async throws {
        let room = try await Room()
        for way in [WatchedLog.Way.networks(["10.0.0.0/8", "fd00::/8"]), .file("/a"), .journal] {
            let first = WatchedLog.Settings(name: "first \(way.words)", format: .syslog, way: way)
            try await room.logs.register(first, in: room.organisation, as: .operator)
            var second = first
            second.name = "second"
            #expect(
                await code { try await room.logs.register(second, in: room.organisation, as: .operator) }
                    == "log-source.known")
        }
    }

    @Test func recordsGoWhenTheirTimeIsOverAndTheLedgerTellsIt() async throws {
        let room = try await Room()
        let source = try await room.source()
        try await room.running { try await $0.keep(room.batch(["<13>1 - h a - - - canary-word"]), of: source) }
        let archive = OrganisationArchive(room.archives, of: room.organisation, randomness: .system)
        _ = try await archive.resume { _ in }
        try await archive.closeIfDue(at: room.clock.now, always: true)
        try await archive.writeDown(Set(archive.closedSegments))
        #expect(try await room.archives.size(in: room.organisation, as: .operator).records == 1)
        #expect(try await room.archives.verify(in: room.organisation, as: .operator).problems.isEmpty)
        let folder = "\(room.folder.path)/logs/\(room.organisation)"
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
        #expect(bytes.range(of: Data("canary-word".utf8)) == nil)
        #expect(try await room.archives.delete(before: room.clock.now, in: room.organisation, as: .operator) == 0)
        let later = room.clock.now + .days(1)
        #expect(try await room.archives.delete(before: later, in: room.organisation, as: .operator) == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        let found = try await ArchiveSearch(room.archives).search(
            LogSearch(), in: room.organisation, as: .operator)
        #expect(found.records.isEmpty)
        #expect(try await room.database.ledger(of: room.organisation).verify().problems.isEmpty)
    }

    @Test func aChangedOrMissingFileOfTheArchiveIsNoticed() async throws {
        let room = try await Room()
        let source = try await room.source()
        try await room.running { try await $0.keep(room.batch(room.failures(50)), of: source) }
        let archive = OrganisationArchive(room.archives, of: room.organisation, randomness: .system)
        _ = try await archive.resume { _ in }
        try await archive.closeIfDue(at: room.clock.now, always: true)
        try await archive.writeDown(Set(archive.closedSegments))
        let folder = "\(room.folder.path)/logs/\(room.organisation)"
        let path = "\(folder)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first))"
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try await room.archives.verify(in: room.organisation, as: .operator).problems.count == 1)
        try FileManager.default.removeItem(atPath: path)
        let answer = try await ArchiveSearch(room.archives).search(
            LogSearch(), in: room.organisation, as: .operator)
        #expect(answer.records.isEmpty)
        #expect(answer.remarks.count == 1, "that something is missing must be told")
    }
}
