/// The words by which databases, languages and frameworks tell that something went wrong in them.
enum ErrorSigns {
    /// Where the first of them stands in a text.
    static func first(in text: [UInt8]) -> Range<Int>? {
        if let place = phrases.first(in: text) { return place }
        return javaFrame(in: text) ?? oracleNumber(in: text)
    }

    private static let phrases = PhraseFinder(
        [
            // SQL Server and its drivers
            "Microsoft OLE DB Provider for ODBC Drivers", "Microsoft OLE DB Provider for SQL Server",
            "ODBC Microsoft Access Driver",
            "ODBC SQL Server Driver", "[SQL Server Driver][SQL Server]", "[Microsoft][ODBC", "ADODB.Field error",
            "Unclosed quotation mark before the character string", "Unclosed quotation mark after the character string",
            "System.Data.SqlClient.SqlException", "Microsoft.Data.SqlClient.SqlException",
            "System.Data.OleDb.OleDbException",
            "Error converting data type varchar to numeric",
            // MySQL and MariaDB
            "You have an error in your SQL syntax", "supplied argument is not a valid MySQL result", "Warning: mysql_",
            "Warning: mysqli_", "on MySQL result index", "mySQL error with query", "MySQL Error",
            "Column count doesn't match value count at row", "Incorrect column specifier for column", "SQLSTATE[",
            "com.mysql.jdbc", "com.mysql.cj.jdbc", "MySqlException", "valid MySQL result",
            // PostgreSQL
            "Supplied argument is not a valid PostgreSQL result", "PostgreSQL query failed: ERROR", "Warning: pg_",
            "ERROR: parser: parse error at or near", "unterminated quoted string at or near",
            "org.postgresql.util.PSQLException",
            "psycopg2.errors.", "psycopg2.ProgrammingError", "PG::SyntaxError", "pg_query(): Query failed",
            // Oracle, DB2, Informix, SQLite and others
            "SQL command not properly ended", "unexpected end of SQL command", "Oracle Error",
            "internal error [IBM][CLI Driver]",
            "DB2 SQL error", "DB2 Driver", "[ODBC Informix driver][Informix]", "sqlite3.OperationalError",
            "SQLite3::SQLException",
            "System.Data.SQLite.SQLiteException", "SQLITE_ERROR", "unrecognized token: \"", "JDBC Driver", "JDBC Error",
            "Unexpected end of command in statement [", "An unexpected token \"END-OF-STATEMENT\" was found",
            "): encountered SQLException [", "Invalid SQL:", "A syntax error has occurred", "java.sql.SQLException",
            "Syntax error in string in query expression", "Syntax error (missing operator) in query expression",
            // PHP
            "PHP Error", "PHP Parse error", "PHP Warning", "PHP Fatal error", "<b>Warning</b>:  ",
            "<b>Fatal error</b>:  ",
            "<b>Parse error</b>:  ", "<b>Notice</b>:  ", "Fatal error: Uncaught ", "The script whose uid is",
            "Warning: Cannot modify header information - headers already sent",
            "Warning: Supplied argument is not a valid File-Handle resource in",
            // Python, Ruby, Node.js, Go, Rust, Java, .NET, ColdFusion, ASP
            "Traceback (most recent call last)", "ActionController::RoutingError", "ActiveRecord::",
            "NoMethodError in ",
            "ReferenceError: ", "TypeError: Cannot read propert", "at Object.<anonymous> (",
            "UnhandledPromiseRejection",
            "panic: runtime error:", "goroutine 1 [running]:", "thread 'main' panicked at", "Exception in thread \"",
            "java.lang.NullPointerException", "java.lang.NumberFormatException: For input string:",
            "javax.servlet.ServletException", "jakarta.servlet.ServletException", "org.apache.jasper.JasperException",
            "org.springframework.", "org.hibernate.", "Servlet Error</title>", "<title>JRun Servlet Error</title>",
            "Error Occurred While Processing Request", "The Error Occurred in <b>", "Server Error in '/",
            "ASP.NET is configured to show verbose error messages", "Microsoft VBScript compilation error",
            "Microsoft VBScript runtime error", "Microsoft VBScript error", "Active Server Pages error",
            "System.NullReferenceException", "System.InvalidOperationException", "Stack trace:\n#0 ",
            "Invision Power Board Database Error", "OLE/DB provider returned message",
        ], foldsCase: false)

    private static let javaFrames = PhraseFinder([".java:", ".kt:", ".scala:"], foldsCase: false)

    /// A line of a Java stack, such as `at a.b.C.d(C.java:12)`.
    private static func javaFrame(in text: [UInt8]) -> Range<Int>? {
        guard let place = javaFrames.first(in: text), place.upperBound < text.count, text[place.upperBound].isDigit
        else {
            return nil
        }
        let lineStart = text[..<place.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let line = text[lineStart..<place.lowerBound].drop(while: \.isHTMLSpace)
        return line.starts(with: "at ".utf8) ? line.startIndex..<place.upperBound : nil
    }

    /// An error number of Oracle, such as `ORA-00933: `.
    private static func oracleNumber(in text: [UInt8]) -> Range<Int>? {
        guard let place = PhraseFinder(["ORA-"], foldsCase: false).first(in: text) else { return nil }
        let digits = text[place.upperBound...].prefix(while: \.isDigit)
        guard (4...5).contains(digits.count), digits.endIndex < text.count, text[digits.endIndex] == UInt8(ascii: ":")
        else {
            return nil
        }
        return place.lowerBound..<digits.endIndex
    }
}
