import Kernel

/// What brought a verdict about, for a page that leads from the verdict to its evidence.
public struct Cause: Hashable, Sendable {
    /// The kinds of things that move a verdict.
    public enum Event: String, Hashable, Sendable {
        /// The commitment began to count.
        case imported
        /// An observation was received.
        case observed
        /// An observation ran out.
        case expired
        /// A subject joined the population.
        case joined
        /// A subject left the population.
        case left
        /// The commitment was withdrawn.
        case withdrawn
    }

    /// What happened.
    public let event: Event
    /// The check concerned; `nil` where it concerns none.
    public let check: CheckID?
    /// The subject concerned; `nil` where it concerns none.
    public let subject: Identifier<Subject>?
    /// The number of the observation that was received or ran out.
    public let number: Int64?

    /// A cause out of its parts.
    public init(_ event: Event, check: CheckID? = nil, subject: Identifier<Subject>? = nil, number: Int64? = nil) {
        self.event = event
        self.check = check
        self.subject = subject
        self.number = number
    }
}

/// How one demand of a commitment stands at one moment.
public struct CheckStanding: Hashable, Sendable {
    /// What is asked of the check.
    public let demand: Demand
    /// The verdict on this demand alone.
    public let verdict: Verdict
    /// How the whole population divides.
    public let tally: Tally
    /// When the newest look that counts was made.
    public let observedAt: Instant?
    /// While it is kept: when that ends unless new evidence comes.
    public let validUntil: Instant?
    /// Why, in one sentence with counts and without subjects' names.
    public let reason: String
    /// The first subject of the roster that explains a verdict other than *kept*.
    public let cause: Cause?
}

/// How a commitment stands at one moment, and why.
public struct Standing: Hashable, Sendable {
    /// The verdict on the commitment.
    public let verdict: Verdict
    /// Since when the verdict has been this one; `nil` where only the present was looked at (`VerdictHistory` knows).
    public let since: Instant?
    /// When the newest look behind it was made.
    public let observedAt: Instant?
    /// While it is kept: when that ends unless new evidence comes. No other verdict changes by time alone.
    public let validUntil: Instant?
    /// Why, in one sentence with counts and without subjects' names.
    public let reason: String
    /// The check and the subject that explain a verdict other than *kept*.
    public let cause: Cause?
    /// Its demands one by one, in the commitment's order; empty for what is withdrawn or unprovable.
    public let checks: [CheckStanding]

    /// The same standing, known to have begun at `moment`.
    public func since(_ moment: Instant?) -> Standing {
        Standing(
            verdict: verdict, since: moment, observedAt: observedAt, validUntil: validUntil, reason: reason,
            cause: cause,
            checks: checks)
    }
}
