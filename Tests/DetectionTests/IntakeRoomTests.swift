import Kernel
import TestSupport
import Testing

@testable import Detection

@Suite("Room for records on their way") struct IntakeRoomTests {
    private let first = owner(1, 1)
    private let second = owner(1, 2)

    private static func owner(_ organisation: UInt64, _ source: UInt64) -> IntakeRoom.Owner {
        IntakeRoom.Owner(
            organisation: Identifier(high: 0, low: organisation), source: Identifier(high: 0, low: source))
    }

    @Test func oneOrganisationLeavesRoomForAnother() {
        let room = IntakeRoom(limit: 100, limitOfOrganisation: 60, limitOfOne: 40)
        #expect(room.take(40, of: first))
        #expect(room.take(20, of: second))
        #expect(!room.take(1, of: Self.owner(1, 3)))
        #expect(room.take(40, of: Self.owner(2, 4)))
        room.leave(40, of: first)
        #expect(room.take(1, of: Self.owner(1, 3)))
    }

    @Test func aFloodFromOneSourceLeavesRoomForOthers() {
        let room = IntakeRoom(limit: 100, limitOfOne: 40)
        #expect(room.take(40, of: first))
        #expect(!room.take(1, of: first))
        #expect(room.take(40, of: second))
        #expect(room.taken == 80)
    }

    @Test func whatIsLargerThanAllRoomGoesAlone() {
        let room = IntakeRoom(limit: 100, limitOfOne: 40)
        #expect(room.take(500, of: first))
        #expect(!room.take(1, of: second))
        room.leave(500, of: first)
        #expect(room.take(1, of: second))
    }

    @Test func whoWaitsGetsRoomInTurn() async throws {
        let room = IntakeRoom(limit: 100, limitOfOne: 100)
        try await room.wait(for: 100, of: first)
        let order = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask {
                    try await room.wait(for: 60, of: first)
                    order.continuation.yield(number)
                }
                while room.waitingCount <= number { await Task.yield() }
            }
            // What is behind somebody of the same source waits behind them, however small.
            #expect(!room.take(1, of: first))
            var iterator = order.stream.makeAsyncIterator()
            for number in 0..<3 {
                room.leave(number == 0 ? 100 : 60, of: first)
                #expect(await iterator.next() == number)
            }
            try await group.waitForAll()
        }
        room.leave(60, of: first)
        #expect(room.taken == 0)
    }

    @Test func whoIsCancelledLeavesTheLineAndTakesNothing() async throws {
        let room = IntakeRoom(limit: 100, limitOfOne: 100)
        #expect(room.take(100, of: first))
        let waiting = Task { try await room.wait(for: 50, of: first) }
        while room.waitingCount == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        room.leave(100, of: first)
        #expect(room.taken == 0)
        #expect(room.waitingCount == 0)
    }
}
