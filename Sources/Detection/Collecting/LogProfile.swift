import Kernel
import Sigma
import Store

/// What a source's events are like: the fields that they have and the kinds of log that they are, as far as looked at. From
/// it follows which rules can match there at all.
public struct LogProfile: Record, Codable, Hashable {
    /// The source's identifier.
    public let id: Identifier<WatchedLog>
    /// The fields, nested ones with points.
    public private(set) var fields: Set<String>
    /// The kinds.
    public private(set) var kinds: Set<Sort>

    /// A kind of log, as rules name it.
    public struct Sort: Codable, Hashable, Sendable {
        let product: String?
        let categories: [String]
        let services: [String]

        init(_ source: Sigma.LogSource) {
            product = source.product
            categories = source.categories
            services = source.services
        }

        var logSource: Sigma.LogSource {
            Sigma.LogSource(product: product, categories: categories, services: services)
        }
    }

    /// Where its rows lie.
    public static let table = RecordTable("log_profile")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }

    /// The most fields and kinds that are remembered: who invents new ones fills no memory.
    static let fieldLimit = 4096
    static let kindLimit = 64

    init(id: Identifier<WatchedLog>) {
        self.id = id
        fields = []
        kinds = []
    }

    mutating func add(field: String) {
        if fields.count < Self.fieldLimit { fields.insert(field) }
    }

    mutating func add(_ kind: Sigma.LogSource) {
        if kinds.count < Self.kindLimit { kinds.insert(Sort(kind)) }
    }

    /// The kinds as rules name them.
    public var logSources: [Sigma.LogSource] { kinds.map(\.logSource) }

    /// What either of the two has seen.
    func union(_ other: LogProfile) -> LogProfile {
        var union = self
        for field in other.fields { union.add(field: field) }
        for kind in other.kinds { union.add(kind.logSource) }
        return union
    }
}

extension LogDesk {
    /// What is known of each source's events.
    public func profiles(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [Identifier<WatchedLog>: LogProfile] {
        try await database.scope(organisation, as: principal).read { view in
            Dictionary(try view.list(LogProfile.self).map { ($0.record.id, $0.record) }) { first, _ in first }
        }
    }

    /// Keeps what was learned of sources' events, besides what is known.
    public func learn(
        _ profiles: [LogProfile], of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws {
        guard !profiles.isEmpty else { return }
        try await database.scope(organisation, as: principal).change("log-source.learned") { change in
            for profile in profiles {
                guard let stored = try change.view.find(LogProfile.self, profile.id) else {
                    try change.insert(profile)
                    continue
                }
                let union = stored.record.union(profile)
                if union != stored.record { try change.update(stored, to: union) }
            }
        }
    }
}
