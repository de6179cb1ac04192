import Kernel

/// The verdicts of an organisation at one moment, from what had been received by then: a pure fold over sightings.
///
/// Sightings go in one at a time and in any order; one is kept per series, so that a million rows can stream past.
/// ```
/// var fold = VerdictFold(at: now, roster: roster)
/// for row in rows { if let slot = slots[row.series] { fold.take(row.sighting, in: slot) } }
/// let standings = promises.map { fold.standing(of: $0) }
/// ```
public struct VerdictFold: Sendable {
    /// Where the fold keeps one series; of use only to the fold that gave it.
    public struct Slot: Hashable, Sendable {
        let index: Int
    }

    private struct Column: Hashable {
        let check: CheckID
        let population: Subject.Kind
    }

    /// The moment that the verdicts are about; what was received later is left out.
    public let moment: Instant
    let roster: Roster
    private let present: [Subject.Kind: [Int]]
    /// Where each check's slots begin: one for every member of its population, in the roster's order.
    private var columns: [Column: Int] = [:]
    private var governing: [Sighting?] = []

    /// A fold that has seen nothing yet.
    public init(at moment: Instant, roster: Roster) {
        self.moment = moment
        self.roster = roster
        self.present = roster.present(at: moment)
    }

    /// Where sightings of `check` on `subject` go; ask once per series, not per row.
    ///
    /// - Returns: `nil` for a subject that is not on the roster and therefore counts nowhere.
    public mutating func slot(for check: CheckID, on subject: Subject) -> Slot? {
        guard let position = roster.position(of: subject) else { return nil }
        let column = Column(check: check, population: subject.kind)
        if let start = columns[column] { return Slot(index: start + position) }
        let start = governing.count
        columns[column] = start
        governing.append(contentsOf: repeatElement(nil, count: roster.members(of: subject.kind).count))
        return Slot(index: start + position)
    }

    /// Takes one sighting into account.
    public mutating func take(_ sighting: Sighting, in slot: Slot) {
        guard sighting.receivedAt <= moment, governing.indices.contains(slot.index) else { return }
        if let current = governing[slot.index], !sighting.outranks(current) { return }
        governing[slot.index] = sighting
    }

    /// Takes all sightings of `series` into account.
    public mutating func take(_ series: Series) {
        guard let slot = slot(for: series.check, on: series.subject) else { return }
        for sighting in series.sightings { take(sighting, in: slot) }
    }

    /// The sighting that governs `check` on `subject`, if it was ever observed and is on the roster.
    public func governing(_ check: CheckID, on subject: Subject) -> Sighting? {
        guard let start = columns[Column(check: check, population: subject.kind)],
            let position = roster.position(of: subject)
        else { return nil }
        return governing[start + position]
    }

    /// How `promise` stands at the fold's moment.
    public func standing(of promise: Promise) -> Standing {
        var known: [Demand: Survey] = [:]
        return standing(of: promise, &known)
    }

    /// How each of `promises` stands at the fold's moment. What several of them demand alike is counted once.
    public func standings(of promises: some Sequence<Promise>) -> [Standing] {
        var known: [Demand: Survey] = [:]
        return promises.map { standing(of: $0, &known) }
    }

    private func standing(of promise: Promise, _ known: inout [Demand: Survey]) -> Standing {
        if let (verdict, reason) = promise.verdictWithoutEvidence(at: moment) {
            return Standing(
                verdict: verdict, since: nil, observedAt: nil, validUntil: nil, reason: reason, cause: nil, checks: [])
        }
        let surveys = promise.demands.map { demand in
            if let survey = known[demand] { return survey }
            let survey = survey(demand)
            known[demand] = survey
            return survey
        }
        let verdicts = surveys.map(\.verdict)
        let deciding = verdicts.indexOfGravest
        return Standing(
            verdict: verdicts[deciding],
            since: nil,
            observedAt: surveys.lazy.compactMap(\.newest).max(),
            validUntil: verdicts[deciding] == .kept ? surveys.lazy.compactMap(\.validUntil).min() : nil,
            reason: promise.reason(
                deciding: deciding, verdicts: verdicts, tallies: surveys.map(\.tally),
                ranOutAt: surveys[deciding].ranOutAt),
            cause: surveys[deciding].cause,
            checks: surveys.map(\.standing))
    }

    private func survey(_ demand: Demand) -> Survey {
        var survey = Survey(of: demand)
        let members = roster.members(of: demand.population)
        let start = columns[Column(check: demand.check, population: demand.population)]
        for position in present[demand.population] ?? [] {
            survey.count(start.flatMap { governing[$0 + position] }, on: members[position].id, at: moment)
        }
        return survey
    }
}

extension [Verdict] {
    /// The first of the gravest; the list is not empty.
    var indexOfGravest: Int {
        indices.reduce(0) { self[$1].gravity > self[$0].gravity ? $1 : $0 }
    }
}
