import Foundation
import GRDB
import Kernel
import Store
import TestSupport
import Testing

@testable import StoreSQLite

@Suite struct OpeningTests {
    @Test func theWriterSyncsEveryCommit() async throws {
        let store = try await TestStore.make()
        try await store.write("one")
        let (synchronous, journal, temporary) = try await store.driver.onWriter { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA temp_store")
            )
        }
        #expect(synchronous == 2, "FULL")
        #expect(journal == "wal")
        #expect(temporary == 2, "MEMORY")
    }

    @Test func whatWasWrittenIsThereAfterOpeningAgain() async throws {
        let store = try await TestStore.make()
        try await store.write("kept")
        try await store.driver.close()
        let again = try await TestStore.open(store.folder, seed: 2)
        #expect(try await again.texts() == ["kept"])
        try await again.write("more")
        #expect(try await again.problems().isEmpty)
    }

    @Test func aWrongKeyIsRefusedAndNoByteChanges() async throws {
        let store = try await TestStore.make()
        try await store.write("sealed")
        try await store.driver.close()
        let before = try store.folder.allBytes()
        // A migration that is due must not happen either.
        let newer = TestStore.migrations + [Migration("test.2", creates: [Self.extra])]
        let refusal = await problem {
            _ = try await TestStore.open(store.folder, key: [UInt8](repeating: 8, count: 32), migrations: newer)
        }
        #expect(refusal?.code == "vault.wrong-key")
        #expect(refusal?.kind == .refused)
        #expect(try store.folder.allBytes() == before)
    }

    @Test(arguments: ["data_key", "signing_key"])
    func lostKeysAreNeverReplacedByNewOnes(_ table: String) async throws {
        let store = try await TestStore.make()
        try await store.database.installation(as: .operator).change("remark.made") { change in
            try change.insert(TestStore.remark("sealed", in: change))
        }
        try await store.driver.close()
        try store.folder.runSQL("DELETE FROM \(table)")
        let refusal = await problem { _ = try await TestStore.open(store.folder) }
        #expect(refusal?.code == "store.damaged-key")
    }

    @Test func dataOfANewerVersionIsLeftAlone() async throws {
        let store = try await TestStore.make()
        try await store.driver.close()
        let newer = TestStore.migrations + [Migration("test.2", creates: [Self.extra])]
        let upgraded = try await TestStore.open(store.folder, migrations: newer)
        try await upgraded.driver.close()
        let refusal = await problem { _ = try await TestStore.open(store.folder) }
        #expect(refusal?.code == "store.newer-schema")
        #expect(refusal?.message.contains("test.2") == true)
    }

    @Test func aFailedMigrationLeavesTheSchemaAsItWas() async throws {
        let store = try await TestStore.make()
        try await store.write("kept")
        try await store.driver.close()
        let broken = TestStore.migrations + [Migration("test.2", creates: [Self.extra, scratch])]
        #expect(await problem { _ = try await TestStore.open(store.folder, migrations: broken) } != nil)
        let again = try await TestStore.open(store.folder)
        #expect(try await again.texts() == ["kept"])
    }

    @Test(arguments: [
        "",
        "not a database, but long enough to have a header of one hundred bytes, which SQLite reads first of all; so.",
    ])
    func aFileThatIsNoDatabaseIsRefusedOrMadeOne(_ content: String) async throws {
        let folder = try TemporaryFolder()
        try Data(content.utf8).write(to: URL(fileURLWithPath: folder.database))
        let refusal = await problem { _ = try await TestStore.open(folder) }
        #expect(refusal?.code == (content.isEmpty ? nil : "store.corrupt"))
    }

    @Test func aFolderThatIsNotThereIsNamedAsTheReason() async throws {
        let refusal = await problem { _ = try SQLiteDriver(path: "/nonexistent/folder/vouchsafe.db") }
        #expect(refusal?.code == "store.cannot-open")
    }

    @Test func twoProcessesOnOneFileKeepOneDenseLedger() async throws {
        let one = try await TestStore.make()
        let two = try await TestStore.open(one.folder, seed: 99)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                let store = number.isMultiple(of: 2) ? one : two
                group.addTask { try await store.write("\(number)") }
            }
            try await group.waitForAll()
        }
        #expect(try await one.size() == 20)
        #expect(try await two.problems().isEmpty)
    }

    @Test func anOrganisationThatIsNotThereIsNotFound() async throws {
        let store = try await TestStore.make()
        let stranger = store.database.scope(Identifier(high: 9, low: 9), as: .operator)
        #expect(await problem { try await stranger.change("remark.made") { _ in } }?.code == "store.no-organisation")
    }

    private static let extra = TableDefinition(
        "extra", kind: .disposable, columns: [.integer("id")], primaryKey: ["id"])
}

@Suite struct FailingDiskTests {
    @Test func aFullDiskLosesNothingAndHealsWithoutARestart() async throws {
        let store = try await TestStore.make()
        try await store.write("before")
        let pages = try await store.driver.onWriter { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
            return pages
        }
        let large = String(repeating: "x", count: 200_000)
        let refusal = await problem { try await store.write(large) }
        #expect(refusal?.code == "store.disk-full")
        #expect(refusal?.kind == .unavailable)
        #expect(try await store.texts() == ["before"])
        #expect(try await store.size() == 1)

        try await store.driver.onWriter { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 10_000)") }
        try await store.write(large)
        #expect(try await store.texts() == ["before", large])
        #expect(try await store.problems().isEmpty)
    }

    @Test func aFullDiskRefusesWhatDoesNotFitAndKeepsItsNeighbours() async throws {
        let store = try await TestStore.make()
        try await store.driver.onWriter { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages + 40)")
        }
        let acknowledged = await withTaskGroup(of: String?.self) { group in
            for number in 0..<24 {
                let text = "\(number)" + String(repeating: "y", count: number.isMultiple(of: 4) ? 400_000 : 10)
                group.addTask { await problem { try await store.write(text) } == nil ? text : nil }
            }
            return await group.reduce(into: Set<String>()) { if let text = $1 { $0.insert(text) } }
        }
        #expect(acknowledged.allSatisfy { $0.utf8.count < 100 })
        #expect(try await Set(store.texts()) == acknowledged)
        #expect(try await store.size() == UInt64(acknowledged.count))
        #expect(try await store.problems().isEmpty)
    }

    @Test func aDatabaseThatCannotBeWrittenSaysSo() async throws {
        let store = try await TestStore.make()
        try await store.write("before")
        try await store.driver.onWriter { try $0.execute(sql: "PRAGMA query_only = ON") }
        #expect(await problem { try await store.write("refused") }?.code == "store.read-only")
        #expect(try await store.texts() == ["before"])
        try await store.driver.onWriter { try $0.execute(sql: "PRAGMA query_only = OFF") }
        try await store.write("after")
        #expect(try await store.problems().isEmpty)
    }
}
