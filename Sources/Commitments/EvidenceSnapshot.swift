import Kernel
import Store
import Verdicts

/// What the verdicts of an organisation are made of at one size of its ledger: the roster, and the governing sighting of every series.
///
/// Read from index columns only. It can be continued from where it ended, so that a new observation costs one row.
struct EvidenceSnapshot: Sendable {
    private(set) var ledgerSize: Int64 = 0
    private(set) var roster = Roster([])
    private(set) var keys: [Int64: SeriesKey] = [:]
    private(set) var governing: [Int64: Sighting] = [:]

    struct SeriesKey: Hashable, Sendable {
        let check: CheckID
        let subject: Subject
    }

    private static let columns = [
        "series", "observed_at", "received_at", "expires_at", "result", "entry", "position",
    ]

    /// Takes in what was written since, up to the present size.
    mutating func advance(in view: ReadView) throws {
        let size = try view.ledgerSize()
        guard size != ledgerSize else { return }
        roster = try Self.roster(in: view)
        try readKeys(since: ledgerSize, in: view)
        var governing = governing
        try view.scan(
            ObservationRow.self, columns: Self.columns,
            ledgerSize == 0
                ? Query(order: "series, observed_at") : Query("entry >= ?", [.integer(ledgerSize)])
        ) { row in
            let sighting = Sighting(row)
            if let current = governing[row[0]], current.outranks(sighting) { return }
            governing[row[0]] = sighting
        }
        self.governing = governing
        ledgerSize = size
    }

    /// The fold over this evidence at `moment`.
    func fold(at moment: Instant) -> VerdictFold {
        var fold = VerdictFold(at: moment, roster: roster)
        for (number, sighting) in governing {
            guard let key = keys[number], let slot = fold.slot(for: key.check, on: key.subject) else { continue }
            fold.take(sighting, in: slot)
        }
        return fold
    }

    private mutating func readKeys(since entry: Int64, in view: ReadView) throws {
        var keys = keys
        try view.columns(
            of: SeriesRow.self, ["number", "check_id", "kind", "subject"], Query("entry >= ?", [.integer(entry)])
        ) { row in
            guard let check = CheckID(rawValue: row.text(1)), let kind = Subject.Kind(rawValue: row.text(2)),
                let id = Identifier<Subject>(bytes: row.blob(3))
            else { return }
            keys[row.integer(0)] = SeriesKey(check: check, subject: Subject(kind: kind, id: id))
        }
        self.keys = keys
    }

    /// Every membership that was ever recorded.
    static func roster(in view: ReadView) throws -> Roster {
        var memberships: [Membership] = []
        try view.columns(of: RosterEntry.self, ["kind", "subject", "joined_at", "left_at"]) { row in
            guard let kind = Subject.Kind(rawValue: row.text(0)), let id = Identifier<Subject>(bytes: row.blob(1)) else { return }
            let left: Instant? = if case .integer(let moment) = row.value(3) { Instant(milliseconds: moment) } else { nil }
            memberships.append(
                Membership(
                    Subject(kind: kind, id: id), joinedAt: Instant(milliseconds: row.integer(2)), leftAt: left))
        }
        return Roster(memberships)
    }

    /// All sightings, by series, that had been received by `moment`; of the given checks only, if any are given.
    static func series(of checks: Set<CheckID>?, receivedBy moment: Instant, in view: ReadView) throws -> [Series] {
        var snapshot = EvidenceSnapshot()
        try snapshot.readKeys(since: 0, in: view)
        let wanted = snapshot.keys.filter { checks?.contains($0.value.check) ?? true }
        var series: [Int64: Series] = [:]
        let condition = wanted.count <= 500
            ? "series IN (\(wanted.keys.sorted().map(String.init).joined(separator: ", ")))" : "series > 0"
        try view.scan(
            ObservationRow.self, columns: columns,
            Query("\(condition) AND received_at <= ?", [.integer(moment.milliseconds)], order: "series, observed_at")
        ) { row in
            guard let key = wanted[row[0]] else { return }
            series[row[0], default: Series(check: key.check, subject: key.subject)].sightings.append(Sighting(row))
        }
        return Array(series.values)
    }
}

extension Sighting {
    /// A sighting from the columns that a snapshot reads.
    fileprivate init(_ row: Span<Int64>) {
        self.init(
            result: CheckResult(code: row[4]), observedAt: Instant(milliseconds: row[1]),
            receivedAt: Instant(milliseconds: row[2]), expiresAt: Instant(milliseconds: row[3]),
            number: row[5] << 20 | row[6])
    }
}
