import Kernel
import Verdicts

/// The rules of docs/decisions/0003-verdicts.md said once more, pointwise and slowly, to judge the fold by.
struct Oracle {
    let promise: Promise
    let memberships: [Membership]
    let series: [Series]

    /// The verdict of `moment`, from what had been received by `known`, on the population of `moment`.
    func verdict(at moment: Instant, known: Instant) -> Verdict {
        if moment < promise.startsAt { return .unproven }
        if let withdrawnAt = promise.withdrawnAt, moment >= withdrawnAt { return .withdrawn }
        if promise.unprovable != nil { return .unprovable }
        let verdicts = promise.demands.map { verdict(of: $0, at: moment, known: known) }
        for gravest in [Verdict.broken, .unproven, .stale] where verdicts.contains(gravest) { return gravest }
        return verdicts.isEmpty ? .unproven : .kept
    }

    func settled(at moment: Instant, known: Instant) -> Verdict {
        verdict(at: moment, known: moment) == .broken ? .broken : verdict(at: moment, known: known)
    }

    private func verdict(of demand: Demand, at moment: Instant, known: Instant) -> Verdict {
        let members = Set(
            memberships
                .filter { $0.subject.kind == demand.population }
                .filter { $0.joinedAt <= moment && moment < ($0.leftAt ?? .distantFuture) }
                .map(\.subject))
        let states = members.map { word(for: demand, on: $0, at: moment, known: known) }
        func count(_ words: String...) -> Double { Double(states.count(where: words.contains)) }

        let needed = Double(demand.threshold.percentForOracle) / 100
        let concerned = count("pass", "fail", "ran out", "open")
        if concerned == 0 { return .unproven }
        if count("fail") - (1 - needed) * concerned > 1e-9 { return .broken }
        if count("pass") - needed * (concerned + count("lapsed")) > -1e-9 { return .kept }
        return count("pass", "ran out") - needed * concerned > -1e-9 ? .stale : .unproven
    }

    private func word(for demand: Demand, on subject: Subject, at moment: Instant, known: Instant) -> String {
        let visible =
            series
            .filter { $0.check == demand.check && $0.subject == subject }
            .flatMap(\.sightings)
            .filter { $0.receivedAt <= known && $0.observedAt <= moment }
        let newest = visible.max {
            ($0.observedAt.milliseconds, $0.receivedAt.milliseconds, $0.number)
                < ($1.observedAt.milliseconds, $1.receivedAt.milliseconds, $1.number)
        }
        guard let newest else { return "open" }
        let isFresh = moment < newest.expiresAt && moment < newest.observedAt + demand.freshness
        switch newest.result {
        case .pass: return isFresh ? "pass" : "ran out"
        case .notApplicable: return isFresh ? "not concerned" : "lapsed"
        case .fail: return "fail"
        case .unknown, .error: return "open"
        }
    }
}

extension Threshold {
    fileprivate var percentForOracle: Int {
        switch self {
        case .all: 100
        case .share(let hundredths): hundredths / 100
        }
    }
}

/// A small random world in whole minutes, so that every edge lies on the grid that the oracle is asked on.
struct RandomWorld {
    /// Minutes 0…length.
    static let length = 90

    let promise: Promise
    let memberships: [Membership]
    let series: [Series]

    var roster: Roster { Roster(memberships) }
    var oracle: Oracle { Oracle(promise: promise, memberships: memberships, series: series) }
    var end: Instant { minute(Self.length) }

    init(seed: Int) {
        var random = SeededGenerator(seed: seed)
        func roll(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &random) }

        let checks: [CheckID] = [encryption, firewall]
        promise = Promise(
            demands: (0..<roll(1...3)).map { _ in
                Demand(
                    check: checks[roll(0...1)], population: .host,
                    threshold: roll(0...1) == 0 ? .all : .share(percent: [30, 50, 60, 80][roll(0...3)]),
                    freshness: .minutes(roll(5...40)))
            },
            startsAt: minute(roll(0...10)), withdrawnAt: roll(0...9) == 0 ? minute(roll(5...Self.length)) : nil)
        var memberships: [Membership] = []
        for number in 0..<roll(0...4) {
            for _ in 0..<roll(1...2) {
                let joined = roll(-5...Self.length)
                memberships.append(
                    Membership(
                        subject(number), joinedAt: minute(joined / 3), leftAt: roll(0...2) == 0 ? minute(joined) : nil))
            }
        }
        var series: [Series] = []
        var number: Int64 = 0
        let results: [CheckResult] = [
            .pass, .pass, .pass, .pass, .fail, .unknown, .notApplicable, .notApplicable, .error,
        ]
        for check in checks {
            for host in 0..<5 {
                let sightings = (0..<roll(0...9)).map { _ in
                    let observed = roll(0...Self.length)
                    number += 1
                    return Sighting(
                        result: results[roll(0...results.count - 1)], observedAt: minute(observed),
                        receivedAt: minute(max(0, observed + [-3, 0, 0, 0, 1, 25][roll(0...5)])),
                        expiresAt: minute(observed + roll(-1...35)), number: number)
                }
                series.append(Series(check: check, subject: subject(host), sightings: sightings))
            }
        }
        self.memberships = memberships
        self.series = series
    }
}
