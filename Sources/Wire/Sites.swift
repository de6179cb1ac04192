import Kernel
import ScanResults

/// One registered site in a list.
public struct SiteSummary: Hashable, Sendable, Codable {
    /// The site's identifier, as addresses name it.
    public let id: String
    /// Its address without the scheme.
    public let name: String
    /// The address of its first page.
    public let address: String
    /// Whether it lies in the organisation's own networks.
    public let isInternal: Bool
    /// Whether something is sent along for pages behind a sign-in; what it is never leaves the server.
    public let sendsFields: Bool
    /// What is looked at.
    public let kinds: [ScanSummary.Kind]
    /// From when on it counts in the population.
    public let registeredAt: Instant
    /// The newest scan of each kind.
    public let scans: [ScanEntry]
    /// How many of its checks stand at each result, by `CheckResult.rawValue`; what has run out counts as `expired`.
    public let results: [String: Int]

    /// A summary out of its parts.
    public init(
        id: String, name: String, address: String, isInternal: Bool, sendsFields: Bool, kinds: [ScanSummary.Kind],
        registeredAt: Instant, scans: [ScanEntry], results: [String: Int]
    ) {
        self.id = id
        self.name = name
        self.address = address
        self.isInternal = isInternal
        self.sendsFields = sendsFields
        self.kinds = kinds
        self.registeredAt = registeredAt
        self.scans = scans
        self.results = results
    }
}

/// That a site was scanned, and how it came out.
public struct ScanEntry: Hashable, Sendable, Codable {
    /// The scan's identifier, as addresses name it.
    public let id: String
    /// What was looked at.
    public let kind: ScanSummary.Kind
    /// When it ended.
    public let finishedAt: Instant
    /// The grade, if there is one.
    public let grade: ScanGrade?
    /// The score, if there is one.
    public let score: Int?
    /// How many findings there are of each severity, by its name.
    public let counts: [String: Int]

    /// An entry out of its parts.
    public init(
        id: String, kind: ScanSummary.Kind, finishedAt: Instant, grade: ScanGrade?, score: Int?, counts: [String: Int]
    ) {
        self.id = id
        self.kind = kind
        self.finishedAt = finishedAt
        self.grade = grade
        self.score = score
        self.counts = counts
    }
}

/// One site with what its newest scans found, and how it came out over time.
public struct SiteDetail: Hashable, Sendable, Codable {
    /// The site itself.
    public let site: SiteSummary
    /// Every check about sites that this one is scanned for.
    public let checks: [SubjectCheck]
    /// The newest scan of each kind with its findings, compared with the one before.
    public let newest: [ScanResult]
    /// All scans, newest first.
    public let history: [ScanEntry]

    /// A detail out of its parts.
    public init(site: SiteSummary, checks: [SubjectCheck], newest: [ScanResult], history: [ScanEntry]) {
        self.site = site
        self.checks = checks
        self.newest = newest
        self.history = history
    }
}

/// A scan with what it found.
public struct ScanResult: Hashable, Sendable, Codable {
    /// The scan.
    public let scan: ScanEntry
    /// What it found.
    public let summary: ScanSummary
    /// How that stands to the scan before; `nil` for the first of its kind.
    public let comparison: ScanComparison?
    /// When the scan before ended.
    public let comparedTo: Instant?

    /// A result out of its parts.
    public init(scan: ScanEntry, summary: ScanSummary, comparison: ScanComparison?, comparedTo: Instant?) {
        self.scan = scan
        self.summary = summary
        self.comparison = comparison
        self.comparedTo = comparedTo
    }
}
