import Kernel
import Store

/// When each check is next due, kept in the database so that a restart neither repeats nor forgets, and several servers
/// share the work: whoever takes a check holds a lease on it until it is done.
public struct Schedule: Sendable {
    private let database: Database
    private let clock: WallClock
    private let randomness: Randomness
    private let holder: LeaseHolder

    static let table = TableDefinition(
        "schedule", kind: .disposable, columns: [.text("check_id"), .integer("due_at")], primaryKey: ["check_id"])

    /// The schema of this room.
    public static let migrations = [Migration("jobs.1", creates: [table])]

    /// The longest that a round of checks may take; after it another server takes them over.
    private static let longest = Period.minutes(10)
    /// How long after a failure a check is tried again.
    private static let pause = Period.minutes(1)

    /// A schedule kept in `database`; `randomness` spreads the runs.
    public init(database: Database, clock: WallClock, randomness: Randomness) {
        self.database = database
        self.clock = clock
        self.randomness = randomness
        holder = LeaseHolder(randomness: randomness)
    }

    /// A check that was taken and is now to be run.
    public struct Taken: Sendable {
        /// Which check.
        public let check: CheckID
        /// Where it looks.
        public let place: String
        let cadence: Period
        let lease: Lease
    }

    /// A check and where it looks.
    public struct Errand: Sendable {
        let check: Check
        /// Where the check looks.
        public let place: String

        /// - Parameter place: Where the check looks, if each place needs its own run: a machine, a site. Empty for what is the
        ///   same everywhere.
        public init(_ check: Check, at place: String = "") {
            self.check = check
            self.place = place
        }

        fileprivate var name: String { place.isEmpty ? check.id.rawValue : "\(check.id.rawValue)@\(place)" }
    }

    /// Tells which checks are due, whoever runs them.
    public func due(_ errands: [Errand], for organisation: Identifier<Organisation>) async throws -> [Errand] {
        let now = clock.now()
        return try await database.scope(organisation, as: .job(.schedule)).touch {
            try Self.due(errands, at: now, in: $0)
        }
    }

    private static func due(_ errands: [Errand], at now: Instant, in touch: Touch) throws -> [Errand] {
        var dueAt: [String: Int64] = [:]
        // A few are looked up one by one: with many sites the whole schedule is long.
        let isFew = errands.count <= 16
        for name in isFew ? errands.map(\.name) : [""] {
            try touch.rows(
                table,
                "SELECT check_id, due_at FROM schedule WHERE organisation = ?\(isFew ? " AND check_id = ?" : "")",
                isFew ? [.text(name)] : []
            ) { dueAt[$0.text(0)] = $0.integer(1) }
        }
        return errands.filter { (dueAt[$0.name] ?? 0) <= now.milliseconds }
    }

    /// Takes the checks that are due and that no other server is running.
    ///
    /// - Parameters:
    ///   - everything: Take them all, due or not; for the first run after a start.
    ///   - limit: The most to take; the others stay due.
    public func takeDue(
        _ errands: [Errand], for organisation: Identifier<Organisation>, everything: Bool = false,
        limit: Int = .max
    ) async throws -> [Taken] {
        guard !errands.isEmpty else { return [] }
        let now = clock.now()
        return try await database.scope(organisation, as: .job(.schedule)).touch { [holder] touch in
            let due = (everything ? errands : try Self.due(errands, at: now, in: touch)).prefix(limit)
            let leases = try touch.claim(due.map(\.name), until: now + Self.longest, at: now, for: holder)
            let byName = Dictionary(leases.map { ($0.name, $0) }) { first, _ in first }
            return due.compactMap { errand in
                byName[errand.name].map {
                    Taken(check: errand.check.id, place: errand.place, cadence: errand.check.cadence, lease: $0)
                }
            }
        }
    }

    /// Makes checks due at once, whenever they were to come.
    public func makeDue(_ errands: [Errand], for organisation: Identifier<Organisation>) async throws {
        try await database.scope(organisation, as: .job(.schedule)).touch { touch in
            for errand in errands {
                try touch.execute(
                    Self.table, "DELETE FROM schedule WHERE organisation = ? AND check_id = ?",
                    [.text(errand.name)])
            }
        }
    }

    /// Sets when the checks that were run are due next, their cadence give or take a tenth, and gives them back.
    public func finish(_ taken: [Taken], for organisation: Identifier<Organisation>) async throws {
        guard !taken.isEmpty else { return }
        let now = clock.now()
        let jitters = taken.map { _ in Int64(randomness.bytes(1)[0]) - 128 }
        try await database.scope(organisation, as: .job(.schedule)).touch { touch in
            for (one, jitter) in zip(taken, jitters) {
                // Someone else took it over meanwhile and sets the next time.
                guard try touch.holds(one.lease) else { continue }
                let next = now.milliseconds + one.cadence.milliseconds + one.cadence.milliseconds / 1280 * jitter
                try touch.execute(
                    Self.table,
                    """
                    INSERT INTO schedule (organisation, check_id, due_at) VALUES (?, ?, ?) \
                    ON CONFLICT (organisation, check_id) DO UPDATE SET due_at = excluded.due_at
                    """,
                    [.text(one.lease.name), .integer(next)])
                try touch.release(one.lease)
            }
        }
    }

    /// Gives back checks that could not be run; they are tried again in a minute, by whoever comes first.
    public func giveBack(_ taken: [Taken], for organisation: Identifier<Organisation>) async throws {
        let again = clock.now() + Self.pause
        try await database.scope(organisation, as: .job(.schedule)).touch { touch in
            for one in taken { try touch.release(one.lease, from: again) }
        }
    }
}
