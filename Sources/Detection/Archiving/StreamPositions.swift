import Kernel
import Store

/// How far one server has kept each stream that can be read again; it outlives the records themselves.
struct StreamPositions: Record, Codable, Hashable {
    /// How far a stream was kept.
    struct Position: Codable, Hashable, Sendable {
        let source: Identifier<WatchedLog>
        let stream: String
        let end: UInt64
    }

    /// The server's.
    let id: Identifier<LogProgress>
    let positions: [Position]

    static let table = RecordTable("log_position")

    var indexColumns: [SQLValue] { [] }
}
