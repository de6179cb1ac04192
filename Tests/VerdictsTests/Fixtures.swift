import Kernel

@testable import Verdicts

/// Minute `count` of the tests' own time, which begins at 2026-03-01T00:00Z.
func minute(_ count: Int) -> Instant {
    Instant(milliseconds: 1_772_323_200_000) + .minutes(count)
}

func hour(_ count: Int) -> Instant { minute(count * 60) }

func day(_ count: Int) -> Instant { hour(count * 24) }

func subject(_ number: Int, _ kind: Subject.Kind = .host) -> Subject {
    Subject(kind: kind, id: Identifier(high: 7, low: UInt64(number)))
}

let encryption: CheckID = "endpoint.disk-encryption"
let firewall: CheckID = "endpoint.firewall"

/// A sighting that was received when it was made and stays fresh for a day, unless said otherwise.
func seen(
    _ result: CheckResult, _ observedAt: Instant, received: Instant? = nil, expires: Instant? = nil, number: Int64 = 1
) -> Sighting {
    Sighting(
        result: result, observedAt: observedAt, receivedAt: received ?? observedAt,
        expiresAt: expires ?? observedAt + .days(1),
        number: number)
}

func demand(
    _ check: CheckID = encryption, _ title: String = "Disk encryption", population: Subject.Kind = .host,
    threshold: Threshold = .all, freshness: Period = .days(30), missing: String? = nil
) -> Demand {
    Demand(
        check: check, title: title, population: population, threshold: threshold, freshness: freshness, missing: missing
    )
}

func promise(_ demands: Demand..., startsAt: Instant = minute(0), withdrawnAt: Instant? = nil) -> Promise {
    Promise(demands: demands, startsAt: startsAt, withdrawnAt: withdrawnAt)
}

/// `count` hosts that have been members since before time began.
func hosts(_ count: Int, _ kind: Subject.Kind = .host) -> Roster {
    Roster((0..<count).map { Membership(subject($0, kind), joinedAt: .distantPast) })
}

/// One series per host: the first for host 0, and so on.
func series(of check: CheckID = encryption, _ sightings: [Sighting]...) -> [Series] {
    sightings.enumerated().map { Series(check: check, subject: subject($0), sightings: $1) }
}

func standing(of promise: Promise, at moment: Instant, _ roster: Roster, _ series: [Series] = []) -> Standing {
    VerdictFold.standing(of: promise, at: moment, roster: roster, series: series)
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) {
        state = UInt64(seed)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
