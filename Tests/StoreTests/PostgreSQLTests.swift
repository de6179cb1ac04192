import Kernel
import StoreSupport
import Synchronization
import TestSupport
import Testing

@testable import Store
@testable import StorePostgres

/// What holds for PostgreSQL only.
@Suite(.enabled(if: TestDatabase.server != nil)) struct PostgreSQLTests {
    private func make() async throws -> TestStore {
        try await TestDatabase.$current.withValue(.postgreSQL) { try await TestStore.make() }
    }

    @Test func everyCommitIsOnTheDiskBeforeItIsAcknowledged() async throws {
        let store = try await make()
        let driver = try #require(store.driver as? PostgreSQLDriver)
        func text(_ sql: String) async throws -> String {
            try await driver.onWriter { session in
                var text = ""
                try session.rows(sql, []) { text = $0.text(0) }
                return text
            }
        }
        #expect(try await text("SELECT current_setting('synchronous_commit')") == "on")
        for setting in ["fsync", "full_page_writes"] {
            #expect(try await text("SELECT current_setting('\(setting)')") == "on")
        }
        for number in 0..<20 {
            // Where the log of the database is while the change is written, and what is on the disk once it is acknowledged.
            let written = try await store.scope.change("remark.made") { change in
                try change.insert(TestStore.remark("\(number)", in: change))
                try change.session.settle()
                var position = ""
                try change.session.rows("SELECT pg_current_wal_insert_lsn()::text", []) { position = $0.text(0) }
                return position
            }
            let isFlushed = try await text(
                "SELECT (pg_current_wal_flush_lsn() >= '\(written)'::pg_lsn)::text")
            #expect(isFlushed == "true")
        }
    }

    @Test func aStatementWithoutItsOrganisationStillSeesAndTakesOnlyItsOwn() async throws {
        let store = try await make()
        try await store.write("ours")
        let driver = try #require(store.driver as? PostgreSQLDriver)
        // What a mistake in a statement would do: it names no organisation, or another one.
        let seen = try await driver.read(organisation: TestStore.other) { session in
            var count: Int64 = -1
            try session.rows("SELECT COUNT(*) FROM remark", []) { count = $0.integer(0) }
            return count
        }
        #expect(seen == 0)
        let refusal = await problem {
            _ = try await driver.write(organisation: TestStore.other) { write in
                try write.session.execute(
                    "INSERT INTO scratch (organisation, name, count) VALUES (?, ?, 1)",
                    [.blob(TestStore.one.bytes), "smuggled"])
            }
        }
        #expect(refusal?.code == "store.not-permitted")
        let deleted = try await driver.write(organisation: TestStore.other) { write in
            try write.session.execute("DELETE FROM remark", [])
        }
        #expect(deleted == 0)
        #expect(try await store.texts() == ["ours"])
    }

    @Test func outsideATransactionNoOrganisationIsSet() async throws {
        let store = try await make()
        try await store.write("ours")
        let driver = try #require(store.driver as? PostgreSQLDriver)
        let seen = try await driver.onWriter { session in
            var count: Int64 = -1
            try session.rows("SELECT COUNT(*) FROM remark", []) { count = $0.integer(0) }
            return count
        }
        #expect(seen == 0, "the setting ended with its transaction")
    }

    @Test(arguments: [
        "ALTER TABLE remark DISABLE ROW LEVEL SECURITY", "ALTER TABLE remark NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY organisation ON remark", "CREATE POLICY more ON remark USING (true)",
        "ALTER POLICY organisation ON remark USING (true)", "ALTER TABLE remark OWNER TO vouchsafe_app",
        "GRANT TRUNCATE ON remark TO vouchsafe_app", "CREATE TABLE more (organisation BYTEA)", "DROP TABLE poster",
        "CREATE VIEW more AS SELECT * FROM remark",
    ])
    func aServerDoesNotStartWhereRowSecurityHasAHole(_ damage: String) async throws {
        let store = try await make()
        try await store.driver.close()
        try await TestDatabase.$current.withValue(.postgreSQL) {
            try store.folder.runSQL(damage)
            let refusal = await problem { _ = try await TestStore.open(store.folder, seed: 2) }
            #expect(refusal?.code == "store.row-security")
        }
    }

    @Test func whatAnExtensionBringsIsNoHole() async throws {
        let store = try await make()
        try await store.driver.close()
        try await TestDatabase.$current.withValue(.postgreSQL) {
            try store.folder.runSQL("DROP EXTENSION IF EXISTS pg_stat_statements; CREATE EXTENSION pg_stat_statements")
            let refusal = await problem { try await TestStore.open(store.folder, seed: 2).driver.close() }
            try store.folder.runSQL("DROP EXTENSION pg_stat_statements")
            #expect(refusal == nil)
            try store.folder.runSQL("CREATE VIEW report AS SELECT COUNT(*) FROM remark")
            let view = await problem { _ = try await TestStore.open(store.folder, seed: 2) }
            #expect(view?.code == "store.row-security")
            #expect(view?.hint?.contains("ALTER VIEW report SET SCHEMA") == true, "\(view?.hint ?? "")")
        }
    }

    @Test(arguments: ["vouchsafe_admin", "vouchsafe_owner"])
    func aServerDoesNotStartAsARoleThatCouldGoAround(_ role: String) async throws {
        let store = try await make()
        let driver = try await PostgreSQLDriver(try TestDatabase.address(of: store.folder, as: role), connections: 1)
        let refusal = await problem {
            try await driver.migrate(SystemTables.migrations + TestStore.migrations) { _ in }
        }
        #expect(refusal?.code == "store.row-security")
    }

    @Test func theServingRoleCannotMakeTables() async throws {
        let folder = try TemporaryFolder()
        let driver = try await PostgreSQLDriver(
            try TestDatabase.address(of: folder, as: "vouchsafe_app"), connections: 1)
        let refusal = await problem { try await driver.migrate(TestStore.migrations) { _ in } }
        #expect(refusal?.code == "store.needs-owner")
    }

    @Test func aPasswordIsNeverRepeated() throws {
        for text in [
            "postgres://user:canary@host/database", "postgres://user:canary@%zz", "host=a password=canary nonsense=1",
        ] {
            do {
                let address = try PostgreSQLAddress(text)
                #expect(!"\(address)".contains("canary"))
                #expect(!String(reflecting: address).contains("canary"))
            } catch let problem as Problem {
                #expect(!"\(problem) \(problem.cause ?? "")".contains("canary"))
            }
        }
    }

    @Test func anotherMachineMustProveWhoItIs() throws {
        #expect(try PostgreSQLAddress("postgres://db.example/vouchsafe").parameters["sslmode"] == "verify-full")
        #expect(
            try PostgreSQLAddress("postgres://db.example/vouchsafe?sslmode=require").parameters["sslmode"] == "require")
        #expect(try PostgreSQLAddress("postgres://localhost/vouchsafe").parameters["sslmode"] == nil)
        // A service file may name any host.
        #expect(try PostgreSQLAddress("service=vouchsafe").parameters["sslmode"] == "verify-full")
        #expect(try PostgreSQLAddress("postgres:///vouchsafe?host=/run/postgresql").parameters["sslmode"] == nil)
        let several = try PostgreSQLAddress("postgres://one,two:5433/vouchsafe").parameters
        #expect(several["host"] == "one,two")
        #expect(several["target_session_attrs"] == "read-write")
    }
}

/// The database goes away under load, and comes back, or another takes its place.
@Suite(.enabled(if: TestDatabase.server != nil), .timeLimit(.minutes(3))) struct PostgreSQLOutageTests {
    /// Writers that go on until they are told to stop, and what they were told.
    private final class Load: Sendable {
        private struct State {
            var acknowledged: Set<String> = []
            var refusals: [String: Int] = [:]
            var isOver = false
        }
        private let state = Mutex(State())

        var acknowledged: Set<String> { state.withLock(\.acknowledged) }
        var refusals: [String: Int] { state.withLock(\.refusals) }
        func stop() { state.withLock { $0.isOver = true } }

        func run(on store: TestStore, writers: Int) async {
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask { [self] in
                        var number = 0
                        while !state.withLock(\.isOver), !Task.isCancelled {
                            number += 1
                            let text = "\(writer).\(number)"
                            do {
                                try await store.write(text)
                                _ = state.withLock { $0.acknowledged.insert(text) }
                            } catch {
                                let problem = error as? Problem
                                let name = problem?.kind == .unavailable ? problem?.code ?? "" : "\(error)"
                                state.withLock { $0.refusals[name, default: 0] += 1 }
                                // Refused at once: asking again without a pause would only take the machine from the others.
                                try? await Task.sleep(for: .milliseconds(20))
                            }
                        }
                    }
                }
            }
        }
    }

    private func open(
        _ server: OwnPostgreSQL, connections: Int = 4, commitPatience: Duration = .seconds(30)
    ) async throws -> TestStore {
        let driver = try await PostgreSQLDriver(
            try PostgreSQLAddress(server.address(as: "vouchsafe_app")),
            owner: try PostgreSQLAddress(server.address(as: "vouchsafe_owner") + " target_session_attrs=read-write"),
            connections: connections, commitPatience: commitPatience)
        let store = try await TestStore.open(driver, in: try TemporaryFolder())
        try await store.database.establish(TestStore.one)
        try await store.database.establish(TestStore.other)
        return store
    }

    /// Takes the server away and brings it, or another, back while eight writers go on.
    private func checkOutage(standby: Bool, away: String, back: String) async throws {
        let server = try OwnPostgreSQL(standby: standby)
        let store = try await open(server)
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await load.run(on: store, writers: 8) }
            func until(_ isReached: () -> Bool) async throws {
                while !isReached() { try await Task.sleep(for: .milliseconds(20)) }
            }
            try await until { load.acknowledged.count >= 50 }
            try await server.control(away)
            try await until { !load.refusals.isEmpty }
            try await server.control(back)
            // It recovers by itself: the same driver goes on.
            let before = load.acknowledged.count
            try await until { load.acknowledged.count >= before + 50 }
            load.stop()
            try await group.waitForAll()
        }
        let known: Set = ["store.unreachable", "store.unknown-outcome", "store.read-only", "store.busy"]
        #expect(Set(load.refusals.keys).isSubset(of: known), "\(load.refusals)")
        #expect(load.acknowledged.isSubset(of: Set(try await store.texts())))
        #expect(try await store.problems().isEmpty)
        try await store.driver.close()
    }

    @Test func aRestartRefusesWithAReasonAndLosesNothing() async throws {
        try await checkOutage(standby: false, away: "stop", back: "start")
    }

    @Test func aKilledServerLosesNothing() async throws {
        try await checkOutage(standby: false, away: "kill", back: "start")
    }

    @Test func afterAFailoverTheStandbyTakesTheWrites() async throws {
        try await checkOutage(standby: true, away: "kill", back: "promote")
    }

    @Test func aServerWithoutRoomForMoreConnectionsServesWithThoseItHas() async throws {
        let server = try OwnPostgreSQL()
        // One for the readers and one for the writers, of the eight that each would like.
        try await server.control("query", "ALTER ROLE vouchsafe_app CONNECTION LIMIT 2")
        let store = try await open(server, connections: 8)
        let organisations = [TestStore.one, TestStore.other]
        let refusals = await withTaskGroup(of: Problem?.self) { group in
            for number in 0..<64 {
                group.addTask {
                    await problem {
                        let scope = store.database.scope(organisations[number % 2], as: .operator)
                        try await scope.change("remark.made") { change in
                            try change.insert(TestStore.remark("\(number)", in: change))
                        }
                        _ = try await store.texts(in: organisations[number % 2])
                    }
                }
            }
            return await group.reduce(into: [Problem]()) { if let problem = $1 { $0.append(problem) } }
        }
        #expect(refusals.isEmpty, "\(refusals)")
        try await store.driver.close()
    }

    @Test func aCommitThatNobodyAnswersIsGivenUpAndLaterOnesGoThrough() async throws {
        let server = try OwnPostgreSQL(standby: true)
        let store = try await open(server, commitPatience: .seconds(1))
        try await store.write("before")
        // Every commit waits for the standby's copy.
        try await server.control("stop-standby")
        #expect(await problem { try await store.write("unknown") }?.code == "store.unknown-outcome")
        try await server.control("start-standby")
        try await store.write("after")
        #expect(try await Set(store.texts()).isSuperset(of: ["before", "after"]))
        #expect(try await store.problems().isEmpty)
        try await store.driver.close()
    }

    @Test func aDatabaseThatTakesNoWritesSaysSoUntilItDoes() async throws {
        let server = try OwnPostgreSQL()
        let store = try await open(server)
        try await store.write("before")
        func set(_ value: String) async throws {
            try await server.control("query", "ALTER SYSTEM SET default_transaction_read_only = \(value)")
            try await server.control("query", "SELECT pg_reload_conf()")
        }
        try await set("on")
        // The sessions hear of it a moment later.
        var refusal: Problem?
        while refusal == nil { refusal = await problem { try await store.write("refused") } }
        #expect(refusal?.code == "store.read-only")
        #expect(await problem { try await store.write("refused") }?.code == "store.read-only")
        #expect(try await store.texts().contains("before"))
        try await set("off")
        while await problem({ try await store.write("after") }) != nil {}
        #expect(try await store.texts().contains("after"))
        #expect(try await store.problems().isEmpty)
        try await store.driver.close()
    }
}
