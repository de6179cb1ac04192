import App
import ArgumentParser
import Kernel
import Store

/// Working with the database itself.
struct DatabaseCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "database", "Make or bring up to date the tables of a PostgreSQL database.",
        listing: [DatabasePrepare.self])
}

/// Brings the tables up to date as their owner.
struct DatabasePrepare: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract:
            "Bring the tables up to date, as their owner, and check that the serving role cannot go around row security.",
        discussion: """
            Needs --database, as the role that serves, and --database-owner, as the role that owns the tables. May be repeated. \
            Servers then run with --database alone, and never hold the owner's password.
            """)

    @OptionGroup var place: DataPlace

    func run() async throws {
        let site = try place.site()
        guard case .postgreSQL = site.database else {
            throw Problem(
                .invalid, code: "store.address", "Only a PostgreSQL database is prepared.",
                hint: "Give --database postgres://… and --database-owner postgres://….")
        }
        let installation = try await Installation.openOrMake(site)
        Output.line(
            "The tables are up to date in \(installation.database.product), and every one is under row security.")
        try await installation.close()
    }
}
