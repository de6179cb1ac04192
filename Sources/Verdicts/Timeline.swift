import Kernel

/// Everything that could move one commitment's verdict, in the order of its time.
struct Timeline {
    /// Which of its two times an observation takes effect at.
    enum Flavour {
        case asKnown, asSettled

        func moment(of sighting: Sighting) -> Instant {
            switch self {
            case .asKnown: sighting.receivedAt
            case .asSettled: sighting.observedAt
            }
        }
    }

    struct Move {
        enum Step {
            case state(SeriesState), joined, left
        }

        let at: Instant
        let demand: Int
        /// The member's place among all members of all demands.
        let seat: Int
        let step: Step
        let event: Cause.Event
        let number: Int64?
    }

    private struct Key: Hashable {
        let check: CheckID
        let subject: Subject
    }

    private let promise: Promise
    private let roster: Roster
    private let knownAt: Instant
    private var sightings: [Key: [Sighting]] = [:]

    init(of promise: Promise, roster: Roster, series: [Series], knownAt: Instant) {
        self.promise = promise
        self.roster = roster
        self.knownAt = knownAt
        for series in series {
            sightings[Key(check: series.check, subject: series.subject), default: []] += series.sightings
        }
    }

    /// Each change of the verdict until `knownAt`, with its reason and its cause.
    func changes(_ flavour: Flavour) -> [VerdictHistory.Change] {
        var changes: [VerdictHistory.Change] = []
        sweep(flavour) { at, verdict, sweep, moves in
            let cause = changes.isEmpty ? Cause(.imported) : sweep.cause(of: verdict, among: moves)
            let reason = sweep.reason(ranOutAt: cause.event == .expired ? at : nil)
            changes.append(VerdictHistory.Change(at: at, verdict: verdict, reason: reason, cause: cause))
        } settled: { at, verdict, reason in
            let event: Cause.Event = verdict == .withdrawn ? .withdrawn : .imported
            changes.append(VerdictHistory.Change(at: at, verdict: verdict, reason: reason, cause: Cause(event)))
        }
        return changes
    }

    /// Each change of the verdict until `knownAt`, without why.
    func verdicts(_ flavour: Flavour) -> [(at: Instant, verdict: Verdict)] {
        var verdicts: [(at: Instant, verdict: Verdict)] = []
        sweep(flavour) { at, verdict, _, _ in
            verdicts.append((at, verdict))
        } settled: { at, verdict, _ in
            verdicts.append((at, verdict))
        }
        return verdicts
    }

    /// Walks through the moves once; `settled` gets the verdicts that need no evidence.
    private func sweep(
        _ flavour: Flavour, onChange: (Instant, Verdict, Sweep, ArraySlice<Move>) -> Void,
        settled: (Instant, Verdict, String) -> Void
    ) {
        let start = promise.startsAt
        if let (verdict, reason) = promise.verdictWithoutEvidence(at: start) {
            settled(start, verdict, reason)
            if verdict == .withdrawn { return }
        } else {
            let moves = moves(flavour)
            var sweep = Sweep(of: promise, roster: roster)
            var known: Verdict?
            var next = 0
            while next < moves.count || known == nil {
                // All that happened until the import makes one first verdict.
                let at = known == nil ? start : moves[next].at
                if at > knownAt || promise.withdrawnAt.map({ $0 <= at }) ?? false { break }
                let first = next
                while next < moves.count, moves[next].at <= at {
                    sweep.apply(moves[next])
                    next += 1
                }
                let verdict = sweep.verdict
                if verdict != known { onChange(at, verdict, sweep, moves[first..<next]) }
                known = verdict
            }
        }
        if let withdrawnAt = promise.withdrawnAt, withdrawnAt <= knownAt,
            let (verdict, reason) = promise.verdictWithoutEvidence(at: withdrawnAt)
        {
            settled(withdrawnAt, verdict, reason)
        }
    }

    private func moves(_ flavour: Flavour) -> [Move] {
        var moves: [Move] = []
        var firstSeat = 0
        for (demand, asked) in promise.demands.enumerated() {
            let members = roster.members(of: asked.population)
            for (position, member) in members.enumerated() {
                let seat = firstSeat + position
                for span in member.spans {
                    moves.append(
                        Move(
                            at: span.lowerBound, demand: demand, seat: seat, step: .joined, event: .joined, number: nil)
                    )
                    moves.append(
                        Move(at: span.upperBound, demand: demand, seat: seat, step: .left, event: .left, number: nil))
                }
                let subject = Subject(kind: asked.population, id: member.id)
                guard let sightings = sightings[Key(check: asked.check, subject: subject)] else { continue }
                appendStates(of: sightings, flavour, within: asked.freshness, to: &moves) { at, state, event, number in
                    Move(at: at, demand: demand, seat: seat, step: .state(state), event: event, number: number)
                }
            }
            firstSeat += members.count
        }
        return moves.inOrderOfTime
    }

    /// The moments at which one series' state becomes another one; a fresh pass after a fresh pass moves nothing.
    private func appendStates(
        of sightings: [Sighting], _ flavour: Flavour, within freshness: Period, to moves: inout [Move],
        as move: (Instant, SeriesState, Cause.Event, Int64) -> Move
    ) {
        var governing: Sighting?
        var state = SeriesState.neverObserved
        func enter(_ next: SeriesState, at moment: Instant, _ event: Cause.Event, _ number: Int64) {
            if next != state { moves.append(move(moment, next, event, number)) }
            state = next
        }
        func expire(until moment: Instant) {
            guard let sighting = governing, state == .passing || state == .notApplicable else { return }
            let expiry = sighting.expiry(within: freshness)
            if expiry <= moment {
                enter(sighting.state(at: expiry, within: freshness), at: expiry, .expired, sighting.number)
            }
        }
        for sighting in flavour.ordered(sightings.filter { $0.receivedAt <= knownAt }) {
            let moment = flavour.moment(of: sighting)
            expire(until: moment)
            if let current = governing, !sighting.outranks(current) { continue }
            governing = sighting
            enter(sighting.state(at: moment, within: freshness), at: moment, .observed, sighting.number)
        }
        expire(until: knownAt)
    }
}

extension Timeline.Flavour {
    /// In the order in which they take effect; rows of a store mostly come so already.
    fileprivate func ordered(_ sightings: [Sighting]) -> [Sighting] {
        func precedes(_ left: Sighting, _ right: Sighting) -> Bool {
            let (first, second) = (moment(of: left), moment(of: right))
            return first == second ? right.outranks(left) : first < second
        }
        let isOrdered = zip(sightings, sightings.dropFirst()).allSatisfy { !precedes($1, $0) }
        return isOrdered ? sightings : sightings.sorted(by: precedes)
    }
}

extension [Timeline.Move] {
    /// Sorted by time; moves of one moment keep their order, because the last one of a series counts.
    fileprivate var inOrderOfTime: [Timeline.Move] {
        let order = indices.sorted { self[$0].at == self[$1].at ? $0 < $1 : self[$0].at < self[$1].at }
        return order.map { self[$0] }
    }
}
