import Kernel
import LogFormats
import Synchronization

@testable import LogReceivers

/// An intake that remembers, and that a test can fill up.
final class RecordingIntake: LogIntake {
    struct NoIntake: Error {}

    struct State {
        var batches: [(sender: LogSender, batch: LogBatch)] = []
        var faults: [ReceivingFault: Int] = [:]
        var refusedSenders: [LogSender] = []
        var dropped = 0
        var positions: [LogSender: [String: UInt64]] = [:]
        var isFull = false
        var failures = 0
        var waiting = 0
        var isStranger: @Sendable (LogSender) -> Bool = { _ in false }
    }

    let state = Mutex(State())

    func accept(_ batch: LogBatch, from sender: LogSender) async throws {
        state.withLock { $0.waiting += 1 }
        defer { state.withLock { $0.waiting -= 1 } }
        while state.withLock({ $0.isFull }) { try await Task.sleep(for: .milliseconds(2)) }
        try state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                throw NoIntake()
            }
            if let position = batch.position {
                let kept = state.positions[sender]?[position.stream] ?? 0
                // What it has already it drops, as the real one does.
                if position.end <= kept { return }
                state.positions[sender, default: [:]][position.stream] = position.end
            }
            state.batches.append((sender, batch))
        }
    }

    func offer(_ batch: LogBatch, from sender: LogSender) -> Bool {
        state.withLock { state in
            if state.isFull {
                state.dropped += batch.count
                return false
            }
            state.batches.append((sender, batch))
            return true
        }
    }

    func knows(_ sender: LogSender) -> Bool {
        let isStranger = state.withLock { $0.isStranger }
        return !isStranger(sender)
    }

    func refused(_ count: Int, from sender: LogSender, because fault: ReceivingFault) {
        state.withLock { state in
            state.faults[fault, default: 0] += count
            state.refusedSenders.append(sender)
        }
    }

    func position(of stream: String, from sender: LogSender) async throws -> UInt64? {
        state.withLock { $0.positions[sender]?[stream] }
    }

    var records: [String] {
        state.withLock { state in
            state.batches.flatMap { entry in
                (0..<entry.batch.count).map { String(decoding: entry.batch.record($0), as: UTF8.self) }
            }
        }
    }

    func records(of sender: LogSender) -> [String] {
        state.withLock { state in
            state.batches.filter { $0.sender == sender }.flatMap { entry in
                (0..<entry.batch.count).map { String(decoding: entry.batch.record($0), as: UTF8.self) }
            }
        }
    }

    func count(of sender: LogSender) -> Int {
        state.withLock { $0.batches.reduce(0) { $0 + ($1.sender == sender ? $1.batch.count : 0) } }
    }

    var count: Int { state.withLock { $0.batches.reduce(0) { $0 + $1.batch.count } } }
    var senders: Set<LogSender> { state.withLock { Set($0.batches.map(\.sender)) } }
    func faults(_ fault: ReceivingFault) -> Int { state.withLock { $0.faults[fault] ?? 0 } }
    func fill() { state.withLock { $0.isFull = true } }
    func empty() { state.withLock { $0.isFull = false } }
}

/// Waits until something has come true.
func eventually(within limit: Duration = .seconds(600), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}

/// Runs something for as long as a test looks at it, and waits for its end.
func during(_ work: @escaping @Sendable () async throws -> Void, _ body: () async throws -> Void) async throws {
    let running = Task { try await work() }
    do {
        try await body()
    } catch {
        running.cancel()
        _ = await running.result
        throw error
    }
    running.cancel()
    _ = try await running.value
}
