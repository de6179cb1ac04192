import Foundation
import Kernel
import Ledger
import StoreSupport
import TestSupport
import Testing
import Vault

@testable import Store

@Suite struct DumpTests {
    /// Every pair of databases: what is dumped from one and what it is restored to.
    static let pairs = TestDatabase.available.flatMap { from in TestDatabase.available.map { (from, $0) } }

    private static func on<T>(_ database: TestDatabase, _ work: () async throws -> T) async throws -> T {
        try await TestDatabase.$current.withValue(database) { try await work() }
    }

    @Test(arguments: pairs)
    func whatIsRestoredIsWhatWasThereRowForRow(_ from: TestDatabase, _ to: TestDatabase) async throws {
        let (source, target) = (try TemporaryFolder(), try TemporaryFolder())
        let (dump, before) = try await Self.on(from) {
            let store = try await SmallInstallation.make(source, remarks: 700)
            let dump = try await SmallInstallation.dump(store)
            try await store.driver.close()
            return (dump, try SmallInstallation.keptRows(in: source))
        }
        try await Self.on(to) {
            let result = try await SmallInstallation.restore(dump, into: target)
            #expect(result.verifications.count == 4)
            #expect(result.verifications.allSatisfy { $0.problems.isEmpty })
            #expect(result.manifest.rowCount == before.values.reduce(0) { $0 + $1.count })
            try await result.database.close()
            #expect(try SmallInstallation.keptRows(in: target) == before)
            #expect(before["remark"]?.count == 1398)
            // Under the new key it opens, and it goes on.
            let restored = try await SmallInstallation.open(target, key: SmallInstallation.restoredKey, seed: 5)
            #expect(try await restored.texts().contains("canary revised"))
            try await restored.write("after")
            #expect(try await restored.problems().isEmpty)
            #expect(
                try await restored.database.scopes()
                    == [.installation, .operatorLog, TestStore.one, TestStore.other])
            try await restored.driver.close()
            let refusal = await problem { _ = try await SmallInstallation.open(target) }
            #expect(refusal?.code == "vault.wrong-key")
        }
    }

    @Test(arguments: pairs)
    func aProofIsTheSameBytesAfterwards(_ from: TestDatabase, _ to: TestDatabase) async throws {
        let (source, target) = (try TemporaryFolder(), try TemporaryFolder())
        let (dump, checkpoint, root) = try await Self.on(from) {
            let store = try await SmallInstallation.make(source)
            let note = try await store.database.ledger(of: TestStore.one).publishCheckpoint()
            let dump = try await SmallInstallation.dump(store)
            let root = try await store.database.ledger(of: TestStore.one).verify().root
            try await store.driver.close()
            return (dump, note.encoded, root)
        }
        try await Self.on(to) {
            let result = try await SmallInstallation.restore(dump, into: target)
            let ledger = result.database.ledger(of: TestStore.one)
            #expect(try await ledger.publishCheckpoint().encoded == checkpoint)
            #expect(try await ledger.verify().root == root)
            let verifier = try await ledger.verifier()
            #expect(try Checkpoint(opening: try SignedNote(parsing: checkpoint), with: verifier).root == root)
            try await result.database.close()
        }
    }

    @Test func aDumpIsTheSameBytesInPiecesOfAnySize() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder())
        let dump = try await SmallInstallation.dump(store)
        for size in [1, 7, 4096, dump.count] {
            let result = try await SmallInstallation.restore(dump, into: try TemporaryFolder(), pieces: size)
            #expect(result.verifications.allSatisfy { $0.problems.isEmpty })
            try await result.database.close()
        }
    }

    @Test func aDumpThatWasChangedAnywhereIsRefused() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder(), remarks: 2)
        let dump = try await SmallInstallation.dump(store)
        // The reader alone, on every byte; a database for each would only repeat it.
        for position in dump.indices {
            var changed = dump
            changed[position] ^= 1 << UInt8(position % 8)
            #expect(Self.isRefused(changed), "byte \(position) of \(dump.count)")
        }
        for size in stride(from: 0, to: dump.count, by: 11) { #expect(Self.isRefused(Array(dump.prefix(size)))) }
        #expect(Self.isRefused(dump + [0]))
        #expect(Self.isRefused(dump + dump))
        #expect(!Self.isRefused(dump))
    }

    @Test func aRowIsReadNoFurtherThanItsTableIsWide() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder(), remarks: 3)
        var pieces: [DumpPiece] = []
        var reader = DumpReader()
        try reader.take(try await SmallInstallation.dump(store), into: &pieces)
        let manifest = try #require(pieces.last)
        let index = try #require(pieces.firstIndex { if case .row = $0 { true } else { false } })
        guard case .row(let values) = pieces[index] else { return }
        // One byte in the file is a whole value in memory.
        for (surplus, isTooWide) in [(0, false), (1, true), (1 << 20, true)] {
            pieces[index] = .row(values + [SQLValue](repeating: .null, count: surplus))
            let dump = try Self.written(pieces[...index] + [manifest])
            var reader = DumpReader()
            var read: [DumpPiece] = []
            let refusal = await problem { try reader.take(dump, into: &read) }
            #expect(refusal?.code == (isTooWide ? "dump.damaged" : nil))
        }
        // A row of no table has no columns.
        var nowhere = DumpReader()
        var read: [DumpPiece] = []
        let refusal = await problem {
            try nowhere.take(Self.written([pieces[0], .row([.null]), manifest]), into: &read)
        }
        #expect(refusal?.code == "dump.damaged")
    }

    private static func isRefused(_ dump: [UInt8]) -> Bool {
        var reader = DumpReader()
        var pieces: [DumpPiece] = []
        do {
            try reader.take(dump, into: &pieces)
            try reader.finish()
            return false
        } catch {
            return error is Problem
        }
    }

    @Test func aDumpWhoseHashFitsButWhoseContentDoesNotIsRefused() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder(), remarks: 3)
        let dump = try await SmallInstallation.dump(store)
        var pieces: [DumpPiece] = []
        var reader = DumpReader()
        try reader.take(dump, into: &pieces)
        let rows = pieces.indices.filter { if case .row = pieces[$0] { true } else { false } }
        var codes: Set<String> = []
        for index in rows {
            var without = pieces
            without.remove(at: index)
            var twice = pieces
            twice.insert(pieces[index], at: index)
            for forged in [without, twice] {
                let folder = try TemporaryFolder()
                let refusal = await problem {
                    let result = try await SmallInstallation.restore(try Self.written(forged), into: folder)
                    try await result.database.close()
                }
                codes.insert(refusal?.code ?? "accepted")
                // What was begun is not served.
                let opening = await problem { _ = try await SmallInstallation.open(folder) }
                #expect(opening?.code == "store.unfinished-transfer")
            }
        }
        #expect(codes == ["dump.damaged", "store.conflict"])
    }

    @Test func aForgedRowIsFoundByTheLedger() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder(), remarks: 3)
        var pieces: [DumpPiece] = []
        var reader = DumpReader()
        try reader.take(try await SmallInstallation.dump(store), into: &pieces)
        guard case .header(let header) = pieces[0] else { return #expect(Bool(false), "no header") }
        var table = ""
        var tried = 0
        for (index, piece) in pieces.enumerated() {
            if case .table(let number) = piece { table = header.tables[number].name }
            // The readable state of a remark is column 7.
            guard case .row(var values) = piece, table == "remark" else { continue }
            values[7] = "closed"
            var forged = pieces
            forged[index] = .row(values)
            let refusal = await problem {
                let result = try await SmallInstallation.restore(try Self.written(forged), into: try TemporaryFolder())
                try await result.database.close()
            }
            #expect(refusal?.code == "restore.unverified")
            tried += 1
        }
        #expect(tried == 4)
    }

    private static func written(_ pieces: [DumpPiece]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var writer = DumpWriter { bytes += $0 }
        for piece in pieces {
            switch piece {
            case .header(let header): try writer.begin(header)
            case .scope(let scope): try writer.begin(scope)
            case .table(let number): try writer.begin(table: number)
            case .row(let values): try writer.row(columns: values.count) { values[$0] }
            case .manifest(let manifest): try writer.finish(manifest)
            }
        }
        return bytes
    }

    @Test func aDumpHoldsNoContentInTheOpenButTheKeysToIt() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder())
        let dump = Data(try await SmallInstallation.dump(store))
        #expect(dump.range(of: Data("canary".utf8)) == nil)
        #expect(dump.range(of: Data("Tanners".utf8)) == nil)
    }

    @Test func aDumpWhileOthersWriteIsOneMoment() async throws {
        for database in TestDatabase.available {
            try await Self.on(database) {
                let store = try await SmallInstallation.make(try TemporaryFolder(), remarks: 300)
                let writers = Task {
                    var number = 0
                    while !Task.isCancelled {
                        try await store.write("busy \(number)")
                        number += 1
                    }
                    return number
                }
                var sizes: Set<UInt64> = []
                for _ in 0..<5 {
                    let dump = try await SmallInstallation.dump(store)
                    let result = try await SmallInstallation.restore(dump, into: try TemporaryFolder())
                    #expect(result.verifications.allSatisfy { $0.problems.isEmpty })
                    sizes.insert(result.manifest.scopes[2].entries)
                    try await result.database.close()
                }
                writers.cancel()
                _ = try? await writers.value
                #expect(sizes.count > 1, "the writers wrote")
                #expect(try await store.problems().isEmpty)
            }
        }
    }

    @Test func aDatabaseThatHoldsSomethingTakesNoDump() async throws {
        for database in TestDatabase.available {
            try await Self.on(database) {
                let folder = try TemporaryFolder()
                let store = try await SmallInstallation.make(folder)
                let dump = try await SmallInstallation.dump(store)
                try await store.driver.close()
                let before = try SmallInstallation.keptRows(in: folder)
                let refusal = await problem { _ = try await SmallInstallation.restore(dump, into: folder) }
                #expect(refusal?.code == "store.not-empty")
                #expect(try SmallInstallation.keptRows(in: folder) == before)
                try await SmallInstallation.open(folder).driver.close()
            }
        }
    }

    @Test func aRestoreThatStopsHalfwayIsNotServed() async throws {
        for database in TestDatabase.available {
            try await Self.on(database) {
                let store = try await SmallInstallation.make(try TemporaryFolder())
                let dump = try await SmallInstallation.dump(store)
                let folder = try TemporaryFolder()
                let cut = await problem {
                    _ = try await SmallInstallation.restore(Array(dump.prefix(dump.count * 2 / 3)), into: folder)
                }
                #expect(cut?.code == "dump.damaged")
                for key in [TestStore.key, SmallInstallation.restoredKey] {
                    let refusal = await problem { _ = try await SmallInstallation.open(folder, key: key) }
                    #expect(refusal?.code == "store.unfinished-transfer")
                }
                let again = await problem { _ = try await SmallInstallation.restore(dump, into: folder) }
                #expect(again?.code == "store.unfinished-transfer")
            }
        }
    }

    @Test func aTableOfALaterVersionIsRefusedByName() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder())
        let dump = try await SmallInstallation.dump(store)
        let older = StoreSchema(
            tables: TestStore.tables, migrations: TestStore.migrations, organisations: nil)
        let folder = try TemporaryFolder()
        let driver = try await TestDatabase.current.driver(in: folder)
        var restoration = try await Restoration.begin(
            into: driver, key: store.key, schema: older, randomness: seededRandomness(3))
        let refusal = await problem { try await restoration.take(dump) }
        #expect(refusal?.code == "dump.newer")
        #expect(refusal?.message.contains("guild") == true)
        try await driver.close()
    }
}
