import App
import ArgumentParser
import Flows
import Identity

/// What can stand in a list of commands: a verb, or a group of them. Each verb says whose data it touches and what one must be
/// permitted for it; one that says nothing stands in no list.
protocol Listed: ParsableCommand {}

/// Several verbs about one thing.
protocol VerbGroup: Listed {}

/// A verb that works on what it is given, and touches no installation.
protocol LooseVerb: Listed {}

/// A verb about the installation as a whole, for whoever holds the machine and its key: no permission of any organisation's is
/// enough for it.
protocol InstallationVerb: Listed {}

/// A verb about one organisation, which does what a person with its permission may.
protocol OrganisationVerb: Listed {
    /// What it does, of what a person may be permitted.
    static var permission: Permission { get }
}

extension CommandConfiguration {
    /// A command with others below it.
    init(
        _ name: String, _ abstract: String, discussion: String = "", version: String = "",
        listing: [any Listed.Type], first: (any Listed.Type)? = nil
    ) {
        self.init(
            commandName: name, abstract: abstract, discussion: discussion, version: version, subcommands: listing,
            defaultSubcommand: first)
    }
}

extension InstallationVerb {
    /// Opens the installation for as long as `work` runs.
    func withInstallation<T>(_ place: DataPlace, _ work: (Installation) async throws -> T) async throws -> T {
        try await place.opened(work)
    }
}

extension OrganisationVerb {
    /// Opens the installation and the organisation that is meant, for as long as `work` runs.
    func withOrganisation<T>(
        _ options: DataOptions, _ work: (Installation, Tenant) async throws -> T
    ) async throws -> T {
        try await options.place.opened { installation in
            try await work(installation, try await installation.organisation(options.slug))
        }
    }

    /// The same for somebody at the machine itself, who may do everything in the organisation that is meant.
    func asOperator<T>(_ options: DataOptions, _ work: (Rooms, Caller) async throws -> T) async throws -> T {
        try await withOrganisation(options) { installation, tenant in
            try await work(installation.rooms, .operator(in: tenant))
        }
    }
}
