import Kernel
import ScanResults
import Store

/// That a site was scanned, and how it came out; the report itself lies beside it.
public struct SiteScan: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<SiteScan>
    /// The site.
    public let site: Identifier<WatchedSite>
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

    /// Where its rows lie.
    public static let table = RecordTable(
        "site_scan", indexColumns: [.blob("site"), .text("kind"), .integer("finished_at")],
        indexes: [TableDefinition.Index("site", "kind", "finished_at")])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.blob(site.bytes), .text(kind.rawValue), .integer(finishedAt.milliseconds)]
    }

    init(_ summary: ScanSummary, id: Identifier<SiteScan>, of site: Identifier<WatchedSite>) {
        self.id = id
        self.site = site
        kind = summary.kind
        finishedAt = summary.finishedAt
        grade = summary.grade
        score = summary.score
        counts = Dictionary(summary.findings.map { ($0.severity.rawValue, 1) }, uniquingKeysWith: +)
    }
}

/// The whole report of a scan, as JSON.
public struct SiteReport: Record {
    /// The scan's identifier.
    public let id: Identifier<SiteScan>
    /// The report's bytes.
    public let json: [UInt8]

    /// Where its rows lie.
    public static let table = RecordTable("site_report")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }

    init(id: Identifier<SiteScan>, json: [UInt8]) {
        self.id = id
        self.json = json
    }

    /// The report's bytes.
    public func storedBody() -> [UInt8] { Array(id.bytes) + json }

    /// Reads it back; the identifier stands in front.
    ///
    /// - Throws: `Problem` `store.malformed` for fewer bytes than an identifier has.
    public init(storedBody: [UInt8]) throws {
        guard let id = Identifier<SiteScan>(bytes: storedBody.prefix(16)) else {
            throw Problem(.refused, code: "store.malformed", "A stored report of a scan cannot be read.")
        }
        self.init(id: id, json: Array(storedBody.dropFirst(16)))
    }
}
