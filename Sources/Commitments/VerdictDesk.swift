import Kernel
import Store
import Synchronization
import Verdicts

/// How everything stands at one moment: what pages, the API and publications are made of.
public struct Board: Sendable {
    /// The moment that the verdicts are about.
    public let asOf: Instant
    /// Until when they hold unless something is written: the first expiry of evidence that counts.
    public let holdsUntil: Instant
    public let register: PolicyRegister
    /// One for each commitment of the register, in its order.
    public let standings: [Standing]
    /// The evidence behind it, for whoever asks about single subjects.
    public let fold: VerdictFold
    /// The subjects on the roster at that moment, by kind.
    public let present: [Subject]
}

/// Judges. Holds no verdict: each is computed from the stored observations and the clock.
public struct VerdictDesk: Sendable {
    private let database: Database
    private let policies: PolicyReader
    private let clock: WallClock
    private let kept = Kept()

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
        try await database.scope(organisation, as: principal).read { view in
            let checks = Set(commitment.promise.demands.map(\.check))
            return VerdictHistory(
                of: commitment.promise, roster: try EvidenceSnapshot.roster(in: view),
                series: try EvidenceSnapshot.series(of: checks, receivedBy: moment, in: view), knownAt: moment)
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
    }

    private let states = Mutex<[Identifier<Organisation>: State]>([:])

    func board(
        _ organisation: Identifier<Organisation>, at now: Instant, in view: ReadView, policies: PolicyReader
    ) throws -> Board {
        let state = states.withLock { $0[organisation] } ?? State()
        let size = try view.ledgerSize()
        if let board = state.board, size == state.snapshot.ledgerSize, board.asOf <= now, now < board.holdsUntil {
            return board
        }
        var snapshot = state.snapshot
        try snapshot.advance(in: view)
        let register = try policies.register(at: now, in: view)
        let fold = snapshot.fold(at: now)
        let standings = register.commitments.map { fold.standing(of: $0.promise) }
        let board = Board(
            asOf: now, holdsUntil: standings.lazy.compactMap(\.validUntil).min() ?? .distantFuture, register: register,
            standings: standings, fold: fold, present: snapshot.roster.subjects(at: now))
        states.withLock { [snapshot] states in
            // A slower reader of an older snapshot must not replace a newer one.
            if states[organisation].map({ $0.snapshot.ledgerSize <= snapshot.ledgerSize }) ?? true {
                states[organisation] = State(snapshot: snapshot, board: board)
            }
        }
        return board
    }
}
