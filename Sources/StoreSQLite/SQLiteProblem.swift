import GRDB
import Kernel

/// What SQLite reports, in words that a person can act on.
enum SQLiteProblem {
    /// Does `work`, and names what SQLite reports.
    static func naming<T>(_ work: () throws -> T) throws -> T {
        do { return try work() } catch { throw from(error) }
    }

    static func from(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let cause = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "")"
        switch error.resultCode {
        case .SQLITE_FULL:
            return Problem(
                .unavailable, code: "store.disk-full", "The disk is full; nothing was stored.",
                hint: "Free some space on the file system that holds the data folder; no restart is needed.",
                cause: cause)
        case .SQLITE_READONLY:
            return Problem(
                .unavailable, code: "store.read-only", "The database file cannot be written.",
                hint: "Check the file system and the owner of the data folder.", cause: cause)
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
}
