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
    /// The most streams whose positions are remembered.
    private static let streamLimit = 10_000

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
                guard let writer = state.writer, let segment = state.segment?.id else { return nil }
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
        if fates == nil { try await closeIfDue(at: .distantFuture, always: true) }
        return fates
    }

    /// What of a batch was not kept before; `nil` for nothing. Whole parts are told by their end; where a stream counts
    /// records, also a part that overlaps.
    private static func unknownPart(of item: Item, positions: inout [OriginStream: UInt64]) -> LogBatch? {
        guard let position = item.batch.position else { return item.batch.isEmpty ? nil : item.batch }
        let stream = OriginStream(source: item.source.retyped(), stream: position.stream)
        let known = positions[stream] ?? 0
        guard position.end > known else { return nil }
        if positions.count < streamLimit || positions[stream] != nil { positions[stream] = position.end }
        guard position.start < known, position.end - position.start == UInt64(item.batch.count) else {
            return item.batch.isEmpty ? nil : item.batch
        }
        var rest = LogBatch(
            receivedAt: item.batch.receivedAt,
            position: LogBatch.Position(stream: position.stream, start: known, end: position.end))
        for index in Int(known - position.start)..<item.batch.count { rest.append(item.batch.record(index)) }
        return rest
    }

    /// Up to where a stream was kept.
    func position(of stream: String, from source: Identifier<WatchedLog>) -> UInt64? {
        state.withLock { $0.positions[OriginStream(source: source.retyped(), stream: stream)] }
    }

    private func begin() async throws {
        try desk.prepare(for: organisation)
        let segment = try await desk.begin(in: organisation)
        let path = desk.path(of: segment.id, in: organisation)
        try await onThread { [self] in
            try state.withLock { state in
                guard state.writer == nil else { return }
                state.writer = try SegmentWriter.create(
                    path, id: segment.id.retyped(), key: segment.key, randomness: randomness)
                state.segment = segment
            }
        }
    }

    // MARK: - Segments

    /// Ends the open segment if it is large or old enough, or always.
    func closeIfDue(at now: Instant, always: Bool = false) async throws {
        let isDue = state.withLock { state in
            guard let writer = state.writer, let segment = state.segment, !writer.blocks.isEmpty else { return false }
            return always || writer.size >= Self.largest || now - segment.openedAt >= Self.longest
        }
        guard isDue else { return }
        let closed = try await onThread { [self] in
            try state.withLock { state -> (Identifier<ArchivedSegment>, SegmentSummary)? in
                guard let writer = state.writer, let segment = state.segment else { return nil }
                let summary = try writer.close()
                state.writer = nil
                state.segment = nil
                return (segment.id, summary)
            }
        }
        guard let closed else { return }
        try await desk.close(closed.0, closed.1, positions: streamPositions(), in: organisation)
    }

    /// Lets the open segment go as it is, for whoever goes on with it.
    func letGo() {
        state.withLock { state in
            state.writer = nil
            state.segment = nil
        }
    }

    private func streamPositions() -> [ArchivedSegment.StreamPosition] {
        state.withLock { state in
            state.positions.map {
                ArchivedSegment.StreamPosition(source: $0.key.source.retyped(), stream: $0.key.stream, end: $0.value)
            }
        }
    }

    /// Goes on where this server stopped: finds the segment that was open, and gives out what is in it, for it may not have
    /// been matched.
    func resume(_ each: @Sendable (Identifier<WatchedLog>, LogBatch, RecordPlace) async throws -> Void) async throws {
        for position in try await desk.positions(in: organisation) {
            state.withLock {
                $0.positions[OriginStream(source: position.source.retyped(), stream: position.stream)] = position.end
            }
        }
        let unclosed = try await desk.unclosed(in: organisation)
        for (index, segment) in unclosed.enumerated() {
            try await resume(segment, isLast: index == unclosed.count - 1, each)
        }
    }

    private func resume(
        _ segment: ArchivedSegment, isLast: Bool,
        _ each: @Sendable (Identifier<WatchedLog>, LogBatch, RecordPlace) async throws -> Void
    ) async throws {
        let path = desk.path(of: segment.id, in: organisation)
        // Either its row was the last thing before the end, or somebody took the file away: the ledger tells it either way.
        guard FileManager.default.fileExists(atPath: path) else {
            return try await desk.miss(segment.id, in: organisation)
        }
        do {
            let blocks = try await onThread { [self] in
                try state.withLock { state in
                    let writer = try SegmentWriter.resume(
                        path, id: segment.id.retyped(), key: segment.key, randomness: randomness)
                    for (stream, position) in writer.newestPositions { state.positions[stream] = position.end }
                    state.writer = writer
                    state.segment = segment
                    return writer.blocks
                }
            }
            for block in blocks {
                let batches = try await onThread {
                    try SegmentReader.open(path, id: segment.id.retyped(), key: segment.key).records(of: block)
                }
                var number = UInt64(block.firstRecord)
                for batch in batches {
                    try await each(
                        block.source.retyped(), batch, RecordPlace(segment: segment.id, number: number))
                    number += UInt64(batch.count)
                }
            }
            if !isLast { try await closeIfDue(at: .distantFuture, always: true) }
        } catch let problem as Problem where problem.code == "archive.segment-closed" {
            // It was closed, and what is in it was not written down.
            let summary = try await onThread {
                try SegmentReader.open(path, id: segment.id.retyped(), key: segment.key).verify()
            }
            try await desk.close(segment.id, summary, positions: streamPositions(), in: organisation)
        }
    }
}
