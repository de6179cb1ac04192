import Kernel
import Store

/// Where evidence enters: observations and the roster, from every room, in the same change that stored their source.
public struct EvidenceDesk: EvidenceIntake {
    /// The desk; it keeps nothing of its own, since all of it lies in the change.
    public init() {}

    /// Stores each observation in the series of its check and subject.
    public func receive(_ observations: [Observation], in change: Change) throws {
        var numbers: [SeriesKey: Int64] = [:]
        var next: Int64?
        for observation in observations {
            let key = SeriesKey(check: observation.check, subject: observation.subject.id)
            let number: Int64
            if let known = numbers[key] {
                number = known
            } else if let stored = try Self.seriesNumber(key, in: change.view) {
                number = stored
            } else {
                number = try next ?? Int64(change.view.count(SeriesRow.self)) + 1
                next = number + 1
                try change.insert(
                    SeriesRow(
                        id: change.newIdentifier(), number: number, check: observation.check,
                        subject: observation.subject))
            }
            numbers[key] = number
            try change.insert(
                ObservationRow(
                    id: change.newIdentifier(), series: number, observedAt: observation.observedAt,
                    receivedAt: observation.receivedAt, expiresAt: observation.expiresAt,
                    measurement: observation.measurement))
        }
    }

    /// Puts `subject` on the roster from `moment` on; nothing happens if it is on it.
    public func join(_ subject: Subject, at moment: Instant, in change: Change) throws {
        guard try Self.current(subject, in: change.view) == nil else { return }
        try change.insert(RosterEntry(id: change.newIdentifier(), subject: subject, joinedAt: moment, leftAt: nil))
    }

    /// Takes `subject` off the roster from `moment` on; nothing happens if it is not on it.
    public func leave(_ subject: Subject, at moment: Instant, in change: Change) throws {
        guard let entry = try Self.current(subject, in: change.view) else { return }
        try change.update(
            entry,
            to: RosterEntry(
                id: entry.record.id, subject: subject, joinedAt: entry.record.joinedAt, leftAt: moment))
    }

    /// Makes `subjects` the whole population of `kind` from `moment` on: the others leave it, the missing ones join.
    public func keep(
        _ kind: Subject.Kind, _ subjects: Set<Subject>, at moment: Instant, in change: Change
    ) throws {
        let present = try change.view.list(
            RosterEntry.self, Query("kind = ? AND left_at IS NULL", [.text(kind.rawValue)])
        ).map(\.record.subject)
        for gone in present where !subjects.contains(gone) { try leave(gone, at: moment, in: change) }
        // In an order that does not depend on how a set lies in memory.
        for new in subjects.subtracting(present).sorted(by: { $0.id < $1.id }) {
            try join(new, at: moment, in: change)
        }
    }

    private struct SeriesKey: Hashable {
        let check: CheckID
        let subject: Identifier<Subject>
    }

    private static func seriesNumber(_ key: SeriesKey, in view: ReadView) throws -> Int64? {
        var number: Int64?
        let query = Query("check_id = ? AND subject = ?", [.text(key.check.rawValue), .blob(key.subject.bytes)])
        try view.scan(SeriesRow.self, columns: ["number"], query) { number = $0[0] }
        return number
    }

    private static func current(_ subject: Subject, in view: ReadView) throws -> Stored<RosterEntry>? {
        try view.list(
            RosterEntry.self, Query("subject = ? AND left_at IS NULL", [.blob(subject.id.bytes)])
        ).first { $0.record.subject == subject }
    }
}
