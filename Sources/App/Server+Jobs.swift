import Backups
import Detection
import Flows
import Foundation
import Identity
import Jobs
import Kernel
import ServiceLifecycle
import Store

extension Server {
    /// Everything that a server does by itself, each thing a service of its own.
    ///
    /// - Parameter firstChecksDone: Called once when every check has run for the first time.
    /// - Throws: `Problem` if this machine's identity cannot be read or made.
    func jobs(firstChecksDone: @escaping @Sendable () async -> Void) throws -> [any Service] {
        let probe = TransportProbe(
            host: Self.isEverywhere(settings.host) ? "localhost" : settings.host, listening: listening,
            certificate: certificate, clock: installation.clock)
        let collectors = Collectors(installation: installation, probe: probe)
        let schedule = Schedule(
            database: installation.database, clock: installation.clock, randomness: installation.randomness)
        let rooms = installation.rooms
        // One server on a file needs no right to sign; several on one database do.
        let signer =
            installation.isShared
            ? SignerLease(
                database: installation.database, clock: installation.clock, randomness: installation.randomness) : nil
        let runner = CheckRunner(
            rooms: rooms, schedule: schedule, collectors: collectors,
            node: try installation.folder.node(randomness: installation.randomness),
            machine: ProcessInfo.processInfo.hostName, signer: signer,
            isCollecting: { [logs] in logs.pipeline.isRunning }, firstRoundDone: firstChecksDone)
        let scans = SiteScanRunner(
            rooms: rooms, schedule: schedule,
            scanner: SiteScanning(clock: installation.clock, version: settings.version).scanner)
        return [
            Repeating("checks", every: .seconds(5), logger: logger) { [listening] in
                // The server is one of the things that are looked at.
                _ = try await listening.port()
                try await runner.runDue()
            },
            Repeating("scans", every: .seconds(5), logger: logger) { try await scans.runDue() },
            Repeating("backups", every: .seconds(60), logger: logger) { [installation, version = settings.version] in
                let node = try installation.folder.node(randomness: installation.randomness)
                try await rooms.backups.makeDue(program: version, node: node, as: .job(.backups))
            },
            Repeating("sealing anew", every: .seconds(60), logger: logger) { [installation] in
                // A rotation that was left to the server, or interrupted. Two servers would only do each other's work.
                try await EachInTurn.run(try await installation.database.scopes()) { scope in
                    if let signer, try await signer.lease(for: scope) == nil { return }
                    try await installation.database.keys(of: scope).reseal(as: .job(.keys))
                }
            },
            Repeating("access reviews", every: .seconds(3600), logger: logger) { [installation] in
                let tenants = try await installation.rooms.identity.tenants(as: .job(.accessReviews))
                try await EachInTurn.run(tenants.map(\.id)) { try await installation.rooms.startDueReviews(in: $0) }
            },
            LogCollecting(
                pipeline: logs.pipeline,
                syslog: settings.syslog?.settings(
                    certificate: settings.certificate ?? Self.ownFiles(of: installation)),
                clock: installation.clock, logger: logger,
                listening: { [settings] in settings.syslogListening($0.words) }),
            Repeating("old logs", every: .seconds(3600), logger: logger) { [logs] in
                let tenants = try await rooms.identity.tenants(as: .job(.detection))
                try await EachInTurn.run(tenants.map(\.id)) { try await rooms.forgetLogs(in: logs.archives, for: $0) }
            },
            Repeating("overwriting", every: .seconds(60), logger: logger) { [installation] in
                // An erasure that met a long reader.
                try await installation.database.scrubIfDue()
            },
            Publisher(
                rooms: rooms, signer: signer, announcements: installation.database.announcements, logger: logger),
            LedgerPublisher(
                rooms: rooms, signer: signer, announcements: installation.database.announcements, logger: logger),
            WitnessRounds(rooms: rooms, signer: signer, clock: installation.clock, logger: logger),
        ]
    }
}
