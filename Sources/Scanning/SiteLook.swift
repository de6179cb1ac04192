import Foundation
import Kernel
import ScanResults
import TLSPosture
import WebPosture

/// What one scan of a site brought: a report and what it shows, or that nothing could be told.
public struct SiteLook: Sendable {
    /// What was looked at.
    public let kind: ScanSummary.Kind
    /// Why nothing could be told; `nil` for a look with a report.
    public let failure: Problem?
    let summary: ScanSummary?
    let json: [UInt8]
    let measurements: [CheckID: Kernel.Measurement]
    let observedAt: Instant

    /// The most bytes of a report that are kept.
    public static let reportLimit = 4 << 20

    /// A look at the headers, cookies and redirects.
    ///
    /// - Throws: `Problem` `scan.too-large` if the report is larger than is kept.
    public init(_ report: ScanReport<WebDetails>) throws {
        try self.init(report, measurements: SiteChecks.judge(report))
    }

    /// A look at the server's TLS.
    ///
    /// - Throws: `Problem` `scan.too-large` if the report is larger than is kept.
    public init(_ report: ScanReport<TLSDetails>) throws {
        try self.init(report, measurements: SiteChecks.judge(report))
    }

    /// A look at the pages.
    ///
    /// - Throws: `Problem` `scan.too-large` if the report is larger than is kept.
    public init(_ report: ScanReport<SiteDetails>) throws {
        try self.init(report, measurements: SiteChecks.judge(report))
    }

    /// A look that failed: it shows nothing, neither good nor bad.
    ///
    /// - Parameter problem: Why.
    public init(_ kind: ScanSummary.Kind, failedBy problem: Problem, at moment: Instant) {
        self.kind = kind
        failure = problem
        summary = nil
        json = []
        let measurement = Kernel.Measurement(.unknown, value: problem.message, fix: problem.hint)
        measurements = Dictionary(
            uniqueKeysWithValues: SiteChecks.checks(of: kind).map { ($0.id, measurement) })
        observedAt = moment
    }

    private init<Details>(_ report: ScanReport<Details>, measurements: [CheckID: Kernel.Measurement]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        json = [UInt8](try encoder.encode(report))
        guard json.count <= Self.reportLimit else {
            throw Problem(
                .refused, code: "scan.too-large", "The scan found more than can be kept.",
                hint: "Scan fewer pages at a time: name a path of the site.")
        }
        kind = report.summary.kind
        failure = nil
        summary = report.summary
        self.measurements = measurements
        observedAt = report.summary.finishedAt
    }
}
