import Foundation
import Kernel
import LogArchive
import Store
import Synchronization

/// Looks through an organisation's archive.
public struct ArchiveSearch: Sendable {
    /// What was found.
    public struct Answer: Sendable {
        /// The records, in the order that was asked for.
        public internal(set) var records: [ArchivedRecord] = []
        /// Whether there are more.
        public internal(set) var hasMore = false
        /// What could not be looked at, and why.
        public internal(set) var remarks: [String] = []
    }

    private let desk: ArchiveDesk

    /// A search of what `desk` knows.
    public init(_ desk: ArchiveDesk) {
        self.desk = desk
    }

    /// Looks through the archive; the ledger tells that somebody did.
    ///
    /// - Throws: `CancellationError`, or what the database answers. What cannot be read of the archive is told in the answer.
    public func search(
        _ search: LogSearch, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> Answer {
        let segments = try await desk.open(
            from: search.from, until: search.until, in: organisation, as: principal)
        let elsewhere = Set(segments.map(\.node)).subtracting([desk.node])
        let here = segments.filter { $0.node == desk.node }.map {
            (segment: $0, path: desk.path(of: $0.id, in: organisation))
        }
        let stop = Stop()
        var answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Self.threads.addOperation { continuation.resume(returning: Self.look(search, in: here, until: stop)) }
            }
        } onCancel: {
            stop.now()
        }
        try Task.checkCancellation()
        if !elsewhere.isEmpty {
            answer.remarks.append(
                "\(elsewhere.count) other \(elsewhere.count == 1 ? "server keeps" : "servers keep") records of this time; search there too."
            )
        }
        return answer
    }

    /// How many files are open at once.
    private static let atOnce = 32

    private static func look(
        _ search: LogSearch, in segments: [(segment: ArchivedSegment, path: String)], until stop: Stop
    ) -> Answer {
        var answer = Answer()
        var left = (search.order == .newestFirst ? segments.reversed() : segments)[...]
        while !left.isEmpty, answer.records.count < search.limit, !stop.isNow {
            var part = Array(left.prefix(atOnce))
            left = left.dropFirst(atOnce)
            if search.order == .newestFirst { part.reverse() }
            look(search.limited(to: search.limit - answer.records.count), in: part, until: stop, into: &answer)
        }
        if !left.isEmpty { answer.hasMore = true }
        return answer
    }

    private static func look(
        _ search: LogSearch, in segments: [(segment: ArchivedSegment, path: String)], until stop: Stop,
        into answer: inout Answer
    ) {
        var readers: [SegmentReader] = []
        for (segment, path) in segments {
            do {
                readers.append(
                    try SegmentReader.open(
                        path, id: segment.id.retyped(), key: segment.key, expected: segment.summary))
            } catch {
                answer.remarks.append("Segment \(segment.id) cannot be read: \(error.message)")
            }
        }
        let report = search.run(over: readers, isCancelled: { stop.isNow }) { answer.records.append($0) }
        if report.ending != .everythingSeen { answer.hasMore = true }
        answer.remarks += report.unread.map(\.description)
    }

    /// A search waits for the disk, and for the processor: one at a time, beside everything else.
    private static let threads: OperationQueue = {
        let queue = OperationQueue()
        queue.name = "vouchsafe.searching"
        queue.maxConcurrentOperationCount = 1
        return queue
    }()
}

/// That nobody waits for an answer any more.
private final class Stop: Sendable {
    private let flag = Mutex(false)

    func now() { flag.withLock { $0 = true } }
    var isNow: Bool { flag.withLock { $0 } }
}
