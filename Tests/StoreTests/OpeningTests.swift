import Foundation
import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

@Suite(.onEveryDatabase) struct OpeningTests {
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
        let before = try store.folder.withRawDatabase { try $0.everyRow() }
        // A migration that is due must not happen either.
        let newer = TestStore.migrations + [Migration("test.2", creates: [Self.extra])]
        let refusal = await problem {
            _ = try await TestStore.open(store.folder, key: [UInt8](repeating: 8, count: 32), migrations: newer)
        }
        #expect(refusal?.code == "vault.wrong-key")
        #expect(refusal?.kind == .refused)
        let after = try store.folder.withRawDatabase { try $0.everyRow() }
        #expect(after == before)
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
