import Kernel
import Verdicts

/// An organisation as a store would hand it over: rows in the order of series and time.
struct Scene: Sendable {
    static let checks = 100
    static let hosts = 100
    static let looksPerSeries = 100
    static let commitments = 1000

    /// The columns of the observations' index, one element a row.
    struct Columns: Sendable {
        var series: [Int32] = []
        var result: [CheckResult] = []
        var observedAt: [Int64] = []
        var receivedAt: [Int64] = []
        var expiresAt: [Int64] = []

        func sighting(_ row: Int) -> Sighting {
            Sighting(
                result: result[row], observedAt: Instant(milliseconds: observedAt[row]),
                receivedAt: Instant(milliseconds: receivedAt[row]), expiresAt: Instant(milliseconds: expiresAt[row]),
                number: Int64(row))
        }
    }

    let now = Instant(milliseconds: 1_772_323_200_000)
    let subjects: [Subject]
    let checkNames: [CheckID]
    let promises: [Promise]
    let columns: Columns

    var roster: Roster { Roster(subjects.map { Membership($0, joinedAt: .distantPast) }) }

    /// 1,000,000 hourly looks of 100 checks at 100 hosts, and 1,000 commitments that ask for three checks each.
    init() {
        subjects = (0..<Self.hosts).map { Subject(kind: .host, id: Identifier(high: 1, low: UInt64($0))) }
        checkNames = (0..<Self.checks).compactMap { CheckID(rawValue: "endpoint.check-\($0)") }
        let names = checkNames
        let start = now - .days(60)
        promises = (0..<Self.commitments).map { number in
            Promise(
                demands: [0, 7, 31].map { offset in
                    Demand(
                        check: names[(number + offset) % names.count], population: .host,
                        threshold: number.isMultiple(of: 4) ? .share(percent: 95) : .all, freshness: .days(7))
                },
                startsAt: start)
        }
        var columns = Columns()
        for series in 0..<Self.checks * Self.hosts {
            for look in 0..<Self.looksPerSeries {
                let observed = now - .hours(Self.looksPerSeries - look)
                columns.series.append(Int32(series))
                columns.result.append((series + look * 13).isMultiple(of: 997) ? .fail : .pass)
                columns.observedAt.append(observed.milliseconds)
                columns.receivedAt.append((observed + .seconds(2)).milliseconds)
                columns.expiresAt.append((observed + .hours(26)).milliseconds)
            }
        }
        self.columns = columns
    }

    /// The verdicts of all commitments, from nothing but the columns.
    func verdicts() -> [Standing] {
        var fold = VerdictFold(at: now, roster: roster)
        let slots = (0..<Self.checks * Self.hosts).map { series in
            fold.slot(for: checkNames[series / Self.hosts], on: subjects[series % Self.hosts])
        }
        for row in columns.series.indices {
            if let slot = slots[Int(columns.series[row])] { fold.take(columns.sighting(row), in: slot) }
        }
        return promises.map { fold.standing(of: $0) }
    }

    /// The physical floor: every byte of the same columns is read once.
    func floor() -> Int64 {
        var sum: Int64 = 0
        for row in columns.series.indices {
            sum &+=
                Int64(columns.series[row]) &+ columns.observedAt[row] &+ columns.receivedAt[row]
                &+ columns.expiresAt[row] &+ (columns.result[row] == .pass ? 1 : 0)
        }
        return sum
    }
}

/// One commitment on one host with 100,000 sightings.
struct LongStory: Sendable {
    let promise: Promise
    let roster: Roster
    let series: [Series]
    let now = Instant(milliseconds: 1_772_323_200_000)

    /// - Parameter isRestless: every look differs from the one before, so that each is a change.
    init(isRestless: Bool) {
        let check: CheckID = "endpoint.disk-encryption"
        let host = Subject(kind: .host, id: Identifier(high: 1, low: 1))
        let end = now
        promise = Promise(
            demands: [Demand(check: check, population: .host, freshness: .days(1))], startsAt: end - .days(900))
        roster = Roster([Membership(host, joinedAt: .distantPast)])
        let sightings = (0..<100_000).map { look in
            let observed = end - .minutes((100_000 - look) * 10)
            let fails = isRestless ? !look.isMultiple(of: 2) : look.isMultiple(of: 5000)
            return Sighting(
                result: fails ? .fail : .pass, observedAt: observed, receivedAt: observed + .seconds(1),
                expiresAt: observed + .hours(1), number: Int64(look))
        }
        series = [Series(check: check, subject: host, sightings: sightings)]
    }

    func history() -> VerdictHistory {
        VerdictHistory(of: promise, roster: roster, series: series, knownAt: now)
    }
}
