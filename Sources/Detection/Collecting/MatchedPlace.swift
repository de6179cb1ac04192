import Kernel
import Store

/// Up to which record of each source one server has counted: written with the counts, so that a restart counts nothing twice.
enum MatchedPlace {
    static let table = TableDefinition(
        "log_counted", kind: .disposable,
        columns: [.text("node"), .blob("source"), .integer("segment"), .integer("number")],
        primaryKey: ["node", "source"])

    static func write(
        _ places: [Identifier<WatchedLog>: RecordPlace], on node: String, in touch: Touch
    ) throws {
        for (source, place) in places {
            try touch.execute(
                table,
                """
                INSERT INTO log_counted (organisation, node, source, segment, number) VALUES (?, ?, ?, ?, ?) \
                ON CONFLICT (organisation, node, source) DO UPDATE SET segment = excluded.segment, number = excluded.number
                """,
                [
                    .text(node), .blob(source.bytes), .integer(place.segment),
                    .integer(Int64(clamping: place.number)),
                ])
        }
    }

    static func read(on node: String, in touch: Touch) throws -> [Identifier<WatchedLog>: RecordPlace] {
        var places: [Identifier<WatchedLog>: RecordPlace] = [:]
        try touch.rows(
            table, "SELECT source, segment, number FROM log_counted WHERE organisation = ? AND node = ?", [.text(node)]
        ) { row in
            guard let source = Identifier<WatchedLog>(bytes: row.blob(0)) else { return }
            places[source] = RecordPlace(segment: row.integer(1), number: UInt64(clamping: row.integer(2)))
        }
        return places
    }
}
