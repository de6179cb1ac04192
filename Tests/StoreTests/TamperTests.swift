import Foundation
import Kernel
import Ledger
import Store
import StoreSupport
import TestSupport
import Testing

/// A small store in which every kind of row occurs, closed, with a signed checkpoint over all of it.
private struct Sample {
    let folder: TemporaryFolder
    let clock: MovableClock

    /// - Parameter entries: How many; from 256 on the ledger keeps inner hashes too.
    static func make(entries: Int = 3) async throws -> Sample {
        let store = try await TestStore.make()
        let first = try await store.write("first")
        let second = try await store.write("second")
        try await store.scope.change("remark.changed") { change in
            var remark = first.record
            remark.text = "changed"
            try change.update(first, to: remark)
            try change.insert(TestStore.remark("third", rank: 300, in: change))
        }
        try await store.scope.change("remark.erased") { try $0.delete(second) }
        for number in 4..<max(4, entries) { try await store.write("\(number)") }
        try await store.database.ledger(of: TestStore.one).publishCheckpoint()
        try await store.publishOperatorLog()
        try await store.driver.close()
        return Sample(folder: store.folder, clock: store.clock)
    }

    /// What is reported when the store is opened, verified and read; empty if nothing is.
    func reports() async throws -> [String] {
        let store: TestStore
        do {
            store = try await TestStore.open(folder, clock: clock)
        } catch {
            return ["\(error)"]
        }
        var reports: [String] = []
        for scope in [TestStore.one, TestStore.other, .operatorLog, .installation] {
            do {
                reports += try await store.problems(of: scope).map(\.description)
            } catch {
                reports.append("\(error)")
            }
        }
        try await store.driver.close()
        return reports
    }
}

@Suite(.onEveryDatabase) struct TamperTests {
    @Test func nothingIsReportedWhereNothingWasChanged() async throws {
        #expect(try await Sample.make(entries: 300).reports() == [])
    }

    @Test func nothingIsReportedWhileOthersWriteAndSign() async throws {
        let store = try await TestStore.make()
        let ledger = store.database.ledger(of: TestStore.one)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<150 {
                    try await store.write("\(number)")
                    try await ledger.publishCheckpoint()
                }
            }
            for _ in 0..<40 {
                let problems = try await ledger.verify().problems
                #expect(problems.isEmpty, "\(problems)")
            }
            try await group.waitForAll()
        }
    }

    /// Every column of every row that the store keeps. A blob or text gets another byte, a number another bit.
    @Test(arguments: [
        ("remark", "organisation,id,version,entry,position,digest,body,rank,state,token,closed_at"),
        ("ledger_entry", "organisation,number,leaf,leaf_hash"),
        ("ledger_head", "organisation,frontier,signed_size,signed_count"),
        ("ledger_residue", "organisation,entry,position,digest"), ("checkpoint", "organisation,size,note"),
        ("data_key", "organisation,id,wrapped,created_at"),
        ("signing_key", "organisation,id,verification_key,sealed,created_at"), ("migration", "name"),
        ("operator_leaf", "organisation,ledger,size,number"),
    ])
    func aByteChangedInAnyColumnIsReported(_ table: String, _ columns: String) async throws {
        let sample = try await Sample.make()
        let original = try SavedTable(table, of: sample.folder)
        let listed = try sample.folder.withRawDatabase { try $0.columnNames(of: table) }
        #expect(listed == columns.split(separator: ",").map(String.init), "the list above names every column")
        for column in listed {
            var tried = 0
            for row in 0..<(try sample.folder.withRawDatabase { try $0.count(table) }) {
                for part in ["first", "middle", "last"] {
                    try original.restore(sample.folder)
                    let changed = try sample.folder.withRawDatabase { database in
                        try database.changeByte(of: column, in: table, row: row, at: part)
                    }
                    guard changed else { continue }
                    tried += 1
                    let reports = try await sample.reports()
                    #expect(!reports.isEmpty, "\(table).\(column), row \(row), \(part) byte")
                }
            }
            #expect(tried > 0, "\(table).\(column) was changed at all")
        }
    }

    /// One that is removed is missed by nobody: it hides a witness's word and forges nothing.
    @Test(arguments: ["witness", "size", "note"], ["first", "middle", "last"])
    func aChangedCosignatureIsReported(_ column: String, _ part: String) async throws {
        let sample = try await Sample.make()
        let changed = try sample.folder.withRawDatabase { raw in
            try raw.changeByte(of: column, in: "cosignature", row: 0, at: part)
        }
        #expect(changed)
        #expect(try await !sample.reports().isEmpty)
    }

    @Test(arguments: ["level", "number", "hash", "organisation"])
    func aChangedInnerHashIsReported(_ column: String) async throws {
        let sample = try await Sample.make(entries: 300)
        let changed = try sample.folder.withRawDatabase { raw in
            try raw.changeByte(of: column, in: "ledger_node", row: 0, at: "last")
        }
        #expect(changed)
        #expect(try await !sample.reports().isEmpty)
    }

    @Test(arguments: [
        "remark", "ledger_entry", "ledger_head", "ledger_residue", "data_key", "signing_key", "ledger_node",
        "checkpoint", "operator_leaf",
    ])
    func aMissingRowIsReported(_ table: String) async throws {
        let sample = try await Sample.make(entries: 300)
        let original = try SavedTable(table, of: sample.folder)
        for row in 0..<min(6, try sample.folder.withRawDatabase { try $0.count(table) }) {
            try original.restore(sample.folder)
            try sample.folder.withRawDatabase { try $0.deleteRow(row, of: table) }
            let reports = try await sample.reports()
            #expect(!reports.isEmpty, "\(table), row \(row)")
        }
    }

    @Test(
        arguments: [
            ("remark", "id", SQLValue.blob([1, 1])), ("ledger_entry", "number", 900),
            ("ledger_residue", "position", 77),
            ("ledger_residue", "entry", 900), ("checkpoint", "size", 900), ("checkpoint", "size", -1),
            ("ledger_node", "number", 900), ("data_key", "id", SQLValue.blob([1, 1])), ("ledger_entry", "number", -5),
        ] as [(String, String, SQLValue)])
    func aCopiedRowIsReported(_ table: String, _ column: String, _ value: SQLValue) async throws {
        let sample = try await Sample.make(entries: 300)
        try sample.folder.withRawDatabase { try $0.copyRow(of: table, setting: column, to: value) }
        #expect(try await !sample.reports().isEmpty)
    }

    @Test func aRecordSetBackToItsOlderBytesIsReported() async throws {
        let store = try await TestStore.make()
        let first = try await store.write("first")
        let columns = "version, entry, position, digest, body, rank, state, token"
        try await store.driver.close()
        let older = try store.folder.withRawDatabase { try $0.rows("SELECT \(columns) FROM remark")[0] }
        let again = try await TestStore.open(store.folder, seed: 5)
        try await again.scope.change("remark.changed") { change in
            var remark = first.record
            remark.text = "second"
            try change.update(first, to: remark)
        }
        try await again.driver.close()
        try store.folder.withRawDatabase { raw in
            for (column, value) in zip(columns.components(separatedBy: ", "), older) {
                let isSet = try raw.set(column, of: "remark", at: try raw.place(ofRow: 0, in: "remark"), to: value)
                #expect(isSet)
            }
        }
        let rolledBack = try await TestStore.open(store.folder, seed: 6)
        #expect(try await rolledBack.texts() == ["first"], "it opens, for it was genuine once")
        let problems = try await rolledBack.problems()
        #expect(problems.map(\.code).contains("ledger.missing-row"))
    }

    @Test func cuttingOffTheNewestEntriesIsReportedOnceTheyWereSigned() async throws {
        let store = try await TestStore.make()
        try await store.write("old")
        let head = try await store.driver.read(organisation: TestStore.one) { session in
            var head: [UInt8] = []
            try session.rows("SELECT frontier FROM ledger_head WHERE organisation = ?", [.blob(TestStore.one.bytes)]) {
                head = $0.blob(0)
            }
            return head
        }
        try await store.write("new")
        try await store.database.ledger(of: TestStore.one).publishCheckpoint()
        try await store.driver.close()
        try store.folder.runSQL(
            """
            DELETE FROM ledger_entry WHERE number = 1; DELETE FROM remark WHERE entry = 1;
            UPDATE ledger_head SET frontier = \(try store.folder.withRawDatabase { $0.literal(head) })
            """)
        let cut = try await TestStore.open(store.folder, seed: 2)
        #expect(try await cut.problems().map(\.code) == ["ledger.truncated"])
        let refusal = await problem { _ = try await cut.database.ledger(of: TestStore.one).publishCheckpoint() }
        #expect(refusal?.code == "ledger.shrunk")
    }

    @Test(arguments: ["frontier", "leaf_hash", "note"])
    func whatIsDamagedIsNotSigned(_ column: String) async throws {
        let store = try await TestStore.make()
        try await store.write("one")
        try await store.database.ledger(of: TestStore.one).publishCheckpoint()
        try await store.write("two")
        try await store.driver.close()
        let table = ["frontier": "ledger_head", "leaf_hash": "ledger_entry", "note": "checkpoint"][column] ?? ""
        let changed = try store.folder.withRawDatabase { raw in
            let ours = try #require(
                try (0..<(try raw.count(table))).first { row in
                    let place = try raw.place(ofRow: row, in: table)
                    return try raw.rows("SELECT organisation FROM \(table) WHERE \(place)")
                        == [[.blob(TestStore.one.bytes)]]
                })
            return try raw.changeByte(of: column, in: table, row: ours, at: "middle")
        }
        #expect(changed)
        let again = try await TestStore.open(store.folder, seed: 2)
        #expect(await problem { _ = try await again.database.ledger(of: TestStore.one).publishCheckpoint() } != nil)
    }

    @Test func theFirstBadEntryIsNamedFirst() async throws {
        let sample = try await Sample.make(entries: 20)
        try sample.folder.runSQL("DELETE FROM remark WHERE entry IN (7, 15)")
        let reports = try await sample.reports()
        #expect(reports.count == 2)
        #expect(reports.first?.contains("Entry 7 ") == true)
    }

    @Test func aLostEntryDoesNotBlameTheRowsOfOthers() async throws {
        let sample = try await Sample.make(entries: 40)
        try sample.folder.runSQL("DELETE FROM ledger_entry WHERE number = 10")
        let store = try await TestStore.open(sample.folder)
        let codes = try await store.problems().map(\.code)
        #expect(!codes.contains("ledger.missing-row"))
        #expect(!codes.contains("ledger.content"))
        #expect(codes.contains("ledger.missing-entry"))
        #expect(codes.contains("ledger.unledgered-row"))
    }
}

/// The rows of one table, to be put back between two kinds of damage.
private struct SavedTable {
    private let table: String
    private let columns: [String]
    private let rows: [[SQLValue]]

    init(_ table: String, of folder: TemporaryFolder) throws {
        self.table = table
        (columns, rows) = try folder.withRawDatabase { raw in
            let columns = try raw.columnNames(of: table)
            return (columns, try raw.rows("SELECT \(columns.joined(separator: ", ")) FROM \(table)"))
        }
    }

    func restore(_ folder: TemporaryFolder) throws {
        try folder.withRawDatabase { raw in
            try raw.execute("DELETE FROM \(table)")
            for row in rows {
                let values = row.map { value in
                    switch value {
                    case .null: "NULL"
                    case .integer(let number): "\(number)"
                    case .text(let text): "'\(text)'"
                    case .blob(let bytes): raw.literal(bytes)
                    }
                }
                try raw.execute(
                    "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(values.joined(separator: ", ")))"
                )
            }
        }
    }
}

@Suite struct RawDamageTests {
    /// A changed bit anywhere in the file is reported, or it is proved to lie where nothing is: all rows still read the same.
    @Test func aChangedBitIsReportedOrChangesNothing() async throws {
        let sample = try await Sample.make(entries: 12)
        let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: sample.folder.database)))
        let content = try sample.folder.withRawDatabase { try $0.everyRow() }
        var generator = SeededGenerator(2026)
        var reported = 0
        let rounds = 300
        for round in 0..<rounds {
            var bytes = original
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            try Data(bytes).write(to: URL(fileURLWithPath: sample.folder.database))
            if try await !sample.reports().isEmpty {
                reported += 1
                continue
            }
            let now = try sample.folder.withRawDatabase { try $0.everyRow() }
            #expect(now == content, "round \(round), byte \(position) of \(bytes.count)")
        }
        #expect(reported > 0)
    }
}
