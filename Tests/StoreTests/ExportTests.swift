import Kernel
import Ledger
import Store
import StoreSupport
import Synchronization
import TestSupport
import Testing

@Suite(.onEveryDatabase) struct ExportTests {
    @Test func theWholeRecordIsExportedAndVerifiesWithTheKeyAlone() async throws {
        let store = try await TestStore.make()
        let first = try await store.write("first")
        let second = try await store.write("second", rank: -4)
        try await store.scope.change("remark.changed") { change in
            var remark = first.record
            remark.text = "Grüße, \"世界\"\n"
            try change.update(first, to: remark)
            try change.insert(TestStore.remark("third", in: change))
        }
        try await store.scope.change("remark.erased") { try $0.delete(second) }
        try await store.scope.change("nothing.written") { _ in }
        try await store.database.scope(TestStore.other, as: .operator).change("remark.made") { change in
            try change.insert(TestStore.remark("theirs", in: change))
        }
        let (bytes, reported) = try await store.export()
        let verified = try await store.verified(bytes)
        #expect(verified == reported)
        #expect(verified.entries == 6)
        #expect(verified.rows == 2)
        #expect(verified.residues == 2)
        #expect(verified.tables.map(\.name) == ["remark"])
        #expect(verified.tables.map(\.rows) == [2])
        #expect(
            verified.actions.map(\.name) == [
                "remark.made", "remark.changed", "remark.erased", "nothing.written", "record.exported",
            ])
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#""text":"Grüße, \"世界\"\n""#), "a record's JSON stands in the line as it is")
        #expect(text.contains(#"rank=0 state=\"open\" token=#"#))
        #expect(!text.contains("theirs"), "what belongs to another organisation is not in it")
        #expect(!text.contains("second"), "what was erased is not in it")
    }

    @Test func anExportIsRecordedForWhoMadeItAndHoldsItsOwnEntry() async throws {
        let store = try await TestStore.make()
        try await store.write("one")
        let person = Identifier<Person>(high: 4, low: 4)
        let (bytes, _) = try await store.export(as: .person(person))
        let newest = try await store.database.ledger(of: TestStore.one).entries(before: nil, limit: 1).first
        let entry = try #require(newest?.entry)
        #expect(entry.action == "record.exported")
        #expect(entry.actor == "person:\(person)")
        let verified = try await store.verified(bytes)
        #expect(entry.subject == "export:\(verified.header.export)")
        #expect(verified.header.madeAt == entry.at)
        #expect(try await store.export().verified.entries == 3, "the second export holds the entry of the first")
        #expect(await problem { _ = try await store.export(as: .anyone) }?.kind == .forbidden)
        #expect(try await store.size() == 3)
    }

    @Test func afterErasureAndRotationItVerifiesAndHoldsNothingOfThePerson() async throws {
        let store = try await TestStore.make()
        let person = try await store.hang("Rumpelstilzchen")
        let halfErased = try await store.hang("Rapunzel")
        let other = try await store.hang("somebody else")
        try await store.database.keys(of: TestStore.one).rotate(as: .operator)
        try await store.write("under the newer key")
        try await store.scope.change("person.erased") { change in
            try change.delete(try change.view.require(Poster.self, person))
            try change.erase(person.retyped())
        }
        try await store.scope.change("person.erased") { _ = try $0.erase(halfErased.retyped()) }
        try await store.database.keys(of: TestStore.one).reseal(as: .operator)
        let verified = try await store.verified(try await store.export().bytes)
        #expect(verified.rows == 2)
        #expect(verified.residues == 2, "one row was removed, of another the key is gone")
        let text = String(decoding: try await store.export().bytes, as: UTF8.self)
        #expect(text.contains("somebody else"))
        #expect(!text.contains("Rumpelstilzchen"))
        #expect(!text.contains("Rapunzel"))
        #expect(!text.contains(person.bytes.hex))
        #expect(try await store.poster(other) == "somebody else")
    }

    @Test func whatIsChangedWhileItIsMadeLeavesItWhole() async throws {
        let store = try await TestStore.make()
        let person = try await store.hang("Rumpelstilzchen")
        let written = Mutex<[Stored<Remark>]>([])
        // Large enough for several stretches.
        for number in 0..<20 {
            let remark = try await store.write(String(repeating: "\(number % 10)", count: 500_000))
            written.withLock { $0.append(remark) }
        }
        let stretches = Mutex(0)
        let (bytes, reported) = try await store.export { _, _ in
            let stretch = stretches.withLock {
                $0 += 1
                return $0
            }
            guard stretch == 1 else { return }
            let rows = written.withLock { $0 }
            // Replaced before and behind the place that is reached, removed, added, erased, rotated and sealed anew.
            try await store.scope.change("remark.changed") { change in
                for row in [rows[3], rows[15]] {
                    var remark = row.record
                    remark.text = "replaced"
                    try change.update(row, to: remark)
                }
                try change.delete(rows[17])
            }
            try await store.write("added")
            try await store.scope.change("person.erased") { change in
                try change.delete(try change.view.require(Poster.self, person))
                try change.erase(person.retyped())
            }
            try await store.database.keys(of: TestStore.one).rotate(as: .operator)
            try await store.database.keys(of: TestStore.one).reseal(as: .operator)
        }
        #expect(stretches.withLock { $0 } > 1, "it was changed between two stretches")
        let verified = try await store.verified(bytes)
        #expect(verified == reported)
        #expect(verified.entries == 22, "what was added belongs to the next export")
        #expect(verified.residues == 2, "of what was replaced or removed behind the place only the digest is left")
        #expect(verified.rows == 19)
        let later = try await store.verified(try await store.export().bytes)
        #expect(later.residues == 4)
        #expect(try await store.problems().isEmpty)
    }

    @Test func largeRowsAreTakenFewAtATime() async throws {
        let store = try await TestStore.make()
        let text = String(repeating: "x", count: 1 << 20)
        for _ in 0..<10 { try await store.write(text) }
        let pieces = Mutex<[Int]>([])
        let verified = try await store.database.ledger(of: TestStore.one).export(as: .operator) { bytes in
            pieces.withLock { $0.append(bytes.count) }
        }
        #expect(verified.rows == 10)
        #expect(pieces.withLock { $0.max() ?? 0 } < 6 << 20)
    }

    @Test(arguments: [
        ("DELETE FROM remark WHERE entry = 1", "ledger.missing-row"),
        ("DELETE FROM ledger_entry WHERE number = 1", "ledger.incomplete"),
        ("UPDATE remark SET entry = 2, position = 1 WHERE entry = 1", "ledger.missing-row"),
        ("UPDATE remark SET rank = 7 WHERE entry = 1", "vault.tampered"),
    ])
    func aDamagedRecordIsNotExported(_ sql: String, _ code: String) async throws {
        let store = try await TestStore.make()
        for number in 0..<4 { try await store.write("\(number)") }
        try await store.database.ledger(of: TestStore.one).publishCheckpoint()
        try await store.driver.close()
        try store.folder.runSQL(sql)
        let again = try await TestStore.open(store.folder, seed: 2)
        let refusal = await problem { _ = try await again.export() }
        #expect(refusal?.kind == .refused)
        #expect(refusal?.code == code)
    }

    @Test func aSinkThatFailsEndsIt() async throws {
        let store = try await TestStore.make()
        try await store.write("one")
        let refusal = await problem {
            _ = try await store.database.ledger(of: TestStore.one).export(as: .operator) { _ in
                throw Problem(.unavailable, code: "test.full", "The disk is full.")
            }
        }
        #expect(refusal?.code == "test.full")
        #expect(try await store.problems().isEmpty)
    }
}

extension TestStore {
    fileprivate func export(
        as principal: Principal = .operator,
        progress: @escaping @Sendable (UInt64, UInt64) async throws -> Void = { _, _ in }
    ) async throws -> (bytes: [UInt8], verified: VerifiedExport) {
        let all = Mutex<[UInt8]>([])
        let verified = try await database.ledger(of: Self.one).export(as: principal, progress: progress) { bytes in
            all.withLock { $0 += bytes }
        }
        return (all.withLock { $0 }, verified)
    }

    /// What somebody who has the file and the key finds.
    fileprivate func verified(_ bytes: [UInt8]) async throws -> VerifiedExport {
        var verification = ExportVerifier(trusting: try await database.ledger(of: Self.one).verifier())
        try verification.take(bytes)
        return try verification.finish()
    }
}
