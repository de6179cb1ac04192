import Kernel

/// One demand counted over its whole population at one moment.
struct Survey {
    private struct Witness {
        let subject: Identifier<Subject>
        let sighting: Sighting?
    }

    private struct Expiry {
        let at: Instant
        let state: SeriesState
    }

    let demand: Demand
    private(set) var tally = Tally()
    /// When the newest governing look was made.
    private(set) var newest: Instant?
    /// When the first of the evidence that is missing now ran out.
    private(set) var ranOutAt: Instant?
    private var firstExpiry: Instant?
    private var expiries: [Expiry] = []
    private var failing, ranOut, open: Witness?

    init(of demand: Demand) {
        self.demand = demand
    }

    /// Counts one member of the population, governed by `sighting` or never observed.
    mutating func count(_ sighting: Sighting?, on subject: Identifier<Subject>, at moment: Instant) {
        guard let sighting else {
            tally.neverObserved += 1
            if open == nil { open = Witness(subject: subject, sighting: nil) }
            return
        }
        if newest.map({ $0 < sighting.observedAt }) ?? true { newest = sighting.observedAt }
        let state = sighting.state(at: moment, within: demand.freshness)
        tally[state] += 1
        switch state {
        case .passing, .notApplicable:
            let expiry = sighting.expiry(within: demand.freshness)
            firstExpiry = min(firstExpiry ?? expiry, expiry)
            if demand.threshold != .all { expiries.append(Expiry(at: expiry, state: state)) }
        case .stale, .lapsed:
            let expiry = sighting.expiry(within: demand.freshness)
            if ranOutAt.map({ expiry < $0 }) ?? true {
                ranOutAt = expiry
                ranOut = Witness(subject: subject, sighting: sighting)
            }
        case .failing:
            if failing == nil { failing = Witness(subject: subject, sighting: sighting) }
        case .unknown, .erroneous, .neverObserved:
            if open == nil { open = Witness(subject: subject, sighting: sighting) }
        }
    }

    var verdict: Verdict { tally.verdict(demand.threshold) }

    /// While it is kept: when so much evidence will have run out that it no longer is.
    var validUntil: Instant? {
        guard verdict == .kept else { return nil }
        if demand.threshold == .all { return firstExpiry }
        var tally = tally
        for expiry in expiries.sorted(by: { $0.at < $1.at }) {
            tally[expiry.state] -= 1
            tally[expiry.state == .passing ? .stale : .lapsed] += 1
            if tally.verdict(demand.threshold) != .kept { return expiry.at }
        }
        return nil
    }

    /// The subject that explains the verdict; only the check where there is none to name.
    var cause: Cause? {
        let witness: Witness?
        var event = Cause.Event.observed
        switch verdict {
        case .kept: return nil
        case .broken: witness = failing
        case .stale:
            witness = ranOut
            event = .expired
        case .unproven, .unprovable, .withdrawn: witness = open
        }
        guard let witness else { return Cause(.imported, check: demand.check) }
        return Cause(
            witness.sighting == nil ? .joined : event, check: demand.check, subject: witness.subject,
            number: witness.sighting?.number)
    }

    var standing: CheckStanding {
        let verdict = verdict
        return CheckStanding(
            demand: demand, verdict: verdict, tally: tally, observedAt: newest, validUntil: validUntil,
            reason: demand.reason(for: verdict, tally, ranOutAt: ranOutAt)
                + demand.toleratedFailures(for: verdict, tally) + ".",
            cause: cause)
    }
}
