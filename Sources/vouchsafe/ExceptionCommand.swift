import App
import ArgumentParser
import Commitments
import Flows
import Identity
import Kernel
import Store
import Wire

/// Exceptions from commitments.
struct ExceptionCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "exception", "Grant exceptions from commitments, or list them.",
        listing: [ExceptionGrant.self, ExceptionList.self])
}

/// Grants an exception, or asks for one where another person must approve.
struct ExceptionGrant: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.approveException
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract:
            "Accept that a commitment is not kept for a while. It is shown beside the verdict, never instead of it.",
        discussion: "Once the organisation has a second person, the exception counts only after someone approved it.")

    @Argument(help: "The commitment: its id, or POLICY/ID.")
    var commitment: String

    @Option(help: "Why, in one line of at most 500 characters.")
    var reason: String

    @Option(help: ArgumentHelp("When it ends, such as 2026-12-31.", valueName: "time"))
    var until: Moment

    @OptionGroup var options: DataOptions

    func run() async throws {
        let exception = try await withOrganisation(options) { installation, tenant in
            let named = try await CommitmentName.find(commitment, in: installation, tenant)
            return try await installation.rooms.requestException(
                from: named.policy, named.id, reason: reason, until: until.instant, in: tenant.id, as: .operator)
        }
        if exception.approvedAt == nil {
            Output.line("Asked for. Another person must approve it: \(exception.id)")
        } else {
            Output.line("Granted until \(exception.until): \(exception.id)")
        }
    }
}

/// Lists every exception there ever was.
struct ExceptionList: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readCommitments
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List every exception there ever was.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let entries = try await withOrganisation(options) { installation, tenant in
            try await installation.rooms.exceptionList(of: tenant.id, as: .operator)
        }
        switch format {
        case .json: try Output.json(entries)
        case .text:
            guard !entries.isEmpty else {
                Output.line("There are no exceptions.")
                return
            }
            var table = TextTable("STATE", "UNTIL", "COMMITMENT", "REASON")
            for entry in entries {
                table.add(
                    entry.state, String(entry.exception.until.description.prefix(10)),
                    "\(entry.commitment.policy)/\(entry.commitment.id)", entry.exception.reason)
            }
            for line in table.lines { Output.line(line) }
        }
    }
}
