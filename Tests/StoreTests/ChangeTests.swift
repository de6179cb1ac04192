import Kernel
import Ledger
import Store
import StoreSupport
import TestSupport
import Testing

@Suite(.onEveryDatabase) struct ChangeTests {
    @Test func aRecordIsReadBackAsItWasWritten() async throws {
        let store = try await TestStore.make()
        let written = try await store.write("Grüße, 世界", rank: -3)
        let found = try await store.scope.read { try $0.require(Remark.self, written.record.id) }
        #expect(found.record == written.record)
        #expect(found.version == 1)
        #expect(found.entry == 0)
    }

    @Test func everyChangeAppendsExactlyOneEntryWithTheNumberOfItsRows() async throws {
        let store = try await TestStore.make()
        try await store.scope.change("remark.made", on: "remark:many") { change in
            for number in 0..<3 { try change.insert(TestStore.remark("\(number)", in: change)) }
        }
        try await store.scope.change("nothing.written") { _ in }
        let entries = try await store.database.ledger(of: TestStore.one).entries(before: nil, limit: 10)
        #expect(entries.map(\.index) == [1, 0])
        #expect(entries.map(\.entry.rows) == [0, 3])
        #expect(entries[1].entry.action == "remark.made")
        #expect(entries[1].entry.subject == "remark:many")
        #expect(entries[1].entry.actor == "operator")
        #expect(entries[1].entry.at == store.clock.now)
    }

    @Test func anUpdateCountsTheVersionAndKeepsTheOldDigestProvable() async throws {
        let store = try await TestStore.make()
        let first = try await store.write("first")
        let second = try await store.scope.change("remark.changed") { change in
            var remark = first.record
            remark.text = "second"
            return try change.update(first, to: remark)
        }
        #expect(second.version == 2)
        #expect(second.entry == 1)
        #expect(try await store.texts() == ["second"])
        #expect(try await store.problems().isEmpty)
    }

    @Test func aDeletedRecordIsGoneAndTheLedgerStillVerifies() async throws {
        let store = try await TestStore.make()
        let remark = try await store.write("gone")
        try await store.scope.change("remark.erased") { try $0.delete(remark) }
        #expect(try await store.texts().isEmpty)
        #expect(try await store.problems().isEmpty)
    }

    @Test func oneChangeMayWriteChangeAndEraseTheSameRecord() async throws {
        let store = try await TestStore.make()
        try await store.scope.change("remark.churned") { change in
            let made = try change.insert(TestStore.remark("one", in: change))
            var remark = made.record
            remark.text = "two"
            try change.delete(try change.update(made, to: remark))
        }
        #expect(try await store.problems().isEmpty)
    }

    @Test func whoeverSawAnOlderVersionIsRefusedAndNothingIsWritten() async throws {
        let store = try await TestStore.make()
        let seen = try await store.write("first")
        try await store.scope.change("remark.changed") { try $0.update(seen, to: seen.record) }
        for attempt in ["update", "delete"] {
            let refusal = await problem {
                try await store.scope.change("remark.changed") { change in
                    if attempt == "delete" { try change.delete(seen) } else { try change.update(seen, to: seen.record) }
                }
            }
            #expect(refusal?.code == "store.stale-version")
            #expect(refusal?.kind == .conflict)
        }
        #expect(try await store.size() == 2)
        #expect(try await store.problems().isEmpty)
    }

    @Test func aRecordCannotBecomeAnother() async throws {
        let store = try await TestStore.make()
        let one = try await store.write("one")
        let two = try await store.write("two")
        let refusal = await problem {
            try await store.scope.change("remark.changed") { _ = try $0.update(one, to: two.record) }
        }
        #expect(refusal?.code == "store.identity")
        #expect(try await store.texts() == ["one", "two"])
    }

    @Test func aTakenUniqueColumnIsAConflictThatNamesTheKind() async throws {
        let store = try await TestStore.make()
        let first = try await store.write("first")
        let refusal = await problem {
            try await store.scope.change("remark.made") { change in
                var twin = TestStore.remark("twin", in: change)
                twin.token = first.record.token
                try change.insert(twin)
            }
        }
        #expect(refusal?.kind == .conflict)
        #expect(refusal?.message == "There is such a remark already.")
        #expect(try await store.size() == 1)
    }

    @Test func anErrorInTheBodyLeavesNeitherRowsNorEntry() async throws {
        let store = try await TestStore.make()
        let refusal = await problem {
            try await store.scope.change("remark.made") { change in
                try change.insert(TestStore.remark("lost", in: change))
                throw Problem(.invalid, code: "test.changed-my-mind", "No.")
            }
        }
        #expect(refusal?.code == "test.changed-my-mind")
        #expect(try await store.texts().isEmpty)
        #expect(try await store.size() == 0)
    }

    @Test func timesOfEntriesFollowTheirNumbers() async throws {
        let store = try await TestStore.make()
        for _ in 0..<5 {
            store.clock.move(by: .seconds(1))
            try await store.write("tick")
        }
        let entries = try await store.database.ledger(of: TestStore.one).entries(before: nil, limit: 10)
        #expect(entries.map(\.entry.at) == entries.map(\.entry.at).sorted(by: >))
    }
}

@Suite(.onEveryDatabase) struct GroupCommitTests {
    @Test func manyWritersAreAllAcknowledgedAndTheLedgerIsDense() async throws {
        let store = try await TestStore.make()
        let entries = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for writer in 0..<32 {
                group.addTask {
                    var entries: [Int64] = []
                    for number in 0..<8 { entries.append(try await store.write("\(writer).\(number)").entry) }
                    return entries
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(entries.sorted() == Array(0..<256))
        #expect(try await Set(store.texts()).count == 256)
        #expect(try await store.problems().isEmpty)
    }

    @Test func aFailureDoesNotDisturbItsNeighboursInTheSameCommit() async throws {
        let store = try await TestStore.make()
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let refusal = await problem {
                        try await store.scope.change("remark.made") { change in
                            try change.insert(TestStore.remark("\(number)", in: change))
                            if number.isMultiple(of: 3) { throw Problem(.invalid, code: "test.refused", "No.") }
                        }
                    }
                    return (refusal?.code == "test.refused") == number.isMultiple(of: 3)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == 64 && outcomes.allSatisfy { $0 })
        #expect(try await Set(store.texts()) == Set((0..<64).filter { !$0.isMultiple(of: 3) }.map(String.init)))
        #expect(try await store.size() == 42)
        #expect(try await store.problems().isEmpty)
    }

    @Test func organisationsWriteSideBySide() async throws {
        let store = try await TestStore.make()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let organisation = number.isMultiple(of: 2) ? TestStore.one : TestStore.other
                group.addTask {
                    try await store.database.scope(organisation, as: .operator).change("remark.made") { change in
                        _ = try change.insert(TestStore.remark("\(number)", in: change))
                    }
                }
            }
            try await group.waitForAll()
        }
        for organisation in [TestStore.one, TestStore.other] {
            #expect(try await store.size(of: organisation) == 20)
            #expect(try await store.problems(of: organisation).isEmpty)
        }
    }
}
