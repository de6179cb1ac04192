import Foundation
import Kernel
import Ledger
import StoreSupport
import Synchronization
import TestSupport
import Testing
import Vault

@testable import Store

@Suite(.onEveryDatabase) struct KeyRotationTests {
    private func desk(_ store: TestStore) -> KeyDesk { store.database.keys(of: TestStore.one) }

    private func keyNames(of table: String, _ column: String, in store: TestStore) throws -> Set<String> {
        let rows = try store.folder.withRawDatabase { raw in
            try raw.rows("SELECT \(column) FROM \(table) WHERE organisation = \(raw.literal(TestStore.one.bytes))")
        }
        return Set(
            rows.compactMap { row in
                guard case .blob(let sealed) = row[0] else { return nil }
                return Keyring.keyID(of: sealed)?.description
            })
    }

    @Test func afterRotationNewRowsAreUnderTheNewKeyAndOldOnesStillOpen() async throws {
        let store = try await TestStore.make()
        try await store.write("before")
        let older = try await store.database.dataKeyName(of: TestStore.one)
        let newer = try await desk(store).rotate(as: .operator)
        try await store.write("after")
        #expect(try await store.texts() == ["before", "after"])
        #expect(try keyNames(of: "remark", "body", in: store) == [older, newer.description])
        let states = try await desk(store).states()
        #expect(states.map(\.isCurrent) == [false, true])
        #expect(states.map(\.values) == [2, 1], "a row and the signing key; a row")
    }

    @Test func resealingMovesEverythingRetiresTheOldKeyAndEveryProofStillVerifies() async throws {
        let store = try await TestStore.make()
        for number in 0..<1_100 { try await store.write("\(number)") }
        let person = try await store.hang("Rumpelstilzchen")
        try await store.database.ledger(of: TestStore.one).publishCheckpoint()
        let newer = try await desk(store).rotate(as: .operator)
        let done = try await desk(store).reseal(as: .operator)
        #expect(done == 1_100 + 3, "the rows, a personal one with its key, the signing key")
        for (table, column) in [
            ("remark", "body"), ("poster", "body"), ("signing_key", "sealed"), ("subject_key", "wrapped"),
        ] {
            #expect(try keyNames(of: table, column, in: store).subtracting([newer.description]).isEmpty, "\(table)")
        }
        #expect(try await desk(store).states().map(\.id) == [newer])
        #expect(try await store.texts().count == 1_100)
        #expect(try await store.poster(person) == "Rumpelstilzchen")
        #expect(try await store.problems().isEmpty)

        try await store.driver.close()
        let again = try await TestStore.open(store.folder, seed: 9)
        #expect(try await again.texts().count == 1_100)
        try await again.write("more")
        #expect(try await again.problems().isEmpty)
    }

    @Test func resealingThatWasInterruptedGoesOnWhereItWas() async throws {
        let store = try await TestStore.make()
        for number in 0..<1_200 { try await store.write("\(number)") }
        try await desk(store).rotate(as: .operator)
        let task = Task { [database = store.database] in
            try await database.keys(of: TestStore.one).reseal(as: .operator) { done, _ in
                if done >= 500 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        let states = try await desk(store).states()
        #expect(states.count == 2, "the older key still has values to open")
        #expect(states[0].values > 0 && states[1].values > 0)
        #expect(try await store.problems().isEmpty, "half way is as sound as either end")
        #expect(try await desk(store).reseal(as: .operator) == states[0].values)
        #expect(try await desk(store).states().count == 1)
        #expect(try await store.problems().isEmpty)
    }

    @Test func anotherProcessOnTheSameDatabaseFollowsARotation() async throws {
        let one = try await TestStore.make()
        try await one.write("before")
        let two = try await TestStore.open(one.folder, seed: 40)
        #expect(try await two.texts() == ["before"])
        let newer = try await one.database.keys(of: TestStore.one).rotate(as: .operator)
        try await one.write("by the one")
        #expect(try await two.texts() == ["before", "by the one"], "it meets a key it has not seen, and reads it")
        try await two.write("by the other")
        #expect(try await two.database.dataKeyName(of: TestStore.one) == newer.description)
        try await one.database.keys(of: TestStore.one).reseal(as: .operator)
        try await two.write("after the old key is gone")
        #expect(try keyNames(of: "remark", "body", in: one) == [newer.description])
        #expect(try await one.problems().isEmpty)
        #expect(try await two.problems().isEmpty)
    }

    @Test func writersGoOnWhileEverythingIsSealedAnew() async throws {
        let store = try await TestStore.make()
        for number in 0..<600 { try await store.write("old \(number)") }
        try await desk(store).rotate(as: .operator)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [database = store.database] in
                try await database.keys(of: TestStore.one).reseal(as: .operator)
            }
            for number in 0..<200 { group.addTask { try await store.write("new \(number)") } }
            try await group.waitForAll()
        }
        #expect(try await store.texts().count == 800)
        #expect(try await desk(store).states().count == 1)
        #expect(try await store.problems().isEmpty)
    }

    @Test func twoWhoFinishTheSameRotationRetireItOnce() async throws {
        let one = try await TestStore.make()
        for number in 0..<600 { try await one.write("\(number)") }
        let two = try await TestStore.open(one.folder, seed: 40)
        try await desk(one).rotate(as: .operator)
        async let first = desk(one).reseal(as: .operator)
        async let second = desk(two).reseal(as: .operator)
        #expect(try await first + second == 601, "no value is sealed anew twice")
        let entries = try await one.database.ledger(of: TestStore.one).entries(before: nil, limit: 1000)
        #expect(entries.count { $0.entry.action == "keys.retired" } == 1)
        #expect(try await one.problems().isEmpty)
    }

    @Test func blindIndexesStayTheSameThroughARotation() async throws {
        let store = try await TestStore.make()
        let before = try await store.scope.read { $0.blindIndex(Remark.table, "token", of: "someone@example.org") }
        try await desk(store).rotate(as: .operator)
        try await store.write("x")
        try await desk(store).reseal(as: .operator)
        let after = try await store.scope.read { $0.blindIndex(Remark.table, "token", of: "someone@example.org") }
        #expect(before == after)
    }
}

@Suite(.onEveryDatabase) struct RewrappingTests {
    private static let newKey = [UInt8](repeating: 9, count: 32)

    @Test func onlyTheNewKeyOpensAfterRewrapping() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder())
        let before = try await store.texts()
        try await store.database.rewrap(under: try KeyEncryptionKey(bytes: Self.newKey), as: .operator)
        try await store.write("on")
        #expect(try await store.problems().isEmpty)
        try await store.driver.close()
        #expect(await problem { _ = try await SmallInstallation.open(store.folder) }?.code == "vault.wrong-key")
        let again = try await SmallInstallation.open(store.folder, key: Self.newKey, seed: 3)
        #expect(try await again.texts() == before + ["on"])
        for scope in try await again.database.scopes() { #expect(try await again.problems(of: scope).isEmpty) }
    }

    @Test func whoStillHoldsTheOldKeyMakesKeysUnderTheNewOne() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder())
        let other = try await SmallInstallation.open(
            store.folder, freshKeys: [TestStore.key, Self.newKey], seed: 5)
        _ = try await other.texts()
        _ = try await other.database.keys(of: .installation).states()
        try await store.database.rewrap(under: try KeyEncryptionKey(bytes: Self.newKey), as: .operator)

        let weavers = Identifier<Organisation>(high: 1, low: 3)
        try await other.database.installation(as: .operator).change("guild.founded") { [database = other.database] in
            try database.establish(weavers, in: $0)
            try $0.insert(Guild(id: weavers, name: "Weavers"))
        }
        try await other.database.keys(of: TestStore.one).rotate(as: .operator)
        try await other.database.keys(of: .operatorLog).rotate(as: .operator)
        try await other.driver.close()
        try await store.driver.close()

        let again = try await SmallInstallation.open(store.folder, key: Self.newKey, seed: 3)
        let scopes = try await again.database.scopes()
        #expect(scopes.contains(weavers))
        for scope in scopes { #expect(try await again.problems(of: scope).isEmpty, "\(scope)") }
    }

    @Test func anOrganisationThatIsNotListedHasNoKeys() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder())
        let weavers = Identifier<Organisation>(high: 1, low: 3)
        let failure = await problem {
            try await store.database.installation(as: .operator).change("guild.founded") {
                [database = store.database] in
                try database.establish(weavers, in: $0)
                throw Problem(.conflict, code: "test.stopped", "It was interrupted.")
            }
        }
        #expect(failure?.code == "test.stopped")
        #expect(
            await problem { _ = try await store.database.keys(of: weavers).states() }?.code == "store.no-organisation")
        try await store.database.installation(as: .operator).change("guild.founded") { [database = store.database] in
            try database.establish(weavers, in: $0)
            try $0.insert(Guild(id: weavers, name: "Weavers"))
        }
        try await store.database.scope(weavers, as: .operator).change("remark.made") {
            _ = try $0.insert(TestStore.remark("cloth", in: $0))
        }
        #expect(try await store.problems(of: weavers).isEmpty)
    }

    @Test func aScopeThatCannotBeUnwrappedLeavesAllAsItWas() async throws {
        let store = try await SmallInstallation.make(try TemporaryFolder())
        let before = try await store.texts()
        try store.folder.withRawDatabase { raw in
            let other = raw.literal(TestStore.other.bytes)
            try raw.execute("UPDATE data_key SET wrapped = \(raw.literal([1, 2, 3])) WHERE organisation = \(other)")
        }
        let refusal = await problem {
            try await store.database.rewrap(under: try KeyEncryptionKey(bytes: Self.newKey), as: .operator)
        }
        #expect(refusal?.code == "vault.truncated")
        #expect(try await store.texts() == before)
        try await store.driver.close()
        let again = try await SmallInstallation.open(store.folder, seed: 3)
        #expect(try await again.texts() == before)
    }
}

/// Two processes whose transactions run beside each other, which one file does not allow.
@Suite(.enabled(if: TestDatabase.server != nil), .timeLimit(.minutes(10))) struct RewrappingBesideRotationTests {
    /// Randomness that waits at its first use after it was armed.
    private final class Gate: Sendable {
        private let isArmed = Mutex(false)
        private let semaphore = DispatchSemaphore(value: 0)
        let reached: AsyncStream<Void>
        private let reach: AsyncStream<Void>.Continuation

        init() { (reached, reach) = AsyncStream.makeStream(of: Void.self) }

        func arm() { isArmed.withLock { $0 = true } }
        func open() { semaphore.signal() }

        func randomness(_ source: Randomness) -> Randomness {
            Randomness { [self] count in
                let waits = isArmed.withLock { armed in
                    defer { armed = false }
                    return armed
                }
                if waits {
                    reach.yield()
                    semaphore.wait()
                }
                return source.bytes(count)
            }
        }
    }

    @Test func aKeyThatIsJustBeingMadeIsPutUnderTheNewKeyToo() async throws {
        try await TestDatabase.$current.withValue(.postgreSQL) {
            let store = try await SmallInstallation.make(try TemporaryFolder())
            let gate = Gate()
            let rotating = try await SmallInstallation.open(
                store.folder, randomness: gate.randomness(seededRandomness(5)))
            gate.arm()
            let rotation = Task { try await rotating.database.keys(of: TestStore.one).rotate(as: .operator) }
            for await _ in gate.reached { break }
            // The rotation has read its keys and not yet stored the new one. It goes on when the rewrap has wrapped the
            // keys of the installation and of the operator's log, and comes to the organisation's.
            let wrapped = Mutex(0)
            let source = seededRandomness(6)
            let rewrapping = try await SmallInstallation.open(
                store.folder,
                randomness: Randomness { count in
                    if wrapped.withLock({ wrapped in
                        wrapped += 1
                        return wrapped == 4
                    }) {
                        gate.open()
                    }
                    return source.bytes(count)
                })
            try await rewrapping.database.rewrap(
                under: try KeyEncryptionKey(bytes: SmallInstallation.restoredKey), as: .operator)
            let made = try await rotation.value
            for database in [store, rotating, rewrapping] { try await database.driver.close() }
            let again = try await SmallInstallation.open(store.folder, key: SmallInstallation.restoredKey, seed: 3)
            #expect(try await again.database.keys(of: TestStore.one).states().map(\.id).contains(made))
            #expect(try await again.problems().isEmpty)
        }
    }
}

@Suite(.onEveryDatabase) struct ErasureTests {
    @Test func afterErasureNothingOpensAndEveryProofVerifies() async throws {
        let store = try await TestStore.make()
        let person = try await store.hang("Rumpelstilzchen")
        let other = try await store.hang("somebody else")
        try await store.database.ledger(of: TestStore.one).publishCheckpoint()
        try await store.scope.change("person.erased", on: "person:\(person)") { change in
            try change.delete(try change.view.require(Poster.self, person))
            #expect(try change.erase(person.retyped()))
        }
        #expect(try await store.poster(other) == "somebody else")
        let keys = try store.folder.withRawDatabase { try $0.count("subject_key") }
        #expect(keys == 1)
        #expect(try await store.problems().isEmpty)
        #expect(try await store.scope.change("person.erased") { try $0.erase(person.retyped()) } == false)
    }

    @Test func aRowWhoseKeyIsGoneIsNamedAndOthersStayReadable() async throws {
        let store = try await TestStore.make()
        let person = try await store.hang("Rumpelstilzchen")
        let other = try await store.hang("somebody else")
        try await store.scope.change("person.erased") { _ = try $0.erase(person.retyped()) }
        #expect(await problem { _ = try await store.poster(person) }?.code == "vault.erased")
        #expect(try await store.poster(other) == "somebody else")
    }

    @Test func whatIsAboutAPersonNeedsBothKeys() async throws {
        let store = try await TestStore.make()
        let person = try await store.hang("Rumpelstilzchen")
        let other = try await store.hang("somebody else")
        // The keys of two persons change places: neither opens with the other's.
        try store.folder.withRawDatabase { raw in
            let rows = try raw.rows("SELECT subject, wrapped FROM subject_key")
            for (row, foreign) in zip(rows, rows.reversed()) {
                guard case .blob(let subject) = row[0] else { continue }
                _ = try raw.set("wrapped", of: "subject_key", at: "subject = \(raw.literal(subject))", to: foreign[1])
            }
        }
        for id in [person, other] {
            #expect(await problem { _ = try await store.poster(id) }?.kind == .refused)
        }
    }
}

extension TestStore {
    /// Writes what is about a person.
    func hang(_ text: String) async throws -> Identifier<Poster> {
        try await scope.change("poster.hung") { change in
            try change.insert(Poster(id: change.newIdentifier(), text: text)).record.id
        }
    }

    func poster(_ id: Identifier<Poster>) async throws -> String {
        try await scope.read { try $0.require(Poster.self, id).record.text }
    }
}
