import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@Suite(.onEveryDatabase) struct SeparationTests {
    private let here = TestStore.one
    private let there = TestStore.other

    @Test func aHandleFindsNothingOfAnotherOrganisationEvenByIdentifier() async throws {
        let store = try await TestStore.make()
        let foreign = try await store.write("ours")
        let theirs = store.database.scope(there, as: .operator)
        #expect(try await theirs.read { try $0.find(Remark.self, foreign.record.id)?.record } == nil)
        #expect(try await theirs.read { try $0.count(Remark.self) } == 0)
        #expect(try await theirs.read { try $0.list(Remark.self, Query("rank = ? OR rank >= 0", [0])).count } == 0)
        let refusal = await problem { try await theirs.change("remark.erased") { try $0.delete(foreign) } }
        #expect(refusal?.code == "store.stale-version")
    }

    @Test func theSameIdentifierMayStandInBothAndEachSeesItsOwn() async throws {
        let store = try await TestStore.make()
        let ours = try await store.write("ours").record
        try await store.database.scope(there, as: .operator).change("remark.made") { change in
            var remark = ours
            remark.text = "theirs"
            try change.insert(remark)
        }
        for (organisation, text) in [(here, "ours"), (there, "theirs")] {
            let found = try await store.database.scope(organisation, as: .operator).read {
                try $0.require(Remark.self, ours.id)
            }
            #expect(found.record.text == text)
        }
    }

    @Test func aRowMovedToAnotherOrganisationDoesNotOpenThere() async throws {
        let store = try await TestStore.make()
        try await store.write("ours")
        try await store.driver.close()
        try store.folder.withRawDatabase { raw in
            try raw.execute("UPDATE remark SET organisation = \(raw.literal(there.bytes))")
        }
        let again = try await TestStore.open(store.folder)
        let refusal = await problem { _ = try await again.texts(in: there) }
        #expect(refusal?.code == "vault.unknown-key")
        #expect(try await again.problems().isEmpty == false)
        #expect(try await again.problems(of: there).isEmpty == false)
    }

    @Test func anyoneMayReadWhatIsPublicAndNothingElse() async throws {
        let store = try await TestStore.make()
        try await store.write("private")
        try await store.scope.change("poster.hung") { try $0.insert(Poster(id: $0.newIdentifier(), text: "public")) }
        let anyone = store.database.scope(here, as: .anyone)
        #expect(try await anyone.read { try $0.list(Poster.self).map(\.record.text) } == ["public"])
        let attempts: [@Sendable (ReadView) throws -> Void] = [
            { _ = try $0.list(Remark.self) }, { _ = try $0.count(Remark.self) },
            { try $0.scan(Remark.self, columns: ["rank"]) { _ in } },
            { try $0.columns(of: Remark.self, ["state"]) { _ in } },
        ]
        for attempt in attempts {
            let refusal = await problem { try await anyone.read(attempt) }
            #expect(refusal?.code == "store.not-public")
        }
        let change = await problem { try await anyone.change("poster.torn") { _ in } }
        #expect(change?.kind == .forbidden)
        let touch = await problem { try await anyone.touch { _ in } }
        #expect(touch?.kind == .forbidden)
    }

    @Test(arguments: [
        "1 = 1) OR (1 = 1", "rank = 0) --", "rank IN (SELECT rank FROM remark)", "rank = 0; DELETE FROM remark",
        "rank = 0 /* */", "token = 'a'", "rank = ?2", "(rank = 0", "rank in (sElEcT 1)",
    ])
    func aConditionCannotLeaveItsOrganisation(_ condition: String) async throws {
        let store = try await TestStore.make()
        let refusal = await problem { _ = try await store.scope.read { try $0.list(Remark.self, Query(condition)) } }
        #expect(refusal?.code == "store.query")
    }

    @Test func onlyDeclaredColumnsCanBeRead() async throws {
        let store = try await TestStore.make()
        for column in ["body", "organisation", "rank, organisation", "(SELECT 1)", "nonsense"] {
            let refusal = await problem {
                try await store.scope.read { try $0.columns(of: Remark.self, [column]) { _ in } }
            }
            #expect(refusal?.code == "store.query")
        }
    }

    @Test func aConditionNeedsOneValueForEachQuestionMark() async throws {
        let store = try await TestStore.make()
        let refusal = await problem {
            _ = try await store.scope.read { try $0.list(Remark.self, Query("rank = ?")) }
        }
        #expect(refusal?.code == "store.query")
    }
}

@Suite(.onEveryDatabase) struct TouchTests {
    @Test func aDisposableTableIsWrittenWithoutAnEntry() async throws {
        let store = try await TestStore.make()
        try await store.scope.touch { touch in
            try touch.execute(scratch, "INSERT INTO scratch (organisation, name, count) VALUES (?, ?, ?)", ["a", 1])
        }
        let counts = try await store.scope.touch { touch in
            var counts: [Int64] = []
            try touch.rows(scratch, "SELECT count FROM scratch WHERE organisation = ?", []) {
                counts.append($0.integer(0))
            }
            return counts
        }
        #expect(counts == [1])
        #expect(try await store.size() == 0)
    }

    @Test(arguments: [
        "DELETE FROM remark WHERE organisation = ?",
        "UPDATE remark SET rank = 1 WHERE organisation = ? AND scratch = 0",
        "DELETE FROM scratch WHERE organisation = ?; DELETE FROM remark",
        "DELETE FROM scratch WHERE organisation = ? AND name IN (SELECT state FROM remark)",
        "DELETE FROM ledger_entry WHERE organisation = ? -- scratch",
        "DELETE FROM scratch",
        "PRAGMA scratch",
    ])
    func nothingElseCanBeTouched(_ sql: String) async throws {
        let store = try await TestStore.make()
        try await store.write("kept")
        let refusal = await problem { _ = try await store.scope.touch { try $0.execute(scratch, sql, []) } }
        #expect(refusal?.code == "store.not-disposable")
        let lie = await problem { _ = try await store.scope.touch { try $0.execute(Remark.table.definition, sql, []) } }
        #expect(lie?.code == "store.not-disposable")
        #expect(try await store.texts() == ["kept"])
    }
}
