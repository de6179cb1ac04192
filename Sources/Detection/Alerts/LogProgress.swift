import Kernel
import Store

/// Up to which record of each source one server has raised alerts: written with them, so that what is matched again after a
/// crash raises nothing twice.
struct LogProgress: Record, Codable, Hashable {
    /// The server's.
    let id: Identifier<LogProgress>
    /// For each source, the last record whose matches are in.
    private(set) var places: [Identifier<WatchedLog>: RecordPlace]

    static let table = RecordTable("log_progress")

    var indexColumns: [SQLValue] { [] }

    init(id: Identifier<LogProgress>) {
        self.id = id
        places = [:]
    }

    mutating func advance(_ newer: [Identifier<WatchedLog>: RecordPlace]) {
        places.merge(newer) { max($0, $1) }
    }

    /// Where a server's progress stands: its name has sixteen letters, which are taken as they are.
    static func id(of node: String) -> Identifier<LogProgress> {
        Identifier(bytes: node.utf8.prefix(16)) ?? Identifier(high: 0, low: 0)
    }
}
