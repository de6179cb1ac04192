import Kernel
import Verdicts

/// One enrolled host in a list.
public struct HostSummary: Hashable, Sendable, Codable {
    /// The host's identifier, as addresses name it.
    public let id: String
    /// The name that people know it by.
    public let name: String
    /// From when on it counts in the population.
    public let enrolledAt: Instant
    /// When any of its checks was last observed; `nil` if none ever was.
    public let observedAt: Instant?
    /// How many of its checks stand at each result, by `CheckResult.rawValue`; what has run out counts as `expired`.
    public let results: [String: Int]

    /// A summary out of its parts.
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
    /// The host itself.
    public let host: HostSummary
    /// Every check about hosts, by name.
    public let checks: [SubjectCheck]

    /// A detail out of its parts.
    public init(host: HostSummary, checks: [SubjectCheck]) {
        self.host = host
        self.checks = checks
    }
}

/// One check on one subject, a host or a site, and the commitments that depend on it.
public struct SubjectCheck: Hashable, Sendable, Codable {
    /// The check's stable name: `endpoint.disk-encryption`.
    public let id: String
    /// A short heading: "Disk encryption".
    public let title: String
    /// The subject, and the observation that counts for it now.
    public let standing: SubjectStanding
    /// The commitments that the check serves.
    public let commitments: [CommitmentReference]

    /// A check out of its parts.
    public init(id: String, title: String, standing: SubjectStanding, commitments: [CommitmentReference]) {
        self.id = id
        self.title = title
        self.standing = standing
        self.commitments = commitments
    }
}

/// A commitment named from elsewhere.
public struct CommitmentReference: Hashable, Sendable, Codable {
    /// The policy's id, as its pack names it.
    public let policy: String
    /// The commitment's id within the policy.
    public let id: String
    /// The promise in our own words.
    public let summary: String
    /// How it stands now.
    public let verdict: Verdict

    /// A reference out of its parts.
    public init(policy: String, id: String, summary: String, verdict: Verdict) {
        self.policy = policy
        self.id = id
        self.summary = summary
        self.verdict = verdict
    }
}

/// One policy in a list.
public struct PolicySummary: Hashable, Sendable, Codable {
    /// The policy's id, as its pack names it.
    public let id: String
    /// Its title, as published.
    public let title: String
    /// Who published it, and so who promises.
    public let issuer: String
    /// The version, as its issuer counts.
    public let version: String
    /// The SHA-256 of its exact text, in hexadecimal digits.
    public let sha256: String
    /// When this version was imported.
    public let importedAt: Instant
    /// Whether its text was imported with the pack.
    public let hasText: Bool
    /// How its commitments stand now.
    public let counts: VerdictCounts

    /// A summary out of its parts.
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
    /// The policy itself.
    public let policy: PolicySummary
    /// In the order of the text; together they hold every non-whitespace byte.
    public let spans: [SpanDetail]
    /// What is wrong with the document's own wording.
    public let defects: [String]

    /// A detail out of its parts.
    public init(policy: PolicySummary, spans: [SpanDetail], defects: [String]) {
        self.policy = policy
        self.spans = spans
        self.defects = defects
    }
}

/// One classified piece of a policy's text.
public struct SpanDetail: Hashable, Sendable, Codable {
    /// The first byte of the span: it is bytes `start..<end` of the text.
    public let start: Int
    /// The first byte of the text after the span.
    public let end: Int
    /// `commitment`, `context` or `unprovable`.
    public let spanClass: String
    /// The words, if the text was imported.
    public let text: String?
    /// The whitespace between this span and the next holds a line break.
    public let endsParagraph: Bool
    /// Why the span is of this class, where the pack gives a reason.
    public let reason: String?
    /// The commitments that the span makes; empty unless it is of class `commitment`.
    public let commitments: [CommitmentReference]

    /// A span out of its parts.
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
    /// The entry's index in the ledger, from 0.
    public let index: Int
    /// When it happened, by the clock of the server that wrote it.
    public let at: Instant
    /// `person:…`, `job:checks`, `operator`: pseudonymous.
    public let actor: String
    /// What was done, in lower-case words joined by points: `policy.imported`.
    public let action: String
    /// What it was done to, `<kind>:<id>`; `-` for nothing in particular.
    public let subject: String
    /// How many rows the change wrote.
    public let rows: Int

    /// A summary out of its parts.
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
    /// The ledger's unique name, as its checkpoints state it.
    public let origin: String
    /// The key that verifies checkpoints, as a C2SP `vkey`.
    public let verificationKey: String
    /// How many entries the whole ledger has.
    public let size: Int
    /// The newest signed checkpoint, verbatim.
    public let checkpoint: String?
    /// The entries of this page, newest first.
    public let entries: [LedgerEntrySummary]
    /// Ask for entries before this index to go on; `nil` at the end.
    public let next: Int?

    /// A page out of its parts.
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
    /// The organisation's name.
    public let organisation: String
    /// The organisation's name in addresses.
    public let slug: String
    /// The database and its version: `SQLite 3.40.1`.
    public let database: String
    /// The name of the data key that seals what is written now.
    public let dataKey: String
    /// When the server's certificate runs out; `nil` if that is not known.
    public let certificateExpiresAt: Instant?
    /// How many people have an account in the organisation.
    public let people: Int
    /// This program's version.
    public let version: String
    /// Who outside holds the ledger's history; `nil` where that is not known.
    public let outsiders: Outsiders?
    /// What the organisation's identity provider is called, if it has one.
    public let identityProvider: String?

    /// A summary out of its parts.
    public init(
        organisation: String, slug: String, database: String, dataKey: String, certificateExpiresAt: Instant?,
        people: Int, version: String, outsiders: Outsiders? = nil, identityProvider: String? = nil
    ) {
        self.organisation = organisation
        self.slug = slug
        self.database = database
        self.dataKey = dataKey
        self.certificateExpiresAt = certificateExpiresAt
        self.people = people
        self.version = version
        self.outsiders = outsiders
        self.identityProvider = identityProvider
    }
}
