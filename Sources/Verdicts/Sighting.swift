import Kernel

/// An observation as the verdicts see it: the result, three times and a number; nothing that is sealed.
public struct Sighting: Hashable, Sendable {
    /// What was found.
    public let result: CheckResult
    /// When the subject was looked at, never later than `receivedAt`.
    public let observedAt: Instant
    /// When the server took it in.
    public let receivedAt: Instant
    /// When it stops being fresh, unless the commitment asks for fresher evidence still.
    public let expiresAt: Instant
    /// The number of its row or ledger entry: names it, and decides between two of the same times.
    public let number: Int64

    /// A sighting from the index columns of an observation.
    ///
    /// A subject's clock that runs ahead must not date evidence into the future, where it would outrank what is seen
    /// later: an `observedAt` after `receivedAt` counts as `receivedAt`.
    public init(result: CheckResult, observedAt: Instant, receivedAt: Instant, expiresAt: Instant, number: Int64) {
        self.result = result
        self.observedAt = min(observedAt, receivedAt)
        self.receivedAt = receivedAt
        self.expiresAt = expiresAt
        self.number = number
    }
}

extension Sighting {
    /// Whether this one governs where both are known: the later look, then the later receipt, then the higher number.
    public func outranks(_ other: Sighting) -> Bool {
        if observedAt != other.observedAt { return observedAt > other.observedAt }
        if receivedAt != other.receivedAt { return receivedAt > other.receivedAt }
        return number > other.number
    }

    /// When it stops being fresh for a commitment that asks for evidence no older than `freshness`; at that moment it is not.
    public func expiry(within freshness: Period) -> Instant {
        min(expiresAt, observedAt + freshness)
    }

    /// Where a series stands at `moment` while this sighting governs it.
    func state(at moment: Instant, within freshness: Period) -> SeriesState {
        switch result {
        case .pass: moment < expiry(within: freshness) ? .passing : .stale
        case .notApplicable: moment < expiry(within: freshness) ? .notApplicable : .lapsed
        // No expiry: otherwise stopping the collector would be a way out of a failure.
        case .fail: .failing
        case .unknown: .unknown
        case .error: .erroneous
        }
    }
}

/// Where one check stands on one subject at one moment.
enum SeriesState: UInt8, CaseIterable {
    case neverObserved, passing, failing, stale, unknown, erroneous, notApplicable
    /// It did not apply when last looked at, and that was too long ago.
    case lapsed
}

/// All sightings of one check on one subject, in any order.
public struct Series: Sendable {
    /// What was asked.
    public let check: CheckID
    /// Of what it was asked.
    public let subject: Subject
    /// The answers, in any order.
    public var sightings: [Sighting]

    /// A series out of its parts.
    public init(check: CheckID, subject: Subject, sightings: [Sighting] = []) {
        self.check = check
        self.subject = subject
        self.sightings = sightings
    }
}
