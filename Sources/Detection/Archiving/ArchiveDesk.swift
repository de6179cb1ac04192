import Foundation
import Kernel
import LogArchive
import Store

/// Knows the segments of an organisation's archive: their keys, what is in them, and when they go.
public struct ArchiveDesk: Sendable {
    private let database: Database
    private let folder: String
    /// This server, as its data folder names it.
    let node: String

    /// A desk over `database`.
    ///
    /// - Parameters:
    ///   - folder: Where this server keeps segments.
    ///   - node: This server's name in its data folder.
    public init(database: Database, folder: String, node: String) {
        self.database = database
        self.folder = folder
        self.node = node
    }

    /// Where a segment of this server lies.
    func path(of segment: Identifier<ArchivedSegment>, in organisation: Identifier<Organisation>) -> String {
        "\(folder)/\(organisation)/\(segment).segment"
    }

    /// Makes the folder of an organisation's segments.
    func prepare(for organisation: Identifier<Organisation>) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(organisation)", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw Problem(
                .unavailable, code: "archive.folder", "The folder for logs cannot be made.",
                hint: "Check that the data folder belongs to the user that runs Vouchsafe, and that the disk has room.",
                place: Problem.Place(file: folder), cause: "\(error)")
        }
    }

    /// Writes down a new segment and its key, before anything is in its file.
    func begin(
        _ id: Identifier<ArchivedSegment>, key: [UInt8], in organisation: Identifier<Organisation>
    ) async throws -> ArchivedSegment {
        try await database.scope(organisation, as: .job(.detection)).change("log-segment.begun") { [node] change in
            let segment = ArchivedSegment(
                id: id, sequence: change.entryNumber, node: node, key: key, openedAt: change.now)
            try change.insert(segment)
            return segment
        }
    }

    /// Writes down what is in a closed segment, its hash, and how far each stream was kept.
    func close(
        _ id: Identifier<ArchivedSegment>, _ summary: SegmentSummary, positions: [StreamPositions.Position],
        in organisation: Identifier<Organisation>
    ) async throws {
        try await database.scope(organisation, as: .job(.detection)).change(
            "log-segment.closed", on: "log-segment:\(id)"
        ) { [node] change in
            let stored = try change.view.require(ArchivedSegment.self, id)
            try change.update(stored, to: stored.record.closed(summary))
            // What is gone is not followed any more.
            let sources = Set(
                try change.view.list(WatchedLog.self, Query("removed_at IS NULL")).map(\.record.id))
            let reached = StreamPositions(
                id: LogProgress.id(of: node), positions: positions.filter { sources.contains($0.source) })
            if let known = try change.view.find(StreamPositions.self, reached.id) {
                try change.update(known, to: reached)
            } else {
                try change.insert(reached)
            }
        }
    }

    /// The segments that this server has not closed, oldest first.
    func unclosed(in organisation: Identifier<Organisation>) async throws -> [ArchivedSegment] {
        try await database.scope(organisation, as: .job(.detection)).read { [node] view in
            try view.list(ArchivedSegment.self, Query("to_at IS NULL")).map(\.record)
                .filter { $0.node == node && $0.summary == nil }.sorted { $0.sequence < $1.sequence }
        }
    }

    /// How far this server kept each stream in the segments that are closed.
    func positions(in organisation: Identifier<Organisation>) async throws -> [StreamPositions.Position] {
        try await database.scope(organisation, as: .job(.detection)).read { [node] view in
            try view.find(StreamPositions.self, LogProgress.id(of: node))?.record.positions ?? []
        }
    }

    /// Destroys what was received before `end`: first the rows with the only keys, which the ledger tells of, then the files.
    ///
    /// - Returns: How many segments went.
    @discardableResult
    public func delete(
        before end: Instant, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Int {
        let gone = try await database.scope(organisation, as: principal).read { [node] view in
            try view.list(ArchivedSegment.self, Query("to_at < ?", [.integer(end.milliseconds)], order: "to_at"))
                .map(\.record).filter { $0.node == node }
        }
        for segment in gone {
            try await database.scope(organisation, as: principal).change(
                "log-segment.deleted", on: "log-segment:\(segment.id)"
            ) { change in
                try change.delete(try change.view.require(ArchivedSegment.self, segment.id))
            }
            remove(segment.id, in: organisation)
        }
        return gone.count
    }

    /// Removes a file whose key is gone; one that stays is of no use to anybody.
    func remove(_ segment: Identifier<ArchivedSegment>, in organisation: Identifier<Organisation>) {
        unlink(path(of: segment, in: organisation))
    }

    /// What a verification of the archive found.
    public struct Verification: Sendable {
        /// How many segments were read.
        public internal(set) var segments = 0
        /// How many records they hold.
        public internal(set) var records = 0
        /// What is not as it was written, by file and block.
        public internal(set) var problems: [Problem] = []
    }

    /// Reads every closed segment of this server, and compares it with what the ledger covers.
    public func verify(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Verification {
        let segments = try await database.scope(organisation, as: principal).read { [node] view in
            try view.list(ArchivedSegment.self, Query("to_at IS NOT NULL", order: "opened_at")).map(\.record)
                .filter { $0.node == node }
        }
        var found = Verification()
        for segment in segments {
            let path = path(of: segment.id, in: organisation)
            do {
                let reader = try SegmentReader.open(
                    path, id: segment.id.retyped(), key: segment.key, expected: segment.summary)
                found.records += try reader.verify(against: segment.summary).records
                found.segments += 1
            } catch {
                found.problems.append(error)
            }
        }
        return found
    }

    /// How much is archived: records and bytes of closed segments.
    public func size(
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> (records: Int, bytes: Int) {
        try await database.scope(organisation, as: principal).read { view in
            var records: Int64 = 0
            var bytes: Int64 = 0
            try view.scan(ArchivedSegment.self, columns: ["records", "size"]) { row in
                records += row[0]
                bytes += row[1]
            }
            return (Int(records), Int(bytes))
        }
    }

    /// The segments that hold records of a period, oldest first, each opened with its key; the ledger tells that somebody looked.
    func open(
        from start: Instant, until end: Instant, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [ArchivedSegment] {
        try await database.scope(organisation, as: principal).change("logs.searched") { change in
            try change.view.list(
                ArchivedSegment.self,
                Query(
                    "(from_at IS NULL AND opened_at <= ?) OR (from_at <= ? AND to_at >= ?)",
                    [.integer(end.milliseconds), .integer(end.milliseconds), .integer(start.milliseconds)],
                    order: "opened_at")
            ).map(\.record)
        }
    }
}
