import CPostgreSQL
import Foundation
import Kernel

/// Where a PostgreSQL database is and as whom to go there: a libpq connection string, checked and with our own defaults.
///
/// It may name several hosts; the one that takes writes is found (`target_session_attrs`). It holds a password, so it
/// never prints itself.
public struct PostgreSQLAddress: Sendable, CustomStringConvertible, CustomReflectable {
    /// Keywords and values as libpq takes them.
    let parameters: [String: String]

    /// Reads `postgres://user@host,host/database?keyword=value` or `keyword=value …`.
    ///
    /// Unless the address says otherwise: the server must take writes, must answer within five seconds, is given up after
    /// about twenty silent ones, and must prove who it is (`sslmode=verify-full`) unless it is known to be on this machine.
    ///
    /// - Throws: `Problem` `store.address` (invalid) for what libpq cannot read, `store.no-libpq` if it is not installed.
    public init(_ text: String) throws {
        let functions = try PostgreSQLLibrary.load()
        var reason: UnsafeMutablePointer<CChar>?
        guard let options = functions.PQconninfoParse(text, &reason) else {
            // What libpq says quotes the address, and with it the password.
            if let reason { functions.PQfreemem(reason) }
            throw Problem(
                .invalid, code: "store.address", "The address of the database cannot be read.",
                hint: "Write it as postgres://user@host/database; see the PostgreSQL manual, \"Connection Strings\".")
        }
        defer { functions.PQconninfoFree(options) }
        var given: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        parameters = given.merging(Self.defaults(for: given)) { given, _ in given }
    }

    private static func defaults(for given: [String: String]) -> [String: String] {
        var defaults = [
            "target_session_attrs": "read-write", "connect_timeout": "5", "application_name": "vouchsafe",
            "client_encoding": "UTF8", "keepalives_idle": "10", "keepalives_interval": "3", "keepalives_count": "3",
            "tcp_user_timeout": "20000",
        ]
        let environment = ProcessInfo.processInfo.environment
        let isOfService = given["service"] != nil || environment["PGSERVICE"] != nil
        let outside = isOfService ? nil : environment["PGHOSTADDR"] ?? environment["PGHOST"]
        let hosts = (given["hostaddr"] ?? given["host"] ?? outside ?? "").split(separator: ",").map(String.init)
        // Where a service file names the host, it may be any. libpq's own default is a socket, on which TLS is never asked for.
        if hosts.isEmpty || hosts.contains(where: { !isThisMachine($0) }) { defaults["sslmode"] = "verify-full" }
        return defaults
    }

    private static func isThisMachine(_ host: String) -> Bool {
        host.hasPrefix("/") || host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }

    /// Host and database, without anything secret.
    public var description: String {
        "\(parameters["host"] ?? parameters["hostaddr"] ?? "localhost")/\(parameters["dbname"] ?? parameters["user"] ?? "")"
    }

    /// Shows nothing to whatever looks inside.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// libpq, found when it is needed.
enum PostgreSQLLibrary {
    /// - Throws: `Problem` `store.no-libpq` (unavailable).
    static func load() throws -> PostgreSQLFunctions {
        let memory = UnsafeMutablePointer<PostgreSQLFunctions>.allocate(capacity: 1)
        defer { memory.deallocate() }
        if let missing = vouchsafe_load_libpq(memory) {
            throw Problem(
                .unavailable, code: "store.no-libpq",
                "PostgreSQL's client library is not installed here, or is too old (\(String(cString: missing)) is missing).",
                hint: "Install libpq 14 or newer; on Debian: apt-get install libpq5.")
        }
        return memory.pointee
    }
}
