import GRDB
import GRDBSQLite
import Glibc
import Kernel

/// What SQLite reports, in words that a person can act on.
enum SQLiteProblem {
    /// Does `work`, and names what SQLite reports.
    static func naming<T>(_ connection: GRDB.Database, _ work: () throws -> T) throws -> T {
        do { return try work() } catch { throw from(error, on: connection) }
    }

    /// - Parameter connection: Where it happened, if that is still at hand: it knows what the system said.
    static func from(_ error: any Error, on connection: GRDB.Database? = nil) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let cause = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "")"
        switch error.resultCode {
        case .SQLITE_FULL:
            return Problem(
                .unavailable, code: "store.disk-full", "The disk is full; nothing was stored.",
                hint: "Free some space on the file system that holds the data folder; no restart is needed.",
                cause: cause)
        case .SQLITE_IOERR:
            let number = connection.map(systemError) ?? 0
            // SQLite has a result of its own for a file that was opened for reading only, and none for a file system that
            // became so since.
            guard number != EROFS else { return readOnly(cause) }
            return Problem(
                .unavailable, code: "store.disk-failed", "The disk refused to read or write; nothing was stored.",
                hint: "Look at the file system that holds the data folder, and at the system's log.",
                cause: number == 0 ? cause : "\(cause): \(String(cString: strerror(number)))")
        case .SQLITE_READONLY:
            return readOnly(cause)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return Problem(
                .unavailable, code: "store.busy", "The database is busy; nothing was stored.",
                hint: "Another program holds it. Try again.", cause: cause)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return Problem(
                .refused, code: "store.corrupt", "The database file is damaged.",
                hint:
                    "Stop the server and restore the newest backup; `vouchsafe ledger verify` names what still holds.",
                cause: cause)
        case .SQLITE_CANTOPEN:
            return Problem(
                .unavailable, code: "store.cannot-open", "The database file cannot be opened.",
                hint: "Check that the data folder exists and belongs to the user that runs Vouchsafe.", cause: cause)
        case .SQLITE_CONSTRAINT:
            return Problem(
                .conflict, code: "store.conflict", "That is there already, or something it needs is gone.", cause: cause
            )
        default:
            return Problem(
                .unavailable, code: "store.failed", "The database could not do that; nothing was stored.",
                hint: "The log of the server tells more.", cause: cause)
        }
    }

    /// What the system answered to the last call that failed on the write-ahead log; zero if that is not known. (A commit
    /// that fails does not set `sqlite3_system_errno` before SQLite 3.41.)
    private static func systemError(on connection: GRDB.Database) -> Int32 {
        var file: UnsafeMutablePointer<sqlite3_file>?
        var number: Int32 = 0
        guard sqlite3_file_control(connection.sqliteConnection, nil, SQLITE_FCNTL_JOURNAL_POINTER, &file) == SQLITE_OK,
            let file, let control = file.pointee.pMethods?.pointee.xFileControl,
            control(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK
        else { return 0 }
        return number
    }

    private static func readOnly(_ cause: String) -> Problem {
        Problem(
            .unavailable, code: "store.read-only", "The database file cannot be written.",
            hint: "Check the file system and the owner of the data folder.", cause: cause)
    }
}
