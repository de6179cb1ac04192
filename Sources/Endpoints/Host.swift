import Kernel
import Store

/// A machine whose posture is watched.
public struct Host: Record, Codable, Hashable {
    /// Its identifier, unique within the organisation.
    public let id: Identifier<Host>
    /// The name that people know it by.
    public let name: String
    /// The server that runs on it and looks at it from there; `nil` if none does.
    public let node: String?
    /// From when on it counts in the population.
    public let enrolledAt: Instant
    /// From when on it no longer counts; `nil` while it does.
    public let retiredAt: Instant?

    /// Where its rows lie.
    public static let table = RecordTable(
        "host", indexColumns: [.integer("enrolled_at"), .integer("retired_at").optional])

    /// The values of `table.indexColumns`, in that order.
    public var indexColumns: [SQLValue] {
        [.integer(enrolledAt.milliseconds), retiredAt.map { .integer($0.milliseconds) } ?? .null]
    }

    /// The host as checks and verdicts see it.
    public var subject: Subject { Subject(kind: .host, id: id.retyped()) }

    func retired(at moment: Instant) -> Host {
        Host(id: id, name: name, node: node, enrolledAt: enrolledAt, retiredAt: moment)
    }
}
