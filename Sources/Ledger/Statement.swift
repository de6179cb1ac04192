import Kernel

/// What an organisation states about one of its commitments at one moment: the body of a published row and the heart of a proof.
public struct Statement: Hashable, Sendable {
    /// Who states it.
    public var organisation: Identifier<LedgerOwner>
    /// The policy's id in its pack.
    public var policy: String
    /// The SHA-256 of the policy's exact text, in hexadecimal digits.
    public var policyHash: String
    /// The commitment's id in the pack.
    public var commitment: String
    /// The commitment's summary.
    public var summary: String
    /// One of the six verdict words.
    public var verdict: String
    /// Why the verdict is what it is, if there is more to say.
    public var reason: String?
    /// Since when the verdict has stood.
    public var since: Instant?
    /// When the newest evidence was observed; absent if never.
    public var observed: Instant?
    /// The moment that the statement speaks of.
    public var asOf: Instant
    /// Until when it may be relied on; absent only where nothing can run out.
    public var validUntil: Instant?

    /// A statement out of its parts; ``check()`` tells whether it can be written.
    public init(
        organisation: Identifier<LedgerOwner>, policy: String, policyHash: String, commitment: String, summary: String,
        verdict: String, reason: String?, since: Instant?, observed: Instant?, asOf: Instant, validUntil: Instant?
    ) {
        self.organisation = organisation
        self.policy = policy
        self.policyHash = policyHash
        self.commitment = commitment
        self.summary = summary
        self.verdict = verdict
        self.reason = reason
        self.since = since
        self.observed = observed
        self.asOf = asOf
        self.validUntil = validUntil
    }

    static let formatLine = "vouchsafe/statement@v1"

    /// The words that a verdict can be.
    public static let verdicts: Set = ["kept", "broken", "stale", "unproven", "unprovable", "withdrawn"]

    /// The most bytes of a name.
    public static let nameLimit = 200
    /// The most bytes of a summary.
    public static let summaryLimit = 1000
    /// The most bytes of a reason.
    public static let reasonLimit = 2000

    /// Finds what keeps the statement from being written.
    ///
    /// - Throws: A `Problem` (invalid, `statement.malformed`) that names the first unfit field. ``StatementText`` makes texts fit.
    public func check() throws(Problem) {
        func demand(_ condition: Bool, _ field: String, _ reason: String) throws(Problem) {
            guard condition else {
                throw Problem(
                    .invalid, code: "statement.malformed", "The statement's \(field) \(reason).",
                    place: Problem.Place(field: field))
            }
        }
        let line = "must be one line of visible text, not too long"
        try demand(StatementText.isFit(policy, limit: Self.nameLimit), "policy", line)
        try demand([UInt8](hex: policyHash)?.count == 32, "policy-hash", "must be 64 lower-case hexadecimal digits")
        try demand(StatementText.isFit(commitment, limit: Self.nameLimit), "commitment", line)
        try demand(StatementText.isFit(summary, limit: Self.summaryLimit), "summary", line)
        try demand(Self.verdicts.contains(verdict), "verdict", "must be one of the six words")
        try demand(
            reason.map { $0 != "-" && StatementText.isFit($0, limit: Self.reasonLimit) } ?? true, "reason", line)
        try demand(verdict != "kept" || validUntil != nil, "valid-until", "must be given for a commitment that is kept")
        for (field, moment) in [("since", since), ("observed", observed), ("as-of", asOf), ("valid-until", validUntil)]
        {
            // Years beyond four digits have no canonical text.
            try demand(
                moment.map { (.distantPast ... .distantFuture).contains($0) } ?? true, field,
                "must be a date of our era")
        }
    }

    /// The canonical text.
    ///
    /// - Throws: What ``check()`` throws.
    public func encoded() throws(Problem) -> [UInt8] {
        try check()
        return unchecked
    }

    private var unchecked: [UInt8] {
        func moment(_ instant: Instant?) -> String { instant?.description ?? "-" }
        let text = """
            \(Self.formatLine)
            organisation \(organisation)
            policy \(policy)
            policy-hash \(policyHash)
            commitment \(commitment)
            summary \(summary)
            verdict \(verdict)
            reason \(reason ?? "-")
            since \(moment(since))
            observed \(moment(observed))
            as-of \(asOf)
            valid-until \(moment(validUntil))

            """
        return Array(text.utf8)
    }

    /// Reads a statement.
    ///
    /// - Throws: A `Problem` (refused, `statement.malformed`) unless `bytes` are exactly what ``encoded()`` gives for some statement.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        func moment(_ text: String) -> Instant?? { text == "-" ? .some(nil) : Instant(text).map { .some($0) } }
        guard var fields = FieldReader(bytes, formatLine: Self.formatLine) else {
            throw Self.malformed("It does not begin with \(Self.formatLine), or its last line is not ended.")
        }
        guard let organisation = fields.next("organisation").flatMap({ Identifier<LedgerOwner>($0) }),
            let policy = fields.next("policy"), let policyHash = fields.next("policy-hash"),
            let commitment = fields.next("commitment"), let summary = fields.next("summary"),
            let verdict = fields.next("verdict"), let reason = fields.next("reason"),
            let since = fields.next("since").flatMap(moment), let observed = fields.next("observed").flatMap(moment),
            let asOf = fields.next("as-of").flatMap({ Instant($0) }),
            let validUntil = fields.next("valid-until").flatMap(moment), fields.isAtEnd
        else { throw Self.malformed("Its line \(fields.line) is not what belongs there.") }
        self.init(
            organisation: organisation, policy: policy, policyHash: policyHash, commitment: commitment,
            summary: summary,
            verdict: verdict, reason: reason == "-" ? nil : reason, since: since, observed: observed, asOf: asOf,
            validUntil: validUntil)
        do { try check() } catch { throw Problem(.refused, code: error.code, error.message) }
        guard unchecked == bytes else { throw Self.malformed("It is not written in the one canonical form.") }
    }

    private static func malformed(_ reason: String) -> Problem {
        Problem(.refused, code: "statement.malformed", "The statement is malformed. \(reason)")
    }
}
