import Kernel

/// How many subjects of a population stand where, for one check at one moment.
public struct Tally: Hashable, Sendable {
    /// A fresh pass.
    public internal(set) var passing = 0
    /// The newest look failed, however long ago.
    public internal(set) var failing = 0
    /// Passed once; the evidence ran out.
    public internal(set) var stale = 0
    /// Members of the population on which the check has never been seen.
    public internal(set) var neverObserved = 0
    /// Looked at, without an answer.
    public internal(set) var unknown = 0
    /// The check itself failed.
    public internal(set) var erroneous = 0
    /// The question does not arise, as fresh evidence shows.
    public internal(set) var notApplicable = 0
    /// The question did not arise, but that evidence ran out.
    public internal(set) var lapsed = 0

    init() {}

    /// The whole population.
    public var population: Int { applicable + notApplicable }

    /// Those who count towards a share: all but those to whom the question is known not to apply.
    public var applicable: Int { concerned + lapsed }

    /// Without an answer: never observed, unknown or in error.
    public var unproven: Int { neverObserved + unknown + erroneous }

    /// Those about whom there is, or must be, evidence for or against.
    private var concerned: Int { passing + failing + stale + unproven }

    /// What the numbers mean for a demand.
    ///
    /// Those whose "does not apply" ran out count against *kept* and for nothing else. So time alone turns *kept* into
    /// *stale* and leaves every other verdict as it is: nobody can improve one by stopping a collector.
    func verdict(_ threshold: Threshold) -> Verdict {
        let needed = threshold.hundredths
        if concerned == 0 { return .unproven }
        if failing * 10_000 > (10_000 - needed) * concerned { return .broken }
        if passing * 10_000 >= needed * applicable { return .kept }
        return (passing + stale) * 10_000 >= needed * concerned ? .stale : .unproven
    }

    subscript(state: SeriesState) -> Int {
        get {
            switch state {
            case .neverObserved: neverObserved
            case .passing: passing
            case .failing: failing
            case .stale: stale
            case .unknown: unknown
            case .erroneous: erroneous
            case .notApplicable: notApplicable
            case .lapsed: lapsed
            }
        }
        set {
            switch state {
            case .neverObserved: neverObserved = newValue
            case .passing: passing = newValue
            case .failing: failing = newValue
            case .stale: stale = newValue
            case .unknown: unknown = newValue
            case .erroneous: erroneous = newValue
            case .notApplicable: notApplicable = newValue
            case .lapsed: lapsed = newValue
            }
        }
    }
}

extension Verdict {
    /// Which of two demands' verdicts stands for both: a failure is never hidden, nor is missing evidence by old evidence.
    var gravity: Int {
        switch self {
        case .kept: 0
        case .stale: 1
        case .unproven: 2
        case .broken: 3
        case .unprovable: 4
        case .withdrawn: 5
        }
    }
}
