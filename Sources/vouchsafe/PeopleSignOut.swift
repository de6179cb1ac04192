import App
import ArgumentParser
import Flows
import Identity
import Wire

/// Ends somebody's sessions.
struct PeopleSignOut: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changePeople
    static let configuration = CommandConfiguration(
        commandName: "sign-out", abstract: "End every session of somebody in the organisation at once.",
        discussion: """
            For a device that was lost, or a session that somebody else may have. They stay a member, may sign in again, and \
            their tokens go on working; `people leave` ends all of it.
            """)

    @Argument(help: "The person: their e-mail address or identifier.")
    var person: String

    @OptionGroup var options: DataOptions

    func run() async throws {
        let (name, ended) = try await asOperator(options) { rooms, caller in
            let id = try await rooms.memberNamed(person, for: caller)
            let ended = try await rooms.signOut(id, by: caller)
            return (try await rooms.person(id, of: caller.tenant.id, as: caller.principal).name, ended)
        }
        Output.line("\(name) is signed out here; sessions ended: \(ended).")
    }
}
