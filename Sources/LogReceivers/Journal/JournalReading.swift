import Kernel
import LogFormats

/// Takes the entries that journalctl writes, leaves out those that the intake has, and hands over the others.
struct JournalReading: Sendable {
    /// An entry that is longer is cut, and then no JSON any more: it counts as too long.
    private static let longestEntry = 1 << 20
    private static let batchSize = 256 << 10

    private let intake: any LogIntake
    private let clock: WallClock
    /// How far each boot was handed over, as far as it was asked for.
    private var reached: [String: JournalPosition] = [:]
    /// How far each boot was handed over when this journalctl began: what it repeats of that is left out.
    private var known: [String: JournalPosition?] = [:]
    private var cutter = LineCutter(limit: longestEntry)
    /// The last entry's boot and microsecond, and how many entries of it came from this journalctl.
    private var last: (boot: String, microseconds: UInt64, count: UInt64)?
    /// The last entry that was handed over or left out, as journald names it.
    private(set) var cursor: String?

    init(intake: any LogIntake, clock: WallClock) {
        self.intake = intake
        self.clock = clock
    }

    /// How far a boot was handed over.
    mutating func position(of boot: String) async throws -> JournalPosition? {
        if let position = reached[boot] { return position }
        let kept = try await intake.position(of: JournalPosition.stream(boot), from: .journal)
        if let kept { reached[boot] = JournalPosition(kept) }
        return reached[boot]
    }

    /// Another journalctl begins: what it writes first may have been handed over before.
    mutating func begin() {
        known = [:]
        cutter = LineCutter(limit: Self.longestEntry)
        last = nil
    }

    /// Takes what journalctl wrote next.
    mutating func take(_ bytes: [UInt8]) async throws {
        var lines = LogBatch(receivedAt: clock.now())
        cutter.take(bytes, into: &lines)
        let tooLong = cutter.takeTooLong()
        if tooLong > 0 { intake.refused(tooLong, from: .journal, because: .tooLong) }
        var pending = Pending(batch: LogBatch(receivedAt: lines.receivedAt))
        for index in 0..<lines.count {
            let line = lines.record(index)
            guard let entry = JournalCursor(entry: line) else {
                try await handOver(&pending)
                try await handOverCut(line, receivedAt: lines.receivedAt)
                continue
            }
            if pending.boot != entry.boot || pending.batch.bytes.count >= Self.batchSize {
                try await handOver(&pending)
            }
            pending.cursor = entry.text
            guard let position = try await place(of: entry) else { continue }
            pending.boot = entry.boot
            pending.batch.append(line)
            // Entries that stand out of order do not take the position back.
            pending.end = max(position, pending.end)
        }
        try await handOver(&pending)
    }

    /// What is to be handed over next: entries of one boot.
    private struct Pending {
        var batch: LogBatch
        var boot: String?
        var end = JournalPosition(0)
        var cursor: String?
    }

    /// Where the reading stands behind an entry; `nil` if it was handed over before.
    private mutating func place(of entry: JournalCursor) async throws -> JournalPosition? {
        let isSameMoment = last.map { $0.boot == entry.boot && $0.microseconds == entry.microseconds } ?? false
        let count = isSameMoment ? (last?.count ?? 0) + 1 : 1
        last = (entry.boot, entry.microseconds, count)
        let position = JournalPosition(microseconds: entry.microseconds, count: count)
        if known[entry.boot] == nil { known[entry.boot] = .some(try await self.position(of: entry.boot)) }
        if let before = known[entry.boot] ?? nil, position <= before { return nil }
        return position
    }

    /// An entry that was cut may have lost its cursor with the rest. It is handed over without a position: read again, it may come twice.
    private func handOverCut(_ line: ArraySlice<UInt8>, receivedAt now: Instant) async throws {
        guard line.first == UInt8(ascii: "{") else {
            // No entry: a word of the program itself.
            if !line.isEmpty { intake.refused(1, from: .journal, because: .unreadable) }
            return
        }
        var batch = LogBatch(receivedAt: now)
        batch.append(line)
        try await intake.accept(batch, from: .journal)
    }

    private mutating func handOver(_ pending: inout Pending) async throws {
        if let boot = pending.boot, !pending.batch.isEmpty {
            let start = reached[boot] ?? JournalPosition(0)
            let end = max(start, pending.end)
            pending.batch.position = LogBatch.Position(
                stream: JournalPosition.stream(boot), start: start.number, end: end.number)
            try await intake.accept(pending.batch, from: .journal)
            reached[boot] = end
        }
        if let cursor = pending.cursor { self.cursor = cursor }
        pending = Pending(batch: LogBatch(receivedAt: pending.batch.receivedAt))
    }
}
