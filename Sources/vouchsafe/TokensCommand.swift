import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store
import Wire

/// Tokens for programs.
struct TokensCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "tokens", "Make, list and revoke tokens for programs.",
        listing: [TokensList.self, TokensMake.self, TokensRevoke.self])
}

/// Lists the tokens of an organisation.
struct TokensList: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeTokens
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List every token of the organisation, and when it was last used.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let tokens = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.tokenList(in: tenant.id, as: .operator)
        }
        switch format {
        case .json: try Output.json(tokens)
        case .text:
            guard !tokens.isEmpty else {
                Output.line("There are no tokens.")
                return
            }
            var table = TextTable("ID", "UNTIL", "LAST USED", "PERMISSIONS", "NAME")
            for token in tokens {
                table.add(
                    token.id, String(token.until.description.prefix(10)),
                    token.lastUsedAt.map { String($0.description.prefix(16)) } ?? "never",
                    token.permissions.joined(separator: ","), token.name)
            }
            for line in table.lines { Output.line(line) }
        }
    }
}

/// Makes a token of a service account.
struct TokensMake: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeTokens
    static let configuration = CommandConfiguration(
        commandName: "make", abstract: "Make a token of a service account; its text is shown once.",
        discussion: "People make their own tokens themselves: what one of them does is done in a person's name.")

    @Argument(help: "What the token is for.")
    var name: String

    @Option(help: ArgumentHelp("The service account: its name or id.", valueName: "account"))
    var serviceAccount: String

    @Option(
        help: ArgumentHelp("What it may do, such as commitments.read; repeat for several.", valueName: "permission"))
    var permission: [Permission]

    @Option(help: ArgumentHelp("When it ends, such as 2026-12-31; at most 366 days ahead.", valueName: "time"))
    var until: Moment

    @OptionGroup var options: DataOptions

    func run() async throws {
        let made = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.tokens.makeToken(
                name, permissions: permission, until: until.instant, forServiceAccount: serviceAccount,
                by: .operator(in: tenant))
        }
        Output.note("Keep it: it is not shown again. It is sent as `Authorization: Bearer …`.")
        Output.line(made.text)
    }
}

/// Revokes a token.
struct TokensRevoke: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeTokens
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke a token, whoever holds it; it stops working at once.")

    @Argument(help: "The token's id, as `tokens list` shows it.")
    var token: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let ended = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.tokens.revoke(token, in: tenant.id, as: .operator)
        }
        Output.line("Revoked: \(ended.name)")
    }
}

extension Permission: ExpressibleByArgument {
    /// The names that can be written into a token, for the help.
    public static var allValueStrings: [String] { ofTokens.map(\.rawValue) }
}
