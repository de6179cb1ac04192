import Commitments
import Kernel
import Ledger
import Packs
import Store
import StoreSQLite
import TestSupport
import Vault
import Verdicts

let encryption = check("endpoint.disk-encryption", "Disk encryption")
let firewall = check("endpoint.firewall", "Firewall")

private func check(_ id: CheckID, _ title: String) -> Check {
    Check(
        id: id, title: title, measures: "Whether it is so.", population: .host, cadence: .hours(1),
        freshness: .hours(26), keywords: [])
}

/// A promise for a pack: its id, and the lines of its checks or why there are none.
struct Promised {
    let id: String
    var checks = ["{ check: endpoint.disk-encryption, population: host, threshold: all, freshness: 26h }"]
    var unprovable: String?

    static let encrypted = Promised(id: "encrypted")
    static let walled = Promised(
        id: "walled", checks: ["{ check: endpoint.firewall, population: host, threshold: all, freshness: 26h }"])
    static let trained = Promised(
        id: "trained",
        checks: [
            "{ check: people.training, population: person, threshold: all, freshness: 365d, needs: \"the people register\" }"
        ])
    static let flawless = Promised(id: "flawless", checks: [], unprovable: "The absence of errors cannot be observed.")
}

/// A pack that promises these things.
func pack(_ promises: Promised..., policy: String = "house-rules", version: String = "1") -> [UInt8] {
    var text = """
        format: vouchsafe/pack@v1
        policy:
          id: \(policy)
          title: House rules
          issuer: Hazelbrook Maps
          version: "\(version)"
          date: 2026-01-15
          text: { sha256: \(String(repeating: "ab", count: 32)), bytes: \(promises.count * 10) }
        spans:

        """
    for (number, promise) in promises.enumerated() {
        let kind = promise.unprovable.map { "unprovable, reason: \"\($0)\"" } ?? "commitment"
        text += "  - { at: [\(number * 10), \(number * 10 + 9)], class: \(kind), commitments: [\(promise.id)] }\n"
    }
    text += "commitments:\n"
    for promise in promises {
        text += "  - id: \(promise.id)\n    section: Rules\n    summary: \"Summary of \(promise.id).\"\n    owner: it\n"
        if let reason = promise.unprovable { text += "    unprovable: \"\(reason)\"\n" }
        if !promise.checks.isEmpty { text += "    checks:\n" + promise.checks.map { "      - \($0)\n" }.joined() }
    }
    return Array(text.utf8)
}

/// One organisation's commitments, with hosts that are nothing but subjects.
struct TestOrganisation {
    let folder: TemporaryFolder
    let database: Database
    let clock: MovableClock
    let desk: CommitmentDesk
    let verdicts: VerdictDesk
    let publications: PublicationDesk
    let evidence = EvidenceDesk()

    static let id = Identifier<Organisation>(high: 1, low: 1)
    static let ada = Principal.person(Identifier(high: 2, low: 1))
    static let ben = Principal.person(Identifier(high: 2, low: 2))

    static func make() async throws -> TestOrganisation {
        let folder = try TemporaryFolder()
        let clock = MovableClock()
        let database = try await Database.open(
            try SQLiteDriver(path: folder.database), key: try KeyEncryptionKey(bytes: [UInt8](repeating: 4, count: 32)),
            tables: CommitmentDesk.tables, migrations: CommitmentDesk.migrations, clock: clock.clock,
            randomness: seededRandomness(1))
        try await database.establish(id)
        let desk = CommitmentDesk(database: database, catalogue: [encryption, firewall])
        let verdicts = VerdictDesk(database: database, commitments: desk, clock: clock.clock)
        return TestOrganisation(
            folder: folder, database: database, clock: clock, desk: desk, verdicts: verdicts,
            publications: PublicationDesk(database: database, commitments: desk, verdicts: verdicts))
    }

    /// The same with hosts that joined and a policy that was imported.
    static func make(hosts: Int, _ pack: [UInt8]) async throws -> TestOrganisation {
        let organisation = try await make()
        try await organisation.importPolicy(pack)
        for host in 0..<hosts { try await organisation.join(host) }
        return organisation
    }

    var scope: ScopedDatabase { database.scope(Self.id, as: .operator) }

    @discardableResult
    func importPolicy(_ pack: [UInt8], text: [UInt8]? = nil) async throws -> PackDiff {
        try await desk.importPolicy(pack: pack, text: text, into: Self.id, as: .operator)
    }

    static func host(_ number: Int) -> Subject { Subject(kind: .host, id: Identifier(high: 7, low: UInt64(number))) }

    func join(_ host: Int) async throws {
        try await scope.change("host.enrolled") { try evidence.join(Self.host(host), at: $0.now, in: $0) }
    }

    func leave(_ host: Int) async throws {
        try await scope.change("host.retired") { try evidence.leave(Self.host(host), at: $0.now, in: $0) }
    }

    /// Hands over what was seen.
    ///
    /// - Parameter age: How long ago it was seen.
    func see(
        _ result: CheckResult, on host: Int = 0, _ check: Check = encryption, age: Period = .zero,
        value: String = "measured"
    ) async throws {
        try await scope.change("host.reported") { change in
            let observedAt = change.now - age
            let observation = Observation(
                check: check.id, subject: Self.host(host), measurement: Measurement(result, value: value),
                observedAt: observedAt, receivedAt: change.now, expiresAt: observedAt + check.freshness)
            try evidence.receive([observation], in: change)
        }
    }

    func board() async throws -> Board { try await verdicts.board(of: Self.id, as: .operator) }

    /// The verdicts by the commitments' names.
    func verdictsNow() async throws -> [String: Verdict] {
        let board = try await board()
        return Dictionary(
            uniqueKeysWithValues: zip(board.register.commitments.map(\.definition.id), board.standings.map(\.verdict)))
    }

    func verdicts(at moment: Instant) async throws -> [String: Verdict] {
        let standings = try await verdicts.standings(of: Self.id, at: moment, as: .operator)
        return Dictionary(uniqueKeysWithValues: standings.map { ($0.commitment.definition.id, $0.standing.verdict) })
    }

    func commitment(_ name: String) async throws -> RegisteredCommitment {
        try await board().register.commitment("house-rules", name)
    }

    func actions() async throws -> [String] {
        try await database.ledger(of: Self.id).entries(before: nil, limit: 1000).reversed().map(\.entry.action)
    }
}
