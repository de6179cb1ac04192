import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store
import Wire

/// Accounts of programs.
struct ServiceAccountsCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "service-accounts", "Make, list and remove accounts of programs, which hold tokens.",
        listing: [ServiceAccountsList.self, ServiceAccountsMake.self, ServiceAccountsRemove.self])
}

/// Lists the service accounts.
struct ServiceAccountsList: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeTokens
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the service accounts of the organisation.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let accounts = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.serviceAccountList(of: tenant.id, as: .operator)
        }
        switch format {
        case .json: try Output.json(accounts)
        case .text:
            guard !accounts.isEmpty else {
                Output.line("There are no service accounts.")
                return
            }
            var table = TextTable("NAME", "TOKENS", "PERMISSIONS", "PURPOSE")
            for account in accounts {
                table.add(
                    account.name, "\(account.tokens.count)", account.permissions.joined(separator: ","),
                    account.purpose)
            }
            for line in table.lines { Output.line(line) }
        }
    }
}

/// Makes a service account.
struct ServiceAccountsMake: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeTokens
    static let configuration = CommandConfiguration(
        commandName: "make", abstract: "Make an account for a program, such as a pipeline.")

    @Argument(help: "What it is called.")
    var name: String

    @Option(help: "What it is there for, so that it is removed when that is over.")
    var purpose: String

    @Option(help: ArgumentHelp("The most that its tokens may do; repeat for several.", valueName: "permission"))
    var permission: [Permission]

    @OptionGroup var options: DataOptions

    func run() async throws {
        let account = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.tokens.makeServiceAccount(
                name, purpose: purpose, permissions: permission, by: .operator(in: tenant))
        }
        Output.line("Made: \(account.name) (\(account.id))")
    }
}

/// Removes a service account.
struct ServiceAccountsRemove: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeTokens
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a service account with all its tokens; they stop working at once.")

    @Argument(help: "Its name or id.")
    var account: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let removed = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.tokens.removeServiceAccount(account, of: tenant.id, as: .operator)
        }
        Output.line("Removed: \(removed.name)")
    }
}
