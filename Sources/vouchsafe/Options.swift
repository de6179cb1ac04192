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

    /// The data folder, by option or by environment.
    func folder() throws -> DataFolder {
        if let data { return DataFolder(data) }
        let environment = ConfigReader(provider: EnvironmentVariablesProvider())
        guard let data = environment.string(forKey: "vouchsafe.data") else {
            throw Problem(
                .invalid, code: "data.unnamed", "No data folder is named.",
                hint: "Say where the data is: --data DIR, or VOUCHSAFE_DATA in the environment.")
        }
        return DataFolder(data)
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

    /// Opens the installation and the organisation that is meant, for as long as `work` runs.
    func withOrganisation<T>(_ work: (Installation, Tenant) async throws -> T) async throws -> T {
        let installation = try await Installation.open(try place.folder())
        do {
            let result = try await work(installation, try await installation.organisation(slug))
            try await installation.close()
            return result
        } catch {
            try await installation.close()
            throw error
        }
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
