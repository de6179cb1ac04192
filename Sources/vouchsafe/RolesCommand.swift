import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store
import Wire

/// What people's roles hold.
struct RolesCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "roles", "See the roles and what they hold.", listing: [RolesList.self])
}

/// Lists every role with its permissions.
struct RolesList: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.readPeople
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List every role, how many people have it, and what it holds.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let matrix = try await asOperator(options) { rooms, caller in
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
