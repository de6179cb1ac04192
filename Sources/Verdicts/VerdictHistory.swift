import Kernel

/// How one commitment stood through all its time, told twice: as it was known then, and as it is settled now.
///
/// - *As known*: at each moment, from what had been received by it. What stands here never changes again, so it may be
///   kept and continued. It answers "when did the verdict change, and why".
/// - *As settled*: at each moment, from all that is known by now about it. Late evidence fills stale and unproven time
///   in its true period; what was known as broken stays broken. It answers "for how much of the time was it kept".
public struct VerdictHistory: Sendable {
    /// A moment at which the verdict became another one.
    public struct Change: Hashable, Sendable {
        /// When the verdict became this one.
        public let at: Instant
        /// The verdict from then on.
        public let verdict: Verdict
        /// Why, in one sentence with counts and without subjects' names.
        public let reason: String
        /// What moved it: the observation that came or ran out, the subject that joined or left.
        public let cause: Cause
    }

    /// A stretch of time with one verdict; `to` is the first moment that no longer counts.
    public struct Segment: Hashable, Sendable {
        /// The first moment that counts.
        public let from: Instant
        /// The first moment that no longer counts.
        public let to: Instant
        /// The verdict throughout.
        public let verdict: Verdict
    }

    /// Until when the history reaches: what was received later is left out.
    public let knownAt: Instant
    /// As known, oldest first; the first is the import. Empty if the commitment began later than `knownAt`.
    public let changes: [Change]
    /// As settled, oldest first, without gaps from the commitment's start to `knownAt`.
    public let settled: [Segment]

    /// The history of `promise` until `knownAt`.
    ///
    /// - Parameters:
    ///   - roster: the populations of its demands, with everyone who ever belonged to them.
    ///   - series: the sightings of its checks; others are ignored, and what is missing was never observed.
    public init(of promise: Promise, roster: Roster, series: [Series], knownAt: Instant) {
        self.knownAt = knownAt
        guard promise.startsAt <= knownAt else {
            changes = []
            settled = []
            return
        }
        let timeline = Timeline(of: promise, roster: roster, series: series, knownAt: knownAt)
        let known = timeline.changes(.asKnown)
        let evidence = timeline.verdicts(.asSettled)
        changes = known
        settled = Self.segments(known: known.map { ($0.at, $0.verdict) }, evidence: evidence, until: knownAt)
    }

    /// The change that the verdict of `moment` began with, as it was known then; `nil` before the commitment's start.
    public func change(inForceAt moment: Instant) -> Change? {
        guard moment <= knownAt else { return nil }
        let next = changes.partitioningIndex { $0.at > moment }
        return next == 0 ? nil : changes[next - 1]
    }

    /// The settled verdict of `moment`; `nil` before the commitment's start and from `knownAt` on.
    public func settledVerdict(at moment: Instant) -> Verdict? {
        let index = settled.partitioningIndex { $0.to > moment }
        return index < settled.count && settled[index].from <= moment ? settled[index].verdict : nil
    }

    /// The settled verdict, except where broken was known: two step functions laid over each other.
    private static func segments(
        known: [(at: Instant, verdict: Verdict)], evidence: [(at: Instant, verdict: Verdict)], until end: Instant
    ) -> [Segment] {
        var segments: [Segment] = []
        var (left, right) = (0, 0)
        // Both begin at the commitment's start.
        while left < known.count, right < evidence.count {
            let from = max(known[left].at, evidence[right].at)
            let nextLeft = left + 1 < known.count ? known[left + 1].at : end
            let nextRight = right + 1 < evidence.count ? evidence[right + 1].at : end
            let to = min(nextLeft, nextRight)
            let verdict = known[left].verdict == .broken ? .broken : evidence[right].verdict
            if from < to { segments.append(merging: Segment(from: from, to: to, verdict: verdict)) }
            if nextLeft <= nextRight { left += 1 }
            if nextRight <= nextLeft { right += 1 }
        }
        return segments
    }
}

extension VerdictFold {
    /// How `promise` stands at `moment`, from what had been received by then, with the time since when.
    public static func standing(
        of promise: Promise, at moment: Instant, roster: Roster, series: [Series]
    ) -> Standing {
        var fold = VerdictFold(at: moment, roster: roster)
        for series in series { fold.take(series) }
        let history = VerdictHistory(of: promise, roster: roster, series: series, knownAt: moment)
        return fold.standing(of: promise).since(history.changes.last?.at)
    }
}

extension [VerdictHistory.Segment] {
    fileprivate mutating func append(merging segment: VerdictHistory.Segment) {
        if let last, last.verdict == segment.verdict {
            self[count - 1] = VerdictHistory.Segment(from: last.from, to: segment.to, verdict: segment.verdict)
        } else {
            append(segment)
        }
    }
}

extension Array {
    /// Where the elements begin that satisfy `belongsAfter`, in an array that has them all at its end.
    fileprivate func partitioningIndex(_ belongsAfter: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
