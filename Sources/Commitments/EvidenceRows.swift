import Kernel
import Store

/// A subject on the roster of its kind, for one stretch of time.
struct RosterEntry: Record, Codable, Hashable {
    let id: Identifier<RosterEntry>
    let subject: Subject
    let joinedAt: Instant
    let leftAt: Instant?

    static let table = RecordTable(
        "roster_entry",
        indexColumns: [.text("kind"), .blob("subject"), .integer("joined_at"), .integer("left_at").optional],
        indexes: [TableDefinition.Index("subject")])

    var indexColumns: [SQLValue] {
        [
            .text(subject.kind.rawValue), .blob(subject.id.bytes), .integer(joinedAt.milliseconds),
            leftAt.map { .integer($0.milliseconds) } ?? .null,
        ]
    }
}

/// One check on one subject: the number under which its observations stand together.
struct SeriesRow: Record, Codable, Hashable {
    let id: Identifier<SeriesRow>
    /// Dense within the organisation, from 1.
    let number: Int64
    let check: CheckID
    let subject: Subject

    static let table = RecordTable(
        "series",
        indexColumns: [.integer("number"), .text("check_id"), .text("kind"), .blob("subject")],
        indexes: [
            TableDefinition.Index("number", isUnique: true),
            TableDefinition.Index("check_id", "subject", isUnique: true),
        ])

    var indexColumns: [SQLValue] {
        [.integer(number), .text(check.rawValue), .text(subject.kind.rawValue), .blob(subject.id.bytes)]
    }
}

/// An observation as it is stored: times and result readable, the measurement sealed.
struct ObservationRow: Record, Codable, Hashable {
    let id: Identifier<ObservationRow>
    let series: Int64
    let observedAt: Instant
    let receivedAt: Instant
    let expiresAt: Instant
    let measurement: Measurement

    static let table = RecordTable(
        "observation",
        indexColumns: [
            .integer("series"), .integer("observed_at"), .integer("received_at"), .integer("expires_at"),
            .integer("result"),
        ],
        indexes: [
            // Covers what verdicts read, so that a million rows are judged without touching a sealed body.
            TableDefinition.Index("series", "observed_at", "received_at", "expires_at", "result", "entry", "position")
        ])

    var indexColumns: [SQLValue] {
        [
            .integer(series), .integer(observedAt.milliseconds), .integer(receivedAt.milliseconds),
            .integer(expiresAt.milliseconds), .integer(measurement.result.code),
        ]
    }
}

extension CheckResult {
    /// The number that stands for the result in an index column; never reused for another.
    var code: Int64 {
        switch self {
        case .pass: 1
        case .fail: 2
        case .unknown: 3
        case .notApplicable: 4
        case .error: 5
        }
    }

    /// What is not a known code is unknown, and so never a pass.
    init(code: Int64) {
        self = Self.allCases.first { $0.code == code } ?? .unknown
    }
}
