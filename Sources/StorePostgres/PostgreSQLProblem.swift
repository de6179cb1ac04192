import Kernel

/// What PostgreSQL reports, in words that a person can act on.
enum PostgreSQLProblem {
    /// The problem behind an SQLSTATE (PostgreSQL manual, appendix A).
    ///
    /// - Parameters:
    ///   - state: Five characters; empty if the server said nothing any more.
    ///   - cause: What it said, for the log.
    static func from(state: String, cause: String) -> Problem {
        let cause = "PostgreSQL \(state): \(cause)"
        switch (state.prefix(2), state) {
        case (_, "23505"), ("23", _):
            return Problem(
                .conflict, code: "store.conflict", "That is there already, or something it needs is gone.", cause: cause
            )
        case (_, "53100"):
            return Problem(
                .unavailable, code: "store.disk-full", "The disk of the database is full; nothing was stored.",
                hint: "Free some space on the database server; no restart is needed.", cause: cause)
        case (_, "25006"):
            return readOnly(cause)
        case (_, "42501"):
            return Problem(
                .refused, code: "store.not-permitted", "The database refused this to the role that Vouchsafe uses.",
                hint: "Run `vouchsafe database prepare` as the owner of the tables.", cause: cause)
        case ("40", _), (_, "55P03"), (_, "57014"), (_, "25P03"):
            return Problem(
                .unavailable, code: "store.busy", "The database is busy; nothing was stored.", hint: "Try again.",
                cause: cause)
        case ("53", _), ("57", _), ("08", _), (_, ""):
            return lost(cause)
        case (_, "XX001"), (_, "XX002"):
            return Problem(
                .refused, code: "store.corrupt", "The database is damaged.",
                hint: "Restore the newest backup; `vouchsafe ledger verify` names what still holds.", cause: cause)
        default:
            return Problem(
                .unavailable, code: "store.failed", "The database could not do that; nothing was stored.",
                hint: "The log of the server tells more.", cause: cause)
        }
    }

    /// The server cannot be reached, or went away before anything was stored.
    ///
    /// - Parameter cause: libpq's own words, which follow no locale because this program sets none.
    static func lost(_ cause: String) -> Problem {
        if cause.contains("session is read-only") { return readOnly(cause) }
        return Problem(
            .unavailable, code: "store.unreachable", "The database cannot be reached at the moment.",
            hint:
                "It is tried again by itself. Check that PostgreSQL runs, lets this machine in, and has room for more connections (max_connections).",
            cause: cause)
    }

    private static func readOnly(_ cause: String) -> Problem {
        Problem(
            .unavailable, code: "store.read-only", "The database takes no writes at the moment.",
            hint:
                "It may be a standby, or just failing over, or its disk is nearly full. It is tried again by itself.",
            cause: cause)
    }

    /// The connection broke between sending the commit and hearing of it.
    static func unknownOutcome(_ cause: String?) -> Problem {
        Problem(
            .unavailable, code: "store.unknown-outcome",
            "The connection to the database broke while it was saving; whether it did is not known.",
            hint: "Look whether it is there before you repeat it.", cause: cause)
    }
}
