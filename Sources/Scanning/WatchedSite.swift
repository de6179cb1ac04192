import Kernel
import ScanResults
import Store

/// A site of the organisation's that is scanned again and again.
public struct WatchedSite: Record, Codable, Hashable {
    /// A header field that is sent with each request to the site, for pages behind a sign-in.
    public struct Field: Codable, Hashable, Sendable {
        /// The name.
        public let name: String
        /// The value; often a secret, so no page and no log ever shows it.
        public let value: String

        /// A field out of its parts.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How a site is to be scanned.
    public struct Settings: Codable, Hashable, Sendable {
        /// The address of its first page.
        public let address: String
        /// Whether it lies in the organisation's own networks: only then may a scan go to a private address.
        public let isInternal: Bool
        /// What is looked at, in the order of all kinds.
        public let kinds: [ScanSummary.Kind]
        /// What is sent with each request.
        public let fields: [Field]
        /// Certificates in PEM to trust besides the system's.
        public let authorities: String?

        /// Settings out of their parts.
        public init(
            address: String, isInternal: Bool = false, kinds: Set<ScanSummary.Kind> = Set(ScanSummary.Kind.allCases),
            fields: [Field] = [], authorities: String? = nil
        ) {
            self.address = address
            self.isInternal = isInternal
            self.kinds = ScanSummary.Kind.allCases.filter(kinds.contains)
            self.fields = fields
            self.authorities = authorities
        }
    }

    /// Its identifier, unique within the organisation.
    public let id: Identifier<WatchedSite>
    /// How it is to be scanned.
    public let settings: Settings
    /// From when on it counts in the population.
    public let registeredAt: Instant
    /// From when on it no longer counts; `nil` while it does.
    public let removedAt: Instant?

    /// Where its rows lie.
    public static let table = RecordTable(
        "site", indexColumns: [.integer("registered_at"), .integer("removed_at").optional])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.integer(registeredAt.milliseconds), removedAt.map { .integer($0.milliseconds) } ?? .null]
    }

    /// The site as checks and verdicts see it.
    public var subject: Subject { Subject(kind: .site, id: id.retyped()) }

    /// What people call it: its address without the scheme.
    public var name: String {
        let rest = settings.address.firstRange(of: "://").map { settings.address[$0.upperBound...] }
        let name = rest ?? settings.address[...]
        return String(name.hasSuffix("/") ? name.dropLast() : name)
    }

    /// The checks that its scans serve.
    public var checks: [Check] { SiteChecks.all.filter { settings.kinds.contains(SiteChecks.kind(of: $0.id)) } }

    func removed(at moment: Instant) -> WatchedSite {
        WatchedSite(id: id, settings: settings, registeredAt: registeredAt, removedAt: moment)
    }
}
