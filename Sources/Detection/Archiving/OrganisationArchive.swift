import Foundation
import Kernel
import LogArchive
import LogFormats
import Store
import Synchronization

/// Where one organisation's records are kept on this server: appends them to the open segment, drops what was kept before, and
/// begins a new segment when one is large or old enough.
final class OrganisationArchive: Sendable {
    /// Records on their way into the archive.
    struct Item: Sendable {
        let source: Identifier<WatchedLog>
        let batch: LogBatch
    }

    /// What became of an item.
    enum Fate: Sendable {
        /// It is kept, from this place on. Without the records that were kept before.
        case kept(LogBatch, RecordPlace)
        /// All of it had been kept before.
        case known
    }

    private struct State {
        var writer: SegmentWriter?
        var segment: ArchivedSegment?
        var positions: [OriginStream: UInt64] = [:]
        /// Files that are closed, and not written down to be.
        var closed: [(segment: ArchivedSegment, summary: SegmentSummary)] = []
    }

    private let desk: ArchiveDesk
    private let organisation: Identifier<Organisation>
    private let randomness: Randomness
    private let state = Mutex(State())
    /// One thread, on which the disk is waited for.
    private let thread: OperationQueue

    /// A segment is closed when its file has so many bytes, or is so old.
    private static let largest = 64 << 20
    private static let longest = Period.hours(1)
    /// The most streams of one source whose positions are remembered.
    static let streamLimit = 1000

    init(_ desk: ArchiveDesk, of organisation: Identifier<Organisation>, randomness: Randomness) {
        self.desk = desk
        self.organisation = organisation
        self.randomness = randomness
        thread = OperationQueue()
        thread.maxConcurrentOperationCount = 1
        thread.name = "vouchsafe.archive"
    }

    private func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            thread.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }

    // MARK: - Keeping

    /// Keeps records: when this returns they survive a power cut.
    ///
    /// - Returns: What became of each, in their order.
    /// - Throws: What the disk or the database answers; none of it counts as kept then.
    func keep(_ items: [Item]) async throws -> [Fate] {
        while true {
            if let fates = try await keepInOpenSegment(items) { return fates }
            try await begin()
        }
    }

    /// - Returns: `nil` if no segment is open, or the open one is full.
    private func keepInOpenSegment(_ items: [Item]) async throws -> [Fate]? {
        let fates = try await onThread { [self] in
            try state.withLock { state -> [Fate]? in
                guard let writer = state.writer, let segment = state.segment?.sequence else { return nil }
                var positions = state.positions
                var fates = [Fate](repeating: .known, count: items.count)
                var order: [Identifier<WatchedLog>] = []
                var bySource: [Identifier<WatchedLog>: [(index: Int, batch: LogBatch)]] = [:]
                for (index, item) in items.enumerated() {
                    guard let new = Self.unknownPart(of: item, positions: &positions) else { continue }
                    if bySource[item.source] == nil { order.append(item.source) }
                    bySource[item.source, default: []].append((index, new))
                }
                do throws(Problem) {
                    for source in order {
                        let parts = bySource[source] ?? []
                        let appended = try writer.append(parts.map(\.batch), of: source.retyped())
                        var number = appended.records.lowerBound
                        for part in parts {
                            fates[part.index] = .kept(
                                part.batch, RecordPlace(segment: segment, number: UInt64(number)))
                            number += part.batch.count
                        }
                    }
                    try writer.sync()
                } catch {
                    // All of it is tried again together; a part that stayed would be there twice.
                    writer.takeBack()
                    guard error.code == "archive.segment-full" else { throw error }
                    return nil
                }
                state.positions = positions
                return fates
            }
        }
        try await closeIfDue(at: .distantPast, always: fates == nil)
        return fates
    }

    /// What of a batch was not kept before; `nil` for nothing. Whole parts are told by their end; where a stream counts
    /// records, also a part that overlaps.
    private static func unknownPart(of item: Item, positions: inout [OriginStream: UInt64]) -> LogBatch? {
        guard let position = item.batch.position else { return item.batch.isEmpty ? nil : item.batch }
        let stream = OriginStream(source: item.source.retyped(), stream: position.stream)
        let known = positions[stream] ?? 0
        guard position.end > known else { return nil }
        positions[stream] = position.end
        guard position.start < known, position.end - position.start == UInt64(item.batch.count) else {
            return item.batch.isEmpty ? nil : item.batch
        }
        var rest = LogBatch(
            receivedAt: item.batch.receivedAt,
            position: LogBatch.Position(stream: position.stream, start: known, end: position.end))
        for index in Int(known - position.start)..<item.batch.count { rest.append(item.batch.record(index)) }
        return rest
    }

    /// How many streams of a source are remembered.
    func streamCount(of source: Identifier<WatchedLog>) -> Int {
        state.withLock { state in state.positions.keys.count { $0.source == source.retyped() } }
    }

    /// Up to where a stream was kept.
    func position(of stream: String, from source: Identifier<WatchedLog>) -> UInt64? {
        state.withLock { $0.positions[OriginStream(source: source.retyped(), stream: stream)] }
    }

    private func begin() async throws {
        try desk.prepare(for: organisation)
        let id = Identifier<ArchivedSegment>(high: randomness.word(), low: randomness.word())
        let key = randomness.bytes(32)
        let path = desk.path(of: id, in: organisation)
        // The file first: a disk that is full leaves no row behind. Nothing is in it before its key is written down.
        try await onThread { [self] in
            try state.withLock { state in
                state.writer = try SegmentWriter.create(path, id: id.retyped(), key: key, randomness: randomness)
                state.segment = nil
            }
        }
        do {
            let segment = try await desk.begin(id, key: key, in: organisation)
            state.withLock { $0.segment = segment }
        } catch {
            state.withLock { $0.writer = nil }
            desk.remove(id, in: organisation)
            throw error
        }
    }

    // MARK: - Segments

    /// Ends the open segment if it is large or old enough, or always. It is written down by ``writeDown(_:)``, when all of it is
    /// dealt with.
    func closeIfDue(at now: Instant, always: Bool = false) async throws {
        try await onThread { [self] in
            try state.withLock { state in
                guard let writer = state.writer, let segment = state.segment, !writer.blocks.isEmpty,
                    always || writer.size >= Self.largest || now - segment.openedAt >= Self.longest
                else { return }
                state.closed.append((segment, try writer.close()))
                state.writer = nil
                state.segment = nil
            }
        }
    }

    /// Which closed segments wait to be written down.
    var closedSegments: [Int64] { state.withLock { $0.closed.map(\.segment.sequence) } }

    /// Writes down what is in closed segments. Until then they are matched again after a crash.
    func writeDown(_ sequences: Set<Int64>) async throws {
        let due = state.withLock { $0.closed.filter { sequences.contains($0.segment.sequence) } }
        for (segment, summary) in due {
            try await desk.close(segment.id, summary, positions: streamPositions(), in: organisation)
            state.withLock { $0.closed.removeAll { $0.segment.id == segment.id } }
        }
    }

    /// Lets the open segment go as it is, for whoever goes on with it.
    func letGo() {
        state.withLock { state in
            state.writer = nil
            state.segment = nil
        }
    }

    private func streamPositions() -> [StreamPositions.Position] {
        state.withLock { state in
            state.positions.map {
                StreamPositions.Position(source: $0.key.source.retyped(), stream: $0.key.stream, end: $0.value)
            }
        }
    }

    // MARK: - Going on

    /// What was kept and may not have been matched.
    struct Unfinished: Sendable {
        fileprivate let segment: ArchivedSegment
        fileprivate let blocks: [SegmentBlock]
    }

    /// Goes on where this server stopped: takes up the segment that was open.
    ///
    /// - Parameter tell: Told of segments that cannot be taken up; they stay as they are.
    /// - Returns: What may not have been matched, oldest first.
    func resume(_ tell: @Sendable (any Error) -> Void) async throws -> [Unfinished] {
        for position in try await desk.positions(in: organisation) {
            state.withLock {
                $0.positions[OriginStream(source: position.source.retyped(), stream: position.stream)] = position.end
            }
        }
        let unclosed = try await desk.unclosed(in: organisation)
        var unfinished: [Unfinished] = []
        for (index, segment) in unclosed.enumerated() {
            do {
                unfinished.append(try await resume(segment))
                if index < unclosed.count - 1 { try await closeIfDue(at: .distantFuture, always: true) }
            } catch {
                tell(error)
            }
        }
        return unfinished
    }

    private func resume(_ segment: ArchivedSegment) async throws -> Unfinished {
        let path = desk.path(of: segment.id, in: organisation)
        return try await onThread { [self] in
            try state.withLock { state in
                do throws(Problem) {
                    let writer = try SegmentWriter.resume(
                        path, id: segment.id.retyped(), key: segment.key, randomness: randomness)
                    for (stream, position) in writer.newestPositions { state.positions[stream] = position.end }
                    state.writer = writer
                    state.segment = segment
                    return Unfinished(segment: segment, blocks: writer.blocks)
                } catch {
                    guard error.code == "archive.segment-closed" else { throw error }
                    // It was closed, and the end came before it was written down to be.
                    let reader = try SegmentReader.open(path, id: segment.id.retyped(), key: segment.key)
                    state.closed.append((segment, try reader.verify()))
                    return Unfinished(segment: segment, blocks: try reader.blocks)
                }
            }
        }
    }

    /// Gives out what may not have been matched.
    func replay(
        _ unfinished: Unfinished,
        _ each: @Sendable (Identifier<WatchedLog>, LogBatch, RecordPlace) async throws -> Void
    ) async throws {
        let path = desk.path(of: unfinished.segment.id, in: organisation)
        for block in unfinished.blocks {
            let batches = try await onThread { [segment = unfinished.segment] in
                try SegmentReader.open(path, id: segment.id.retyped(), key: segment.key).records(of: block)
            }
            var number = UInt64(block.firstRecord)
            for batch in batches {
                try await each(
                    block.source.retyped(), batch,
                    RecordPlace(segment: unfinished.segment.sequence, number: number))
                number += UInt64(batch.count)
            }
        }
    }
}

extension Randomness {
    fileprivate func word() -> UInt64 { bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
