import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store
import Wire

/// What people's roles hold.
struct RolesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles", abstract: "See the roles and what they hold.", subcommands: [RolesList.self])
}

/// Lists every role with its permissions.
struct RolesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List every role, how many people have it, and what it holds.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let matrix = try await options.asOperator { rooms, caller in
            try await rooms.roleMatrix(of: caller.tenant.id, as: caller.principal)
        }
        switch format {
        case .json: try Output.json(matrix)
        case .text:
            var table = TextTable("ROLE", "PEOPLE", "PERMISSIONS")
            for role in matrix.roles {
                table.add(role.title, "\(role.people)", role.permissions.joined(separator: " "))
            }
            for line in table.lines { Output.line(line) }
        }
    }
}
