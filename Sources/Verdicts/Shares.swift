import Kernel

/// How the time of a window divides among the verdicts; the four add up to 1.
public struct Shares: Hashable, Sendable {
    /// The beginning of the time that counts: the window, shortened to the time in which the commitment was promised.
    public let from: Instant
    /// The end of the time that counts.
    public let to: Instant
    /// The share of that time in which it was kept, 0…1.
    public let kept: Double
    /// The share of that time in which it was broken, 0…1.
    public let broken: Double
    /// The share of that time in which the evidence had run out, 0…1.
    public let stale: Double
    /// The share of that time in which evidence was missing, 0…1.
    public let unproven: Double
}

extension VerdictHistory {
    /// How the last `days` days before `knownAt` divide among the settled verdicts.
    ///
    /// Time before the import and after a withdrawal is not counted: nothing was promised then.
    /// - Parameter days: 1 or more.
    /// - Returns: `nil` if no time counts, as for what is unprovable or was imported this very moment.
    public func shares(ofLast days: Int) -> Shares? {
        shares(from: knownAt - .days(days), to: knownAt)
    }

    /// How the time from `start` until before `end` divides among the settled verdicts.
    public func shares(from start: Instant, to end: Instant) -> Shares? {
        var time: [Verdict: Int64] = [:]
        var span: (from: Instant, to: Instant)?
        for segment in settled {
            let from = max(segment.from, start)
            let to = min(segment.to, end)
            guard from < to, segment.verdict.dividesTime else { continue }
            time[segment.verdict, default: 0] += (to - from).milliseconds
            span = (span?.from ?? from, to)
        }
        guard let span else { return nil }
        let whole = Double(time.values.reduce(0, +))
        func share(_ verdict: Verdict) -> Double { Double(time[verdict] ?? 0) / whole }
        return Shares(
            from: span.from, to: span.to, kept: share(.kept), broken: share(.broken), stale: share(.stale),
            unproven: share(.unproven))
    }
}

extension Verdict {
    fileprivate var dividesTime: Bool {
        switch self {
        case .kept, .broken, .stale, .unproven: true
        case .unprovable, .withdrawn: false
        }
    }
}
