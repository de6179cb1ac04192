import Kernel
import Store
import Verdicts

/// What the verdicts of an organisation are made of at one size of its ledger: the roster, and the governing sighting of every series.
///
/// Read from index columns only. It can be continued from where it ended, so that a new observation costs one row.
struct EvidenceSnapshot: Sendable {
    private(set) var ledgerSize: Int64 = 0
    private(set) var roster = Roster([])
    /// By the number of the series, which is dense from 1: place 0 is never filled.
    private(set) var keys: [SeriesKey?] = [nil]
    private(set) var governing: [Sighting?] = [nil]
    private var rosterEntry: Int64 = -1

    struct SeriesKey: Hashable, Sendable {
        let check: CheckID
        let subject: Subject
    }

    private static let columns = [
        "series", "observed_at", "received_at", "expires_at", "result", "entry", "position",
    ]

    /// Takes in what was written since, up to the present size.
    ///
    /// - Returns: Whether anything came that verdicts are made of.
    @discardableResult
    mutating func advance(in view: ReadView) throws -> Bool {
        let size = try view.ledgerSize()
        guard size != ledgerSize else { return false }
        let joined = try view.newestEntry(of: RosterEntry.self)
        let hasNewRoster = joined != rosterEntry
        if hasNewRoster {
            roster = try Self.roster(in: view)
            rosterEntry = joined
        }
        try readKeys(since: ledgerSize, in: view)
        let count = try readSightings(since: ledgerSize, in: view)
        ledgerSize = size
        return hasNewRoster || count > 0
    }

    private mutating func readSightings(since entry: Int64, in view: ReadView) throws -> Int {
        var governing = governing
        // Not kept in two places while it is written to, which would copy it.
        self.governing = []
        governing.append(contentsOf: repeatElement(nil, count: keys.count - governing.count))
        var count = 0
        // In the order of the covering index, so that a first reading runs through it from end to end.
        let query = entry == 0 ? Query(order: "series, observed_at") : Query("entry >= ?", [.integer(entry)])
        try view.scan(ObservationRow.self, columns: Self.columns, query) { row in
            count += 1
            guard let number = Int(exactly: row[0]), governing.indices.contains(number), keys[number] != nil else {
                throw Self.unknownSeries(row[0])
            }
            let sighting = Sighting(row)
            if let current = governing[number], current.outranks(sighting) { return }
            governing[number] = sighting
        }
        self.governing = governing
        return count
    }

    /// The fold over this evidence at `moment`.
    func fold(at moment: Instant) -> VerdictFold {
        var fold = VerdictFold(at: moment, roster: roster)
        for (key, sighting) in zip(keys, governing) {
            guard let key, let sighting, let slot = fold.slot(for: key.check, on: key.subject) else { continue }
            fold.take(sighting, in: slot)
        }
        return fold
    }

    private mutating func readKeys(since entry: Int64, in view: ReadView) throws {
        var keys = keys
        self.keys = []
        let last = try view.count(SeriesRow.self)
        keys.append(contentsOf: repeatElement(nil, count: max(0, last + 1 - keys.count)))
        // Many series are of few checks, whose names are kept once.
        var checks: [String: CheckID] = [:]
        try view.columns(
            of: SeriesRow.self, ["number", "check_id", "kind", "subject"], Query("entry >= ?", [.integer(entry)])
        ) { row in
            let name = row.text(1)
            guard let number = Int(exactly: row.integer(0)), number > 0, keys.indices.contains(number),
                let check = checks[name] ?? CheckID(rawValue: name), let kind = Subject.Kind(rawValue: row.text(2)),
                let id = Identifier<Subject>(bytes: row.blob(3))
            else { throw Self.unknownSeries(row.integer(0)) }
            checks[name] = check
            keys[number] = SeriesKey(check: check, subject: Subject(kind: kind, id: id))
        }
        self.keys = keys
    }

    /// A verdict must not quietly leave out evidence that is there.
    private static func unknownSeries(_ number: Int64) -> Problem {
        Problem(
            .refused, code: "evidence.damaged",
            "The stored evidence names the series \(number), which is damaged or not there.",
            hint: "Run `vouchsafe ledger verify`; it names the rows that were changed.")
    }

    /// Every membership that was ever recorded.
    static func roster(in view: ReadView) throws -> Roster {
        var memberships: [Membership] = []
        try view.columns(of: RosterEntry.self, ["kind", "subject", "joined_at", "left_at"]) { row in
            guard let kind = Subject.Kind(rawValue: row.text(0)), let id = Identifier<Subject>(bytes: row.blob(1))
            else {
                throw Problem(
                    .refused, code: "evidence.damaged", "A stored entry of the roster is damaged.",
                    hint: "Run `vouchsafe ledger verify`; it names the rows that were changed.")
            }
            let left: Instant? =
                if case .integer(let moment) = row.value(3) { Instant(milliseconds: moment) } else { nil }
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
        let wanted = snapshot.keys.indices.filter { number in
            snapshot.keys[number].map { checks?.contains($0.check) ?? true } ?? false
        }
        guard !wanted.isEmpty else { return [] }
        var series = [Series?](repeating: nil, count: snapshot.keys.count)
        for number in wanted {
            if let key = snapshot.keys[number] { series[number] = Series(check: key.check, subject: key.subject) }
        }
        let condition =
            wanted.count <= 500 ? "series IN (\(wanted.map(String.init).joined(separator: ", ")))" : "series > 0"
        try view.scan(
            ObservationRow.self, columns: columns,
            Query("\(condition) AND received_at <= ?", [.integer(moment.milliseconds)], order: "series, observed_at")
        ) { row in
            guard let number = Int(exactly: row[0]), series.indices.contains(number) else {
                throw unknownSeries(row[0])
            }
            series[number]?.sightings.append(Sighting(row))
        }
        return series.compactMap { $0 }.filter { !$0.sightings.isEmpty }
    }
}

extension ReadView {
    /// The number of the newest ledger entry that wrote a record of this kind; -1 if there is none.
    func newestEntry<R: Record>(of type: R.Type) throws -> Int64 {
        var entry: Int64 = -1
        try scan(type, columns: ["entry"], Query(order: "entry DESC", limit: 1)) { entry = $0[0] }
        return entry
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
