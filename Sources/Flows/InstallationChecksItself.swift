import Commitments
import Endpoints
import Identity
import Kernel
import Packs
import Scanning
import Store

/// What this installation can measure of itself. It proves only itself: promises about other systems need checks on those.
public enum SelfChecks {
    /// That the database files show nothing of what is sealed.
    public static let contentSealed: CheckID = "vouchsafe.content-sealed"
    /// That the whole ledger holds, read through from its first entry.
    public static let ledgerVerifies: CheckID = "vouchsafe.ledger-verifies"
    /// That the server's own address is served over sound TLS.
    public static let transport: CheckID = "vouchsafe.tls"

    /// That a backup of the installation was made lately.
    public static let backupAge: CheckID = "vouchsafe.backup-age"
    /// That a backup of the installation was lately restored elsewhere, and everything in it held.
    public static let backupVerifiedAge: CheckID = "vouchsafe.backup-verified-age"

    /// The declarations, for the catalogue.
    public static let checks =
        [
            Check(
                id: backupAge, title: "Own backup made",
                measures: "The newest backup of this installation is at most 26 hours old.",
                population: .installation, cadence: .hours(1), freshness: .hours(26),
                keywords: ["evidence is backed up", "backups of the evidence"]),
            Check(
                id: backupVerifiedAge, title: "Own backup restored",
                measures:
                    "The newest backup of this installation that was restored elsewhere and verified is at most 35 days old.",
                population: .installation, cadence: .hours(1), freshness: .hours(26),
                keywords: ["restore of the evidence is tested"]),
            Check(
                id: contentSealed, title: "Content sealed at rest",
                measures: "No name or text that this installation keeps is readable in its database files.",
                population: .installation, cadence: .hours(1), freshness: .hours(26),
                keywords: ["evidence is sealed", "sealed at rest"]),
            Check(
                id: ledgerVerifies, title: "Ledger verifies",
                measures: "Every entry, every row and every signed checkpoint of the ledger fits the others.",
                population: .installation, cadence: .hours(1), freshness: .hours(26),
                keywords: ["tamper", "ledger", "audit trail"]),
            Check(
                id: transport, title: "TLS 1.2 or newer",
                measures: "This server refuses TLS 1.1 and older, and its certificate has not run out.",
                population: .installation, cadence: .hours(1), freshness: .hours(26),
                keywords: ["this page is served over"]),
        ] + PeopleChecks.checks
}

/// Runs one self check on its subject's behalf.
public typealias SelfCollector =
    @Sendable (_ check: CheckID, _ organisation: Identifier<Organisation>) async -> Measurement

extension Rooms {
    /// Runs self checks and hands over what they found.
    public func reportSelfChecks(
        _ checks: [CheckID], with collect: SelfCollector, for organisation: Identifier<Organisation>
    ) async throws {
        var found: [(check: Check, measurement: Measurement, observedAt: Instant)] = []
        for check in SelfChecks.checks where checks.contains(check.id) {
            let observedAt = clock.now()
            found.append((check, await collect(check.id, organisation), observedAt))
        }
        let scope = database.scope(organisation, as: .job(.checks))
        try await scope.change("installation.checked") { [evidence, found] change in
            try evidence.receive(
                found.map { check, measurement, observedAt in
                    Observation(
                        check: check.id, subject: Self.installation(of: organisation), measurement: measurement,
                        observedAt: observedAt, receivedAt: change.now, expiresAt: observedAt + check.freshness)
                }, in: change)
        }
    }

    /// Whether the organisation's ledger, and every row it covers, still verifies.
    public func judgeLedger(of organisation: Identifier<Organisation>) async -> Measurement {
        do {
            let walk = try await database.ledger(of: organisation).verify()
            let evidence = [
                Evidence(
                    source: "the ledger's tables",
                    content:
                        "\(walk.entries) entries, \(walk.rows) rows, \(walk.checkpoints) checkpoints, root \(walk.root)"
                )
            ]
            guard let first = walk.problems.first else {
                return Measurement(
                    .pass, value: "\(walk.entries) entries and \(walk.rows) rows verify", evidence: evidence)
            }
            return Measurement(
                .fail, value: "\(walk.problems.count) problems; the first: \(first.message)", evidence: evidence,
                fix: "Run `vouchsafe ledger verify`, keep a copy of the database, and restore the newest backup.")
        } catch {
            return Measurement(
                .error, value: "The ledger could not be read.",
                evidence: [Evidence(source: "the ledger's tables", content: "\(error)")],
                fix: "Run `vouchsafe ledger verify` and follow what it says.")
        }
    }

    /// Whether words that this installation keeps can be read in its files.
    ///
    /// - Parameters:
    ///   - files: The database's files; where there are none to look into, nothing is known.
    ///   - search: Looks for byte strings in a file without reading it whole; returns how many of them it found.
    public func judgeSealing(
        of organisation: Identifier<Organisation>, in files: [String],
        search: @Sendable ([[UInt8]], String) throws -> Int
    ) async -> Measurement {
        guard !files.isEmpty else {
            return Measurement(
                .unknown, value: "the database's files are not on this machine",
                fix: "Search a copy of the database server's data folder for a name that is kept here.")
        }
        do {
            let words = try await plantedWords(of: organisation)
            var found = 0
            for file in files { found += try search(words, file) }
            let evidence = [
                Evidence(
                    source: files.joined(separator: ", "),
                    content: "searched for \(words.count) names and texts; found \(found)")
            ]
            guard found > 0 else {
                return Measurement(
                    .pass, value: "none of \(words.count) names and texts is readable in \(files.count) files",
                    evidence: evidence)
            }
            return Measurement(
                .fail, value: "\(found) of \(words.count) names and texts are readable", evidence: evidence,
                fix: "Stop the server and report this: content must never reach the files unsealed.")
        } catch {
            return Measurement(
                .error, value: "The database files could not be searched.",
                evidence: [Evidence(source: files.joined(separator: ", "), content: "\(error)")],
                fix: "Check that the data folder belongs to the user that runs Vouchsafe.")
        }
    }

    /// Words that lie sealed in the store and would stand out in a file: long enough not to occur by chance.
    private func plantedWords(of organisation: Identifier<Organisation>) async throws -> [[UInt8]] {
        let principal = Principal.job(.checks)
        let board = try await verdicts.board(of: organisation, as: principal)
        var words = board.register.commitments.map(\.definition.summary)
        words += try await hosts.hosts(of: organisation, as: principal).map(\.name)
        words += try await sites.sites(of: organisation, as: principal).map(\.name)
        words += try await identity.tenants(as: principal).map(\.name)
        words += Array(try await identity.names(as: principal).values)
        return words.filter { $0.utf8.count >= 8 }.map { Array($0.utf8) }
    }
}
