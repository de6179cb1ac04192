import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@Suite(.onEveryDatabase) struct LeaseTests {
    private let names = (0..<40).map { "job \($0)" }

    private func claim(
        _ names: [String], in store: TestStore, for holder: LeaseHolder, minutes: Int = 1
    ) async throws -> [Lease] {
        let now = store.clock.now
        return try await store.scope.touch { touch in
            try touch.claim(names, until: now + .minutes(minutes), at: now, for: holder)
        }
    }

    @Test func twoProcessesShareTheWorkAndDoNothingTwice() async throws {
        let one = try await TestStore.make()
        let two = try await TestStore.open(one.folder, seed: 50, clock: one.clock)
        let holders = [LeaseHolder(randomness: seededRandomness(60)), LeaseHolder(randomness: seededRandomness(61))]
        // The rows are there from an earlier day.
        for lease in try await claim(names, in: one, for: LeaseHolder(randomness: seededRandomness(62))) {
            try await one.scope.touch { try $0.release(lease) }
        }
        let claimed = try await withThrowingTaskGroup(of: [Lease].self) { group in
            for number in 0..<40 {
                let (store, holder) = number.isMultiple(of: 2) ? (one, holders[0]) : (two, holders[1])
                // Each asks for all of them, a few at a time, in another order.
                let wanted = Array((names[number...] + names[..<number]).prefix(10))
                group.addTask { try await claim(wanted, in: store, for: holder) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(claimed.map(\.name)).count == 40)
        for name in names {
            let held = try await one.scope.touch { touch in
                try claimed.filter { $0.name == name }.count { try touch.holds($0) }
            }
            #expect(held == 1, "\(name) has one holder")
        }
    }

    @Test func whatIsTakenIsNotGivenToAnotherUntilItEnds() async throws {
        let store = try await TestStore.make()
        let (first, second) = (
            LeaseHolder(randomness: seededRandomness(1)), LeaseHolder(randomness: seededRandomness(2))
        )
        let lease = try #require(try await claim(["sign"], in: store, for: first).first)
        #expect(try await claim(["sign"], in: store, for: second).isEmpty)
        store.clock.move(by: .minutes(1))
        let next = try #require(try await claim(["sign"], in: store, for: second).first)
        #expect(try await store.scope.touch { try $0.holds(lease) } == false)
        #expect(try await store.scope.touch { try $0.holds(next) })
    }

    @Test func whoLostTheLeaseDoesNotSign() async throws {
        let store = try await TestStore.make()
        let (first, second) = (
            LeaseHolder(randomness: seededRandomness(1)), LeaseHolder(randomness: seededRandomness(2))
        )
        let ledger = store.database.ledger(of: TestStore.one)
        let lease = try #require(try await claim(["sign"], in: store, for: first).first)
        try await store.write("one")
        try await ledger.publishCheckpoint(under: lease)
        store.clock.move(by: .minutes(1))
        let next = try #require(try await claim(["sign"], in: store, for: second).first)
        try await store.write("two")
        #expect(await problem { try await ledger.publishCheckpoint(under: lease) }?.code == "ledger.not-signer")
        try await ledger.publishCheckpoint(under: next)
        #expect(try await store.problems().isEmpty)
    }

    @Test func whatIsGivenBackIsFreeAtOnceOrLater() async throws {
        let store = try await TestStore.make()
        let (first, second) = (
            LeaseHolder(randomness: seededRandomness(1)), LeaseHolder(randomness: seededRandomness(2))
        )
        let now = store.clock.now
        let lease = try #require(try await claim(["job"], in: store, for: first).first)
        try await store.scope.touch { try $0.release(lease, from: now + .seconds(30)) }
        #expect(try await claim(["job"], in: store, for: second).isEmpty)
        store.clock.move(by: .seconds(30))
        let next = try #require(try await claim(["job"], in: store, for: second).first)
        // The first comes back too late to give back what is the second's now.
        try await store.scope.touch { try $0.release(lease) }
        #expect(try await store.scope.touch { try $0.holds(next) })
    }
}
