import Foundation
import Kernel
import Ledger
import StoreSupport
import Synchronization
import TestSupport
import Testing
import Vault

@testable import Store

/// Moves between two databases; on SQLite alone where no PostgreSQL was started.
@Suite struct RelocationTests {
    static let targets = TestDatabase.available

    private struct Ends {
        let source = TestDatabase.sqlite
        let target: TestDatabase
        let sourceFolder: TemporaryFolder
        let targetFolder: TemporaryFolder
        var seed: UInt64 = 8

        init(_ target: TestDatabase, remarks: Int = 12) async throws {
            self.target = target
            sourceFolder = try TemporaryFolder()
            targetFolder = try TemporaryFolder()
            let store = try await TestDatabase.$current.withValue(source) { [sourceFolder] in
                try await SmallInstallation.make(sourceFolder, remarks: remarks)
            }
            try await store.driver.close()
        }

        /// The same source and another target.
        init(_ target: TestDatabase, from other: Ends) throws {
            self.target = target
            sourceFolder = other.sourceFolder
            targetFolder = try TemporaryFolder()
            seed = other.seed + 1
        }

        func on<T>(_ database: TestDatabase, _ work: () async throws -> T) async throws -> T {
            try await TestDatabase.$current.withValue(database) { try await work() }
        }

        func rows(_ database: TestDatabase, _ folder: TemporaryFolder) async throws -> [String: Set<[SQLValue]>] {
            try await on(database) { try SmallInstallation.keptRows(in: folder) }
        }

        /// Moves everything; `stop` is thrown when it answers true to the number of rows copied so far.
        func move(
            key: [UInt8] = TestStore.key, schema: StoreSchema = SmallInstallation.schema,
            stopping: (@Sendable (Int) -> Bool)? = nil
        ) async throws -> Relocation.Result {
            let from = try await source.driver(in: sourceFolder)
            let real = try await target.driver(in: targetFolder)
            let counter = WriteCounter()
            let to: any DatabaseDriver = stopping.map { StoppingDriver(real, counter: counter, stopping: $0) } ?? real
            do {
                let result = try await Relocation(
                    from: from, to: to, key: try KeyEncryptionKey(bytes: key), schema: schema,
                    clock: MovableClock().clock, randomness: seededRandomness(seed)
                ).run()
                try await real.close()
                try await from.close()
                return result
            } catch {
                try await real.close()
                try await from.close()
                throw error
            }
        }
    }

    @Test(arguments: targets)
    func everythingIsThereAfterwardsAndTheSourceIsNotServed(_ target: TestDatabase) async throws {
        let ends = try await Ends(target, remarks: 700)
        let before = try await ends.rows(ends.source, ends.sourceFolder)
        let result = try await ends.move()
        #expect(result.rows == before.values.reduce(0) { $0 + $1.count })
        #expect(result.ledgers.count == 4)
        #expect(try await ends.rows(ends.source, ends.sourceFolder) == before)
        #expect(try await ends.rows(ends.target, ends.targetFolder) == before)
        let moved = await problem {
            _ = try await ends.on(ends.source) { try await SmallInstallation.open(ends.sourceFolder) }
        }
        #expect(moved?.code == "store.moved")
        try await ends.on(target) {
            let store = try await SmallInstallation.open(ends.targetFolder, seed: 6)
            try await store.write("after")
            #expect(try await store.problems().isEmpty)
            try await store.driver.close()
        }
        let again = await problem { _ = try await ends.move() }
        #expect(again?.code == "migrate.moved")
    }

    @Test(arguments: targets, [false, true])
    func whatWasMovedIsNotMovedToASecondPlace(_ target: TestDatabase, _ isBegun: Bool) async throws {
        let first = try await Ends(target)
        let second = try Ends(target, from: first)
        // Even where a move of the same state was begun there before.
        if isBegun { await #expect(throws: Problem.self) { try await second.move(stopping: { $0 > 4 }) } }
        _ = try await first.move()
        let refusal = await problem { _ = try await second.move() }
        #expect(refusal?.code == "migrate.moved")
        let opening = await Self.problemOfOpening(second)
        #expect(opening?.code == (isBegun ? "store.unfinished-transfer" : nil))
        #expect(await Self.problemOfOpening(first) == nil)
    }

    @Test func whoHadTheSourceOpenBeforeWritesNothingMoreToIt() async throws {
        let ends = try await Ends(.sqlite)
        let open = try await ends.on(.sqlite) { try await SmallInstallation.open(ends.sourceFolder, seed: 6) }
        try await open.write("before")
        _ = try await ends.move()
        let late: [@Sendable () async throws -> Void] = [
            { try await open.write("after") }, { try await open.scope.touch { _ in } },
            { _ = try await open.database.ledger(of: TestStore.one).publishCheckpoint() },
            { try await open.database.keys(of: TestStore.one).rotate(as: .operator) },
            { try await open.database.establish(Identifier(high: 1, low: 3)) },
        ]
        for write in late { #expect(await problem(write)?.code == "store.moved") }
        #expect(try await open.texts().contains("before"), "what is there can still be read")
        try await open.driver.close()
    }

    @Test(arguments: targets)
    func interruptedAnywhereTheSameMoveGoesOn(_ target: TestDatabase) async throws {
        let ends = try await Ends(target, remarks: 60)
        let before = try await ends.rows(ends.source, ends.sourceFolder)
        var interruptions = 0
        var copied = 0
        // One more batch arrives each time before the connection is lost.
        for allowed in 1...100 {
            do {
                copied += try await ends.move(stopping: { $0 > allowed }).rows
                break
            } catch let problem as Problem where problem.code == "test.stopped" {
                interruptions += 1
                let refusal = await Self.problemOfOpening(ends)
                #expect(refusal?.code == "store.unfinished-transfer")
            }
        }
        #expect(interruptions > 5)
        // The last run had little left to do.
        #expect(copied < before.values.reduce(0) { $0 + $1.count })
        #expect(try await ends.rows(ends.target, ends.targetFolder) == before)
        try await ends.on(target) {
            let store = try await SmallInstallation.open(ends.targetFolder, seed: 6)
            #expect(try await store.problems().isEmpty)
            try await store.driver.close()
        }
    }

    private static func problemOfOpening(_ ends: Ends) async -> Problem? {
        await problem {
            try await ends.on(ends.target) {
                let store = try await SmallInstallation.open(ends.targetFolder, seed: 6)
                try await store.driver.close()
            }
        }
    }

    @Test(arguments: targets)
    func aSourceThatChangedSinceIsNotMixedIn(_ target: TestDatabase) async throws {
        let ends = try await Ends(target)
        await #expect(throws: Problem.self) { try await ends.move(stopping: { $0 > 4 }) }
        try await ends.on(ends.source) {
            let store = try await SmallInstallation.open(ends.sourceFolder, seed: 4)
            try await store.write("meanwhile")
            try await store.driver.close()
        }
        let refusal = await problem { _ = try await ends.move() }
        #expect(refusal?.code == "migrate.changed")
        #expect(await Self.problemOfOpening(ends)?.code == "store.unfinished-transfer")
    }

    @Test(arguments: targets)
    func aTargetThatHoldsAnotherInstallationIsLeftAlone(_ target: TestDatabase) async throws {
        let ends = try await Ends(target)
        try await ends.on(target) {
            try await SmallInstallation.make(ends.targetFolder, seed: 44).driver.close()
        }
        let before = try await ends.rows(ends.target, ends.targetFolder)
        let refusal = await problem { _ = try await ends.move() }
        #expect(refusal?.code == "store.not-empty")
        #expect(try await ends.rows(ends.target, ends.targetFolder) == before)
        try await ends.on(ends.source) { try await SmallInstallation.open(ends.sourceFolder).driver.close() }
    }

    @Test(arguments: targets)
    func aTargetThatWasPreparedAndNeverUsedIsTaken(_ target: TestDatabase) async throws {
        let ends = try await Ends(target)
        try await ends.on(target) {
            try await SmallInstallation.open(ends.targetFolder, key: SmallInstallation.restoredKey, seed: 44).driver
                .close()
        }
        #expect(try await ends.move().ledgers.count == 4)
        #expect(
            try await ends.rows(ends.target, ends.targetFolder) == ends.rows(ends.source, ends.sourceFolder))
    }

    @Test func aWrongKeyMovesNothing() async throws {
        let ends = try await Ends(.sqlite)
        let refusal = await problem { _ = try await ends.move(key: SmallInstallation.restoredKey) }
        #expect(refusal?.code == "vault.wrong-key")
    }

    @Test(arguments: targets)
    func aRowThatWasTamperedWithIsFoundBeforeTheMoveCounts(_ target: TestDatabase) async throws {
        let ends = try await Ends(target)
        try await ends.on(ends.source) {
            try ends.sourceFolder.withRawDatabase {
                try $0.execute("UPDATE remark SET state = 'closed' WHERE rank = 3")
            }
        }
        let refusal = await problem { _ = try await ends.move() }
        #expect(refusal?.code == "migrate.unverified")
        #expect(await Self.problemOfOpening(ends)?.code == "store.unfinished-transfer")
        try await ends.on(ends.source) { try await SmallInstallation.open(ends.sourceFolder).driver.close() }
    }
}

/// How many writes were done.
final class WriteCounter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// A driver whose connection is lost after some writes.
struct StoppingDriver: DatabaseDriver {
    private let driver: any DatabaseDriver
    private let counter: WriteCounter
    private let stopping: @Sendable (Int) -> Bool

    init(_ driver: any DatabaseDriver, counter: WriteCounter, stopping: @escaping @Sendable (Int) -> Bool) {
        self.driver = driver
        self.counter = counter
        self.stopping = stopping
    }

    var product: String { driver.product }

    func migrate(
        _ migrations: [Migration], _ body: @escaping @Sendable (any SQLSession) throws -> Void
    ) async throws { try await driver.migrate(migrations, body) }

    func read<T: Sendable>(
        organisation: Identifier<Organisation>, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T { try await driver.read(organisation: organisation, body) }

    func snapshot<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await driver.snapshot(body)
    }

    func write(_ write: WaitingWrite) {
        guard !stopping(counter.next()) else {
            return write.fail(Problem(.unavailable, code: "test.stopped", "The connection was lost."))
        }
        driver.write(write)
    }

    func scrub() async throws { try await driver.scrub() }
    func integrityProblems() async throws -> [String] { try await driver.integrityProblems() }
    func close() async throws { try await driver.close() }
}
