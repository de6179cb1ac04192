import Kernel

/// The counts of one commitment while time passes over it; each move costs the same, however large the population.
struct Sweep {
    private let promise: Promise
    private var seats: [Seat]
    private var tallies: [Tally]
    private var verdicts: [Verdict]

    private struct Seat {
        let subject: Identifier<Subject>
        var state = SeriesState.neverObserved
        var isTaken = false
    }

    /// Before anything happened: nobody has joined.
    init(of promise: Promise, roster: Roster) {
        self.promise = promise
        seats = promise.demands.flatMap { roster.members(of: $0.population).map { Seat(subject: $0.id) } }
        tallies = promise.demands.map { _ in Tally() }
        verdicts = zip(promise.demands, tallies).map { $1.verdict($0.threshold) }
    }

    mutating func apply(_ move: Timeline.Move) {
        if seats[move.seat].isTaken { tallies[move.demand][seats[move.seat].state] -= 1 }
        switch move.step {
        case .state(let state): seats[move.seat].state = state
        case .joined: seats[move.seat].isTaken = true
        case .left: seats[move.seat].isTaken = false
        }
        if seats[move.seat].isTaken { tallies[move.demand][seats[move.seat].state] += 1 }
        verdicts[move.demand] = tallies[move.demand].verdict(promise.demands[move.demand].threshold)
    }

    var verdict: Verdict { verdicts[verdicts.indexOfGravest] }

    func reason(ranOutAt: Instant?) -> String {
        promise.reason(deciding: verdicts.indexOfGravest, verdicts: verdicts, tallies: tallies, ranOutAt: ranOutAt)
    }

    /// Which of the moves of one moment brought `verdict`: one of the deciding check that shows it, else any that shows
    /// it, else the last.
    func cause(of verdict: Verdict, among moves: ArraySlice<Timeline.Move>) -> Cause {
        let deciding = verdicts.indexOfGravest
        let telling = moves.filter { shows(verdict, $0) }
        guard let move = telling.first(where: { $0.demand == deciding }) ?? telling.first ?? moves.last else {
            return Cause(.imported)
        }
        return Cause(
            move.event, check: promise.demands[move.demand].check, subject: seats[move.seat].subject,
            number: move.number)
    }

    private func shows(_ verdict: Verdict, _ move: Timeline.Move) -> Bool {
        let seat = seats[move.seat]
        // What another move of the same moment overtook tells nothing.
        if case .state(let state) = move.step, state != seat.state { return false }
        guard seat.isTaken else { return false }
        return switch (verdict, seat.state) {
        case (.kept, .passing), (.kept, .notApplicable), (.broken, .failing), (.stale, .stale), (.stale, .lapsed): true
        case (.unproven, .neverObserved), (.unproven, .unknown), (.unproven, .erroneous): true
        default: false
        }
    }
}
