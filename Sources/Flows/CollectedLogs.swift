import Commitments
import Detection
import Kernel
import LogFormats
import Store

/// What this server collects: where records come in, and where they are kept.
public struct CollectedLogs: Sendable {
    /// Where records come in.
    public let pipeline: LogPipeline<EvidenceDesk>
    /// Where they are kept.
    public let archives: ArchiveDesk

    /// Both of them.
    public init(pipeline: LogPipeline<EvidenceDesk>, archives: ArchiveDesk) {
        self.pipeline = pipeline
        self.archives = archives
    }

    /// How sources stand now on this server.
    public var live: LiveLogs { { [pipeline] in pipeline.live($0) } }
}

extension Rooms {
    /// Takes records that a program sent for a source, one a line, and answers when they are kept.
    ///
    /// - Parameters:
    ///   - position: Which part of a stream they are, counted in records, so that what is sent twice is kept once.
    /// - Returns: How many of them are new.
    /// - Throws: `Problem` of kind `notFound`, `logs.not-https` for a source whose records come in another way,
    ///   `logs.not-collecting`, `logs.too-much` with when to try again, or why they could not be kept.
    public func takeRecords(
        _ body: [UInt8], of source: String, position: (stream: String, start: UInt64)?, into logs: CollectedLogs,
        in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Int {
        let source = try await self.logs.find(source, in: organisation, as: principal)
        guard case .https = source.settings.way else {
            throw Problem(
                .conflict, code: "logs.not-https", "The records of this source come in another way.",
                hint: "Register a source of its own for what a program sends.")
        }
        guard logs.pipeline.isRunning else {
            throw Problem(
                .unavailable, code: "logs.not-collecting", "This server collects no logs.",
                hint: "Send the records to a server that runs its jobs.", retryAfter: .seconds(30))
        }
        var batch = LogBatch(receivedAt: clock.now())
        for line in body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if !line.isEmpty { batch.append(line) }
        }
        guard !batch.isEmpty else {
            throw Problem(
                .invalid, code: "logs.empty", "There is no record in it.", hint: "Send one record a line.")
        }
        guard batch.count <= 200_000 else {
            throw Problem(
                .tooLarge, code: "logs.too-many", "These are more than 200,000 records.",
                hint: "Send them in several parts.")
        }
        if let position {
            guard position.stream.utf8.count <= 200, !position.stream.isEmpty else {
                throw Problem(
                    .invalid, code: "logs.stream", "A stream has a name of at most 200 bytes.",
                    place: Problem.Place(field: "stream"))
            }
            guard try await logs.pipeline.mayHave(stream: position.stream, of: source.id) else {
                throw Problem(
                    .conflict, code: "logs.streams", "This source has too many streams already.",
                    hint: "Give what is sent from one place the same stream each time.",
                    place: Problem.Place(field: "stream"))
            }
            // A part that comes before the one in front of it would later be taken for known.
            if let known = try await logs.pipeline.position(of: position.stream, from: source.id),
                position.start > known
            {
                throw Problem(
                    .conflict, code: "logs.gap", "Records of this stream are missing in between.",
                    hint: "Send from record \(known) on.", place: Problem.Place(field: "start"))
            }
            batch.position = LogBatch.Position(
                stream: position.stream, start: position.start, end: position.start + UInt64(batch.count))
        }
        do {
            return try await logs.pipeline.store(batch, of: source.id)
        } catch let problem as Problem where problem.code == "log-source.not-found" {
            // It was registered within the last second, and is not watched yet.
            throw Problem(
                .unavailable, code: "logs.not-ready", "This source is about to be watched.",
                hint: "Send the same records again in a second.", retryAfter: .seconds(1))
        }
    }
}
