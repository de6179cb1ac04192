import Kernel

/// What one scan found, the same for each kind of scan; `Details` is what only that kind knows.
///
/// In JSON the details' members stand beside the common ones, so that a program finds `protocols` of a TLS server where it
/// looks for them, and one that knows only the common members reads every report as ``ScanSummary``.
public struct ScanReport<Details: Codable & Hashable & Sendable>: Hashable, Sendable {
    /// What every scan tells.
    public let summary: ScanSummary
    /// What this kind of scan tells besides.
    public let details: Details

    /// A report out of its parts.
    public init(_ summary: ScanSummary, details: Details) {
        self.summary = summary
        self.details = details
    }
}

extension ScanReport: Codable {
    /// Reads both parts out of one object.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        summary = try ScanSummary(from: decoder)
        details = try Details(from: decoder)
    }

    /// Writes both parts into one object.
    public func encode(to encoder: any Encoder) throws {
        try details.encode(to: encoder)
        try summary.encode(to: encoder)
    }
}

/// What every scan tells, whatever it looked at.
public struct ScanSummary: Hashable, Sendable, Codable {
    /// What a scan looks at.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The headers and cookies of one page, as Mozilla's Observatory judges them.
        case web
        /// The protocols, suites and certificate of one server.
        case tls
        /// The pages of one site.
        case site
    }

    /// What was looked at.
    public let kind: Kind
    /// The address, or `host:port`.
    public let target: String
    /// When it began and when it ended.
    public let startedAt, finishedAt: Instant
    /// The grade, if the scan came far enough for one.
    public let grade: ScanGrade?
    /// The score behind the grade, 0 and above.
    public let score: Int?
    /// Everything that was found, the worst first.
    public let findings: [Finding]
    /// What a reader must know about the scan itself: what could not be looked at, and why.
    public let remarks: [String]

    /// A summary out of its parts; findings are put in order.
    public init(
        _ kind: Kind, of target: String, from start: Instant, to end: Instant, grade: ScanGrade?, score: Int? = nil,
        findings: [Finding], remarks: [String] = []
    ) {
        self.kind = kind
        self.target = target
        startedAt = start
        finishedAt = end
        self.grade = grade
        self.score = score
        self.findings = findings.sorted {
            ($1.severity, $0.rule, $0.location.address, $0.location.part ?? "", $0.message)
                < ($0.severity, $1.rule, $1.location.address, $1.location.part ?? "", $1.message)
        }
        self.remarks = remarks
    }
}
