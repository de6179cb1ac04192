import Kernel
import Verdicts

/// One enrolled host in a list.
public struct HostSummary: Hashable, Sendable, Codable {
    public let id: String
    public let name: String
    public let enrolledAt: Instant
    public let observedAt: Instant?
    /// How many of its checks stand at each result, by `CheckResult.rawValue`; what has run out counts as `expired`.
    public let results: [String: Int]

    public init(id: String, name: String, enrolledAt: Instant, observedAt: Instant?, results: [String: Int]) {
        self.id = id
        self.name = name
        self.enrolledAt = enrolledAt
        self.observedAt = observedAt
        self.results = results
    }
}

/// One host with the latest result of every check.
public struct HostDetail: Hashable, Sendable, Codable {
    public let host: HostSummary
    public let checks: [HostCheck]

    public init(host: HostSummary, checks: [HostCheck]) {
        self.host = host
        self.checks = checks
    }
}

/// One check on one host, and the commitments that depend on it.
public struct HostCheck: Hashable, Sendable, Codable {
    public let id: String
    public let title: String
    public let standing: SubjectStanding
    public let commitments: [CommitmentReference]

    public init(id: String, title: String, standing: SubjectStanding, commitments: [CommitmentReference]) {
        self.id = id
        self.title = title
        self.standing = standing
        self.commitments = commitments
    }
}

/// A commitment named from elsewhere.
public struct CommitmentReference: Hashable, Sendable, Codable {
    public let policy: String
    public let id: String
    public let summary: String
    public let verdict: Verdict

    public init(policy: String, id: String, summary: String, verdict: Verdict) {
        self.policy = policy
        self.id = id
        self.summary = summary
        self.verdict = verdict
    }
}

/// One policy in a list.
public struct PolicySummary: Hashable, Sendable, Codable {
    public let id: String
    public let title: String
    public let issuer: String
    public let version: String
    public let sha256: String
    public let importedAt: Instant
    public let hasText: Bool
    public let counts: VerdictCounts

    public init(
        id: String, title: String, issuer: String, version: String, sha256: String, importedAt: Instant, hasText: Bool,
        counts: VerdictCounts
    ) {
        self.id = id
        self.title = title
        self.issuer = issuer
        self.version = version
        self.sha256 = sha256
        self.importedAt = importedAt
        self.hasText = hasText
        self.counts = counts
    }
}

/// A policy with every span of its text.
public struct PolicyDetail: Hashable, Sendable, Codable {
    public let policy: PolicySummary
    /// In the order of the text; together they hold every non-whitespace byte.
    public let spans: [SpanDetail]
    /// What is wrong with the document's own wording.
    public let defects: [String]

    public init(policy: PolicySummary, spans: [SpanDetail], defects: [String]) {
        self.policy = policy
        self.spans = spans
        self.defects = defects
    }
}

/// One classified piece of a policy's text.
public struct SpanDetail: Hashable, Sendable, Codable {
    /// Bytes `start..<end` of the text.
    public let start: Int
    public let end: Int
    /// `commitment`, `context` or `unprovable`.
    public let spanClass: String
    /// The words, if the text was imported.
    public let text: String?
    /// The whitespace between this span and the next holds a line break.
    public let endsParagraph: Bool
    public let reason: String?
    public let commitments: [CommitmentReference]

    public init(
        start: Int, end: Int, spanClass: String, text: String?, endsParagraph: Bool, reason: String?,
        commitments: [CommitmentReference]
    ) {
        self.start = start
        self.end = end
        self.spanClass = spanClass
        self.text = text
        self.endsParagraph = endsParagraph
        self.reason = reason
        self.commitments = commitments
    }

    private enum CodingKeys: String, CodingKey {
        case start, end, text, endsParagraph, reason, commitments
        case spanClass = "class"
    }
}

/// One ledger entry in a list.
public struct LedgerEntrySummary: Hashable, Sendable, Codable {
    public let index: Int
    public let at: Instant
    /// `person:…`, `job:checks`, `operator`: pseudonymous.
    public let actor: String
    public let action: String
    public let subject: String
    /// How many rows the change wrote.
    public let rows: Int

    public init(index: Int, at: Instant, actor: String, action: String, subject: String, rows: Int) {
        self.index = index
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.rows = rows
    }
}

/// A page of the ledger, newest first.
public struct LedgerPage: Hashable, Sendable, Codable {
    public let origin: String
    /// The key that verifies checkpoints, as a C2SP `vkey`.
    public let verificationKey: String
    public let size: Int
    /// The newest signed checkpoint, verbatim.
    public let checkpoint: String?
    public let entries: [LedgerEntrySummary]
    /// Ask for entries before this index to go on; `nil` at the end.
    public let next: Int?

    public init(
        origin: String, verificationKey: String, size: Int, checkpoint: String?, entries: [LedgerEntrySummary],
        next: Int?
    ) {
        self.origin = origin
        self.verificationKey = verificationKey
        self.size = size
        self.checkpoint = checkpoint
        self.entries = entries
        self.next = next
    }
}

/// What the settings page shows.
public struct SettingsSummary: Hashable, Sendable, Codable {
    public let organisation: String
    /// The organisation's name in addresses.
    public let slug: String
    public let database: String
    public let dataKey: String
    public let certificateExpiresAt: Instant?
    public let people: Int
    public let version: String

    public init(
        organisation: String, slug: String, database: String, dataKey: String, certificateExpiresAt: Instant?,
        people: Int, version: String
    ) {
        self.organisation = organisation
        self.slug = slug
        self.database = database
        self.dataKey = dataKey
        self.certificateExpiresAt = certificateExpiresAt
        self.people = people
        self.version = version
    }
}
