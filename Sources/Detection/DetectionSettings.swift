import Kernel
import Store

/// What an organisation decided about its logs: how long they are kept, and how quickly somebody must look.
public struct DetectionSettings: Record, Codable, Hashable {
    /// The same for each version: there is one row.
    public let id: Identifier<DetectionSettings>
    /// For how many days records are kept, 1…3650.
    public var retentionDays: Int
    /// Within how many days of its end a day must be reviewed, 1…31.
    public var reviewDays: Int
    /// Within how many hours an alert of each level must be acknowledged, 1…720; a level that is missing has no time.
    public var acknowledgementHours: [String: Int]

    /// Where its rows lie.
    public static let table = RecordTable("detection_settings")

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] { [] }

    /// There is one row in each organisation, and in each it has this identifier.
    static let only = Identifier<DetectionSettings>(high: 0, low: 1)

    /// What holds until somebody decides otherwise.
    init() {
        id = Self.only
        retentionDays = 365
        reviewDays = 3
        acknowledgementHours = [
            Severity.critical.rawValue: 1, Severity.high.rawValue: 4, Severity.medium.rawValue: 24,
            Severity.low.rawValue: 72,
        ]
    }

    /// By when an alert must be acknowledged; `nil` for a level without a time.
    func due(_ level: Severity, from moment: Instant) -> Instant? {
        acknowledgementHours[level.rawValue].map { moment + .hours($0) }
    }

    func check() throws(Problem) {
        let hours = acknowledgementHours
        guard (1...3650).contains(retentionDays), (1...31).contains(reviewDays),
            hours.allSatisfy({ Severity(rawValue: $0.key) != nil && (1...720).contains($0.value) })
        else {
            throw Problem(
                .invalid, code: "detection.settings", "One of these numbers is not possible.",
                hint:
                    "Records are kept 1 to 3650 days, days are reviewed within 1 to 31, alerts seen to within 1 to 720 hours."
            )
        }
    }
}

extension ReadView {
    /// What the organisation decided, or what holds until it does.
    func detectionSettings() throws -> DetectionSettings {
        try find(DetectionSettings.self, DetectionSettings.only)?.record ?? DetectionSettings()
    }
}

extension LogDesk {
    /// What the organisation decided about its logs.
    public func settings(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> DetectionSettings {
        try await database.scope(organisation, as: principal).read { try $0.detectionSettings() }
    }

    /// Changes what the organisation decided about its logs.
    ///
    /// - Throws: `Problem` `detection.settings` for a number that is not possible.
    @discardableResult
    public func decide(
        _ edit: @escaping @Sendable (inout DetectionSettings) -> Void, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> DetectionSettings {
        try await database.scope(organisation, as: principal).change("detection.decided") { change in
            let stored = try change.view.find(DetectionSettings.self, DetectionSettings.only)
            var settings = stored?.record ?? DetectionSettings()
            edit(&settings)
            try settings.check()
            if let stored {
                try change.update(stored, to: settings)
            } else {
                try change.insert(settings)
            }
            return settings
        }
    }
}
