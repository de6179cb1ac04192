import App
import ArgumentParser
import Configuration
import Foundation
import Identity
import Kernel

/// Where the installation is.
struct DataPlace: ParsableArguments {
    @Option(
        help: ArgumentHelp("The folder that holds the installation's data. Also VOUCHSAFE_DATA.", valueName: "dir"))
    var data: String?

    @OptionGroup var database: DatabaseOptions

    /// The data folder, by option or by environment.
    func folder() throws -> DataFolder {
        guard let data = Environment.value(data, "vouchsafe.data") else {
            throw Problem(
                .invalid, code: "data.unnamed", "No data folder is named.",
                hint: "Say where the data is: --data DIR, or VOUCHSAFE_DATA in the environment.")
        }
        return DataFolder(data)
    }

    /// The folder with its database and key.
    func site() throws -> InstallationSite { try database.site(in: try folder()) }

    /// Opens the installation for as long as `work` runs.
    func opened<T>(_ work: (Installation) async throws -> T) async throws -> T {
        let installation = try await Installation.open(try site())
        do {
            let result = try await work(installation)
            try await installation.close()
            return result
        } catch {
            try await installation.close()
            throw error
        }
    }
}

/// Which database and which key an installation uses, where they are not the ones in its data folder.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "postgres://user@host/database, for several servers on one database. Also VOUCHSAFE_DATABASE; a password is best kept in ~/.pgpass.",
            valueName: "address"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "The same database as the role that owns the tables; needed when they must be made or changed. Also VOUCHSAFE_DATABASE_OWNER.",
            valueName: "address"))
    var databaseOwner: String?

    @Option(
        help: ArgumentHelp(
            "file, file:PATH, credential:NAME or passphrase:PATH. Also VOUCHSAFE_KEY.", valueName: "source"))
    var key: String?

    func site(in folder: DataFolder) throws -> InstallationSite {
        InstallationSite(
            folder: folder,
            database: try DatabaseChoice(
                Environment.value(database, "vouchsafe.database", isSecret: true),
                owner: Environment.value(databaseOwner, "vouchsafe.database.owner", isSecret: true)),
            key: try KeySource(Environment.value(key, "vouchsafe.key")))
    }
}

/// Options that may stand in the environment instead.
enum Environment {
    static func value(_ option: String?, _ key: ConfigKey, isSecret: Bool = false) -> String? {
        option ?? ConfigReader(provider: EnvironmentVariablesProvider()).string(forKey: key, isSecret: isSecret)
    }
}

/// Where the installation is, and which organisation is meant.
struct DataOptions: ParsableArguments {
    @OptionGroup var place: DataPlace

    @Option(
        name: .customLong("organisation"),
        help: ArgumentHelp(
            "The organisation's name in addresses; needed only where there are several.", valueName: "name"))
    var slug: String?
}

/// `host:port` on the command line.
enum ListenAddress {
    /// - Throws: `ValidationError` unless it is an address and a port.
    static func parts(of text: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw ValidationError("--listen takes an address and a port, such as localhost:8443.") }
        let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return (host.isEmpty ? "0.0.0.0" : host, port)
    }
}

/// A moment on the command line.
struct Moment: ExpressibleByArgument {
    let instant: Instant

    init?(argument: String) {
        guard let instant = Instant(argument) else { return nil }
        self.instant = instant
    }
}
