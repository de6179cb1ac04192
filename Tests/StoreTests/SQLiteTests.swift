import Foundation
import GRDB
import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@testable import StoreSQLite

extension TestStore {
    /// Runs `body` on the connection that writes to the file.
    func onWriter<T: Sendable>(_ body: @escaping @Sendable (GRDB.Database) throws -> T) async throws -> T {
        try await #require(driver as? SQLiteDriver).onWriter(body)
    }
}

/// What holds for a file only.
@Suite struct SQLiteTests {
    @Test func theWriterSyncsEveryCommit() async throws {
        let store = try await TestStore.make()
        try await store.write("one")
        let (synchronous, journal, temporary) = try await store.onWriter { database in
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
}

/// What deleted rows leave in the file and its log.
@Suite struct ScrubbingTests {
    private func files(_ store: TestStore, hold bytes: [UInt8]) throws -> Bool {
        try ["", "-wal"].contains { suffix in
            let path = store.folder.database + suffix
            guard FileManager.default.fileExists(atPath: path) else { return false }
            return try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(bytes)) != nil
        }
    }

    @Test func aLongReaderPutsItOffAndFailsNothing() async throws {
        let store = try await TestStore.make()
        let person = try await store.hang("Rumpelstilzchen")
        let key = try store.folder.withRawDatabase { try $0.rows("SELECT wrapped FROM subject_key") }
        guard case .blob(let wrapped) = key[0][0] else { throw CancellationError() }
        #expect(try files(store, hold: wrapped))

        let other = try await TestStore.open(store.folder, seed: 2)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let end = DispatchSemaphore(value: 0)
        let backup = Task {
            try await other.driver.snapshot { session in
                try session.rows("SELECT COUNT(*) FROM poster", []) { _ in }
                begin.yield()
                end.wait()
            }
        }
        for await _ in begun { break }
        try await store.scope.change("person.erased") { change in
            try change.delete(try change.view.require(Poster.self, person))
            try change.erase(person.retyped())
        }
        #expect(try await store.database.scrub() == false)
        end.signal()
        try await backup.value
        try await store.write("on")
        #expect(try files(store, hold: wrapped), "the log from before is still there")
        #expect(try await other.database.scrubIfDue(), "any process goes on with it")
        #expect(try !files(store, hold: wrapped))
        #expect(try await store.database.scrubIfDue(), "nothing is left to do")
        #expect(try await store.problems().isEmpty)
    }
}

@Suite struct FailingDiskTests {
    @Test func aFullDiskLosesNothingAndHealsWithoutARestart() async throws {
        let store = try await TestStore.make()
        try await store.write("before")
        let pages = try await store.onWriter { database in
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

        try await store.onWriter { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 10_000)") }
        try await store.write(large)
        #expect(try await store.texts() == ["before", large])
        #expect(try await store.problems().isEmpty)
    }

    @Test func aFullDiskRefusesWhatDoesNotFitAndKeepsItsNeighbours() async throws {
        let store = try await TestStore.make()
        try await store.onWriter { database in
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
        try await store.onWriter { try $0.execute(sql: "PRAGMA query_only = ON") }
        #expect(await problem { try await store.write("refused") }?.code == "store.read-only")
        #expect(try await store.texts() == ["before"])
        try await store.onWriter { try $0.execute(sql: "PRAGMA query_only = OFF") }
        try await store.write("after")
        #expect(try await store.problems().isEmpty)
    }

    @Test func theDamagedLedgerOfOneOrganisationStopsNoOther() async throws {
        let store = try await TestStore.make()
        for number in 0..<5 { try await store.write("\(number)") }
        // The end is before entries that are there.
        try await store.onWriter { database in
            try database.execute(
                sql:
                    "UPDATE ledger_entry SET number = number + 4 WHERE organisation = ? AND number = (SELECT MAX(number) FROM ledger_entry WHERE organisation = ?)",
                arguments: [Data(TestStore.one.bytes), Data(TestStore.one.bytes)])
        }
        @Sendable func refusal(of number: Int, in organisation: Identifier<Organisation>) async -> Problem? {
            await problem {
                try await store.database.scope(organisation, as: .operator).change("remark.made") { change in
                    _ = try change.insert(TestStore.remark("\(number)", in: change))
                }
            }
        }
        let refused = await withTaskGroup(of: Identifier<Organisation>?.self) { group in
            for number in 0..<40 {
                let organisation = number.isMultiple(of: 2) ? TestStore.one : TestStore.other
                group.addTask { await refusal(of: number, in: organisation) == nil ? nil : organisation }
            }
            return await group.reduce(into: Set()) { if let organisation = $1 { $0.insert(organisation) } }
        }
        #expect(refused == [TestStore.one], "the other organisation goes on")
    }
}
