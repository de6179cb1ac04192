import Foundation
import Testing

/// The databases that the program can be tested on: PostgreSQL only beside `scripts/with-postgresql`.
enum CommandDatabase: String, CaseIterable, Sendable {
    case sqlite, postgreSQL

    /// The private server, as its superuser.
    static let server = ProcessInfo.processInfo.environment["VOUCHSAFE_TEST_POSTGRESQL"]

    static var available: [CommandDatabase] { server == nil ? [.sqlite] : allCases }

    /// What names this database to a command whose data folder lies in `folder`; makes what it needs.
    func options(for folder: Folder) throws -> [String] {
        guard self == .postgreSQL else { return [] }
        let schema = Self.schema(of: folder)
        let server = try #require(Self.server)
        let made = try Program.shell(
            """
            psql -q "\(server)" -c 'CREATE SCHEMA IF NOT EXISTS \(schema) AUTHORIZATION vouchsafe_owner' \
            -c 'GRANT USAGE ON SCHEMA \(schema) TO vouchsafe_app'
            """, in: folder)
        try #require(made.status == 0, "\(made.messages)")
        return Self.options(server, schema: schema)
    }

    /// The options for a schema of a server, given as its superuser.
    static func options(_ server: String, schema: String) -> [String] {
        func address(_ role: String) -> String {
            server.replacingOccurrences(of: "user=vouchsafe_admin", with: "user=\(role)")
                + " options='-c search_path=\(schema)'"
        }
        return ["--database", address("vouchsafe_app"), "--database-owner", address("vouchsafe_owner")]
    }

    /// The schema that stands for the folder.
    static func schema(of folder: Folder) -> String {
        "c_" + URL(fileURLWithPath: folder.path).lastPathComponent.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}
