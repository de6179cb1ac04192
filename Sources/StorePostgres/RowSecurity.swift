import Kernel
import Store

/// PostgreSQL's own separation of organisations: every table shows and takes only rows of the organisation that the
/// transaction named. The store's statements ask for one organisation anyway; this holds where one of them did not.
enum RowSecurity {
    /// Names the organisation for the rest of the transaction, and for no longer: a pooled connection carries nothing over.
    static func enter(_ organisation: Identifier<Organisation>, on session: any SQLSession) throws {
        try session.send(
            "SELECT set_config('vouchsafe.organisation', ?, true)", [.text(organisation.bytes.hex)])
    }

    /// What a row must fulfil, as PostgreSQL itself writes it back. Unset, or empty after a transaction, it matches no row.
    static let condition = "(organisation = decode(current_setting('vouchsafe.organisation'::text, true), 'hex'::text))"

    /// The statements that put `table` under row security, its owner included.
    static func statements(for table: String) -> [String] {
        [
            "ALTER TABLE \(table) ENABLE ROW LEVEL SECURITY", "ALTER TABLE \(table) FORCE ROW LEVEL SECURITY",
            "CREATE POLICY organisation ON \(table) USING \(condition) WITH CHECK \(condition)",
        ]
    }

    /// Refuses to go on if a table is not under row security, or if this role could go around it.
    ///
    /// - Throws: `Problem` `store.row-security` (refused) that names the table or the role.
    static func check(_ session: any SQLSession, tables: [TableDefinition], at address: PostgreSQLAddress) throws {
        try checkRole(session)
        let rest = try checkTables(session, expected: Set(tables.map(\.name)))
        guard rest.isEmpty else {
            throw refusal(
                "The table \(rest.sorted()[0]) is missing or cannot be seen.", "Run `vouchsafe database prepare`.")
        }
        try checkPolicies(session)
    }

    private static func checkRole(_ session: any SQLSession) throws {
        var reason: String?
        try session.rows(
            """
            SELECT rolname, rolsuper OR EXISTS (SELECT 1 FROM pg_roles AS other WHERE other.rolsuper \
            AND pg_has_role(current_user, other.oid, 'MEMBER')), rolbypassrls OR EXISTS (SELECT 1 FROM pg_roles AS other \
            WHERE other.rolbypassrls AND pg_has_role(current_user, other.oid, 'MEMBER')) \
            FROM pg_roles WHERE rolname = current_user
            """, []
        ) { row in
            if row.integer(1) != 0 {
                reason = "The role \(row.text(0)) is a superuser or can become one."
            } else if row.integer(2) != 0 {
                reason = "The role \(row.text(0)) bypasses row security or can become one that does."
            }
        }
        if let reason {
            throw refusal(reason, "Serve as a role of its own that owns nothing: CREATE ROLE vouchsafe LOGIN.")
        }
    }

    /// What belongs to an extension, such as the view of `pg_stat_statements`, holds none of our rows: only a superuser, or
    /// the extension's own script, can make something part of one.
    private static let ofExtension =
        "EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')"

    /// - Returns: The expected tables that are not there.
    private static func checkTables(_ session: any SQLSession, expected: Set<String>) throws -> Set<String> {
        var missing = expected
        try session.rows(
            """
            SELECT relname, relrowsecurity, relforcerowsecurity, relkind IN ('r', 'p'), pg_has_role(current_user, relowner, 'MEMBER'), \
            has_table_privilege(current_user, pg_class.oid, 'TRUNCATE') OR has_table_privilege(current_user, pg_class.oid, 'TRIGGER') \
            FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace = current_schema()::regnamespace \
            AND relname <> 'migration' AND NOT \(ofExtension)
            """, []
        ) { row in
            let name = row.text(0)
            guard row.integer(3) != 0 else {
                throw refusal(
                    "\(name) is a view or a foreign table, which can show what row security hides.",
                    "Drop it, or move it: ALTER VIEW \(name) SET SCHEMA another.")
            }
            missing.remove(name)
            if row.integer(1) == 0 || row.integer(2) == 0 {
                throw refusal(
                    "The table \(name) is not under row security.",
                    "As its owner: ALTER TABLE \(name) ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY.")
            }
            if row.integer(4) != 0 {
                throw refusal(
                    "The role that serves owns the table \(name), or is a member of the role that does.",
                    "Let another role own the tables, and serve as one that is no member of it.")
            }
            if row.integer(5) != 0 {
                throw refusal(
                    "The role that serves may truncate the table \(name) or put triggers on it, which row security does not see.",
                    "As its owner: REVOKE TRUNCATE, TRIGGER ON \(name) FROM the role.")
            }
        }
        return missing
    }

    private static func checkPolicies(_ session: any SQLSession) throws {
        try session.rows(
            """
            SELECT relname, COUNT(polname), COALESCE(bool_and(polcmd = '*' AND polpermissive AND polroles = '{0}' \
            AND pg_get_expr(polqual, polrelid) = ? AND pg_get_expr(polwithcheck, polrelid) = ?), false) \
            FROM pg_class LEFT JOIN pg_policy ON polrelid = pg_class.oid \
            WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace AND relname <> 'migration' \
            AND NOT \(ofExtension) \
            GROUP BY relname
            """, [.text(condition), .text(condition)]
        ) { row in
            guard row.integer(1) == 1, row.integer(2) != 0 else {
                throw refusal(
                    "The table \(row.text(0)) has other policies than the one that separates organisations.",
                    "Restore the policy \"organisation\" as docs/scaling.md shows it, and drop the others.")
            }
        }
    }

    private static func refusal(_ message: String, _ hint: String) -> Problem {
        Problem(.refused, code: "store.row-security", "Refusing to serve. \(message)", hint: hint)
    }
}
