import Kernel
import Store
import Synchronization
import Verdicts

/// How everything stands at one moment: what pages, the API and publications are made of.
public struct Board: Sendable {
    /// The moment that the verdicts are about: that at which the board was asked for.
    public let asOf: Instant
    /// When the verdicts were computed; they have held since. Together with `ledgerSize` it tells two boards apart.
    public let madeAt: Instant
    /// How many ledger entries there were when it was made.
    public let ledgerSize: Int64
    /// Until when they hold unless something is written: the first expiry of evidence that counts.
    public let holdsUntil: Instant
    /// The commitments as they were promised at that moment.
    public let register: PolicyRegister
    /// One for each commitment of the register, in its order.
    public let standings: [Standing]
    /// The evidence behind it, for whoever asks about single subjects.
    public let fold: VerdictFold
    /// The subjects on the roster at that moment, by kind.
    public let present: [Subject]

    /// The same verdicts, which hold at `now` too.
    fileprivate func asked(at now: Instant) -> Board {
        Board(
            asOf: now, madeAt: madeAt, ledgerSize: ledgerSize, holdsUntil: holdsUntil, register: register,
            standings: standings, fold: fold, present: present)
    }
}

/// Judges. Holds no verdict: each is computed from the stored observations and the clock.
public struct VerdictDesk: Sendable {
    private let database: Database
    private let policies: PolicyReader
    private let clock: WallClock
    private let kept = Kept()

    /// A desk over `database` that judges by `clock` what `commitments` keeps.
    public init(database: Database, commitments: CommitmentDesk, clock: WallClock) {
        self.database = database
        self.policies = commitments.policies
        self.clock = clock
    }

    /// How everything stands now.
    public func board(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> Board {
        let now = clock.now()
        return try await database.scope(organisation, as: principal).read { [policies, kept] view in
            try kept.board(organisation, at: now, in: view, policies: policies)
        }
    }

    /// How everything stood at `moment`, from what had been received by then, with the time since when.
    public func standings(
        of organisation: Identifier<Organisation>, at moment: Instant, as principal: Principal
    ) async throws -> [(commitment: RegisteredCommitment, standing: Standing)] {
        try await database.scope(organisation, as: principal).read { [policies] view in
            let register = try policies.register(at: moment, in: view)
            let roster = try EvidenceSnapshot.roster(in: view)
            let series = try EvidenceSnapshot.series(of: nil, receivedBy: moment, in: view)
            let byCheck = Dictionary(grouping: series, by: \.check)
            return register.commitments.map { commitment in
                let own = Set(commitment.promise.demands.map(\.check)).flatMap { byCheck[$0] ?? [] }
                return (
                    commitment,
                    VerdictFold.standing(of: commitment.promise, at: moment, roster: roster, series: own)
                )
            }
        }
    }

    /// When the verdict on a commitment changed, and how its time divides.
    public func history(
        of commitment: RegisteredCommitment, in organisation: Identifier<Organisation>, until moment: Instant,
        as principal: Principal
    ) async throws -> VerdictHistory {
        let histories = try await histories(of: [commitment], in: organisation, until: moment, as: principal)
        return histories[0]
    }

    /// The histories of several commitments, in their order, for which the evidence is read once.
    public func histories(
        of commitments: [RegisteredCommitment], in organisation: Identifier<Organisation>, until moment: Instant,
        as principal: Principal
    ) async throws -> [VerdictHistory] {
        if commitments.isEmpty { return [] }
        return try await database.scope(organisation, as: principal).read { view in
            let checks = Set(commitments.flatMap { $0.promise.demands.map(\.check) })
            let roster = try EvidenceSnapshot.roster(in: view)
            let series = try EvidenceSnapshot.series(of: checks, receivedBy: moment, in: view)
            let byCheck = Dictionary(grouping: series, by: \.check)
            return commitments.map { commitment in
                let own = Set(commitment.promise.demands.map(\.check)).flatMap { byCheck[$0] ?? [] }
                return VerdictHistory(of: commitment.promise, roster: roster, series: own, knownAt: moment)
            }
        }
    }

    /// What was measured in the observations that the sightings stand for. Opening evidence is itself ledgered, once for all of them.
    ///
    /// - Parameter reader: Why it is opened, as the ledger's subject: `commitment:<id>`, `host:<id>`.
    public func openMeasurements(
        _ sightings: [Sighting], for reader: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Int64: Measurement] {
        try await database.scope(organisation, as: principal).change("evidence.opened", on: reader) { change in
            var found: [Int64: Measurement] = [:]
            for sighting in sightings {
                let query = Query(
                    "entry = ? AND position = ?",
                    [.integer(sighting.number >> 20), .integer(sighting.number & 0xFFFFF)], limit: 1)
                found[sighting.number] = try change.view.list(ObservationRow.self, query).first?.record.measurement
            }
            return found
        }
    }
}

/// What was computed last, kept as long as it holds: until something is written or the first evidence runs out.
private final class Kept: Sendable {
    private struct State {
        var snapshot = EvidenceSnapshot()
        var board: Board?
        /// The newest entries that wrote a policy and a commitment when the board's register was read.
        var registered: [Int64] = []
    }

    private let states = Mutex<[Identifier<Organisation>: State]>([:])

    func board(
        _ organisation: Identifier<Organisation>, at now: Instant, in view: ReadView, policies: PolicyReader
    ) throws -> Board {
        let state = states.withLock { $0[organisation] } ?? State()
        let size = try view.ledgerSize()
        let holds = state.board.map { $0.madeAt <= now && now < $0.holdsUntil } ?? false
        if let board = state.board, size == state.snapshot.ledgerSize, holds { return board.asked(at: now) }
        var snapshot = state.snapshot
        let hasNews = try snapshot.advance(in: view)
        let registered = [try view.newestEntry(of: PolicyVersion.self), try view.newestEntry(of: Commitment.self)]
        var register: PolicyRegister?
        if let board = state.board, board.madeAt <= now, registered == state.registered {
            if holds, !hasNews {
                // What was written since is none of what verdicts are made of, such as that someone read evidence.
                keep(State(snapshot: snapshot, board: board, registered: registered), for: organisation)
                return board.asked(at: now)
            }
            register = board.register
        }
        let current = try register ?? policies.register(at: now, in: view)
        let fold = snapshot.fold(at: now)
        let standings = fold.standings(of: current.commitments.lazy.map(\.promise))
        let board = Board(
            asOf: now, madeAt: now, ledgerSize: size,
            holdsUntil: standings.lazy.compactMap(\.validUntil).min() ?? .distantFuture, register: current,
            standings: standings, fold: fold, present: snapshot.roster.subjects(at: now))
        keep(State(snapshot: snapshot, board: board, registered: registered), for: organisation)
        return board
    }

    private func keep(_ state: State, for organisation: Identifier<Organisation>) {
        states.withLock { states in
            // A slower reader of an older snapshot must not replace a newer one.
            if states[organisation].map({ $0.snapshot.ledgerSize <= state.snapshot.ledgerSize }) ?? true {
                states[organisation] = state
            }
        }
    }
}
