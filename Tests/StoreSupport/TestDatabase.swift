import Foundation
import Kernel
import Store
import StorePostgres
import StoreSQLite
import TestSupport
import Testing

/// The databases that a test can run on. A folder stands for one: it holds the SQLite file, or names a PostgreSQL schema.
public enum TestDatabase: String, CaseIterable, Sendable {
    case sqlite, postgreSQL

    /// The one that the running test is on.
    @TaskLocal public static var current =
        ProcessInfo.processInfo.environment["VOUCHSAFE_TEST_DATABASE"].flatMap(TestDatabase.init) ?? .sqlite

    /// The private server that `scripts/with-postgresql` started, as its superuser.
    public static let server = ProcessInfo.processInfo.environment["VOUCHSAFE_TEST_POSTGRESQL"]

    /// What can be tested here: PostgreSQL only where a server was started for it.
    public static var available: [TestDatabase] { server == nil ? [.sqlite] : allCases }

    /// A new driver for the database that `folder` stands for, made if it is not there.
    public func driver(in folder: TemporaryFolder) async throws -> any DatabaseDriver {
        switch self {
        case .sqlite: try SQLiteDriver(path: folder.database)
        case .postgreSQL:
            try await PostgreSQLDriver(
                try Self.address(of: folder, as: "vouchsafe_app"),
                owner: try Self.address(of: folder, as: "vouchsafe_owner"), connections: 2)
        }
    }

    /// Works on the stored bytes as somebody does who has the database and nothing else.
    public func withRawDatabase<T>(in folder: TemporaryFolder, _ work: (any RawDatabase) throws -> T) throws -> T {
        switch self {
        case .sqlite: try RawSQLite.open(folder, work)
        case .postgreSQL: try work(try RawPostgreSQL(schema: Self.schema(of: folder)))
        }
    }

    /// How a role reaches the schema that `folder` stands for.
    public static func address(of folder: TemporaryFolder, as role: String) throws -> PostgreSQLAddress {
        let schema = schema(of: folder)
        // Made here, so that a test names nothing but its folder.
        try RawPostgreSQL.prepare(schema)
        return try PostgreSQLAddress(try addressText(schema: schema, as: role))
    }

    public static func addressText(schema: String, as role: String) throws -> String {
        let server = try #require(server, "start the tests with scripts/with-postgresql")
        return server.replacing("user=vouchsafe_admin", with: "user=\(role)") + " options='-c search_path=\(schema)'"
    }

    static func schema(of folder: TemporaryFolder) -> String {
        "t_" + URL(fileURLWithPath: folder.path).lastPathComponent.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}

/// Runs each test once on every database that is available.
public struct OnEveryDatabase: SuiteTrait, TestTrait, TestScoping {
    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for database in TestDatabase.available {
            try await TestDatabase.$current.withValue(database) { try await function() }
        }
    }
}

extension Trait where Self == OnEveryDatabase {
    /// Runs each test once on every database that is available.
    public static var onEveryDatabase: OnEveryDatabase { OnEveryDatabase() }
}
