import App
import ArgumentParser
import Configuration
import Foundation
import Identity
import Kernel

/// Where the installation is, and which organisation is meant.
struct DataOptions: ParsableArguments {
    @Option(help: "The folder that holds the installation's data. Also VOUCHSAFE_DATA.")
    var data: String?

    @Option(
        name: .customLong("organisation"),
        help: "The organisation's name in addresses; needed only where there are several.")
    var slug: String?

    /// The data folder, by option or by environment.
    func folder() throws -> DataFolder {
        if let data { return DataFolder(data) }
        let environment = ConfigReader(provider: EnvironmentVariablesProvider())
        guard let data = environment.string(forKey: "vouchsafe.data") else {
            throw ValidationError("Say where the data is: --data DIR, or VOUCHSAFE_DATA in the environment.")
        }
        return DataFolder(data)
    }

    /// Opens the installation and the organisation that is meant, for as long as `work` runs.
    func withOrganisation<T>(_ work: (Installation, Tenant) async throws -> T) async throws -> T {
        let installation = try await Installation.open(try folder())
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
