import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store

/// Erases a person.
struct Erase: AsyncParsableCommand, InstallationVerb {
    static let configuration = CommandConfiguration(
        abstract: "Erase a person: destroy the key of what is about them, and remove their account.",
        discussion: """
            Ends their sessions and memberships, removes account, credential and salts, and destroys the key under which \
            everything about them was sealed. The ledger tells that it was done, without a name, and every proof still \
            verifies. It cannot be undone. Backups and archives of the database from before now keep what they held, the wrapped key \
            included, until they are removed. Given the identifier of somebody who was erased already, it overwrites once more \
            what is left in the database's own files.
            """)

    @OptionGroup var place: DataPlace

    @Argument(help: ArgumentHelp("The e-mail address they sign in with, or their identifier.", valueName: "person"))
    var person: String

    @Flag(help: "Do it without asking.")
    var yes = false

    func run() async throws {
        try await withInstallation(place) { installation in
            let identity = installation.rooms.identity
            if let erased = try await erasedBefore(identity) {
                Output.line("person:\(erased) was erased before. The database's files were overwritten once more.")
                tell(isOverwritten: try await identity.overwriteErased())
                return
            }
            let id = try await identity.person(person, as: .operator)
            guard yes || isConfirmed() else { return Output.line("Nothing was erased.") }
            let organisations = try await identity.tenants(as: .operator)
            let isOverwritten = try await identity.erase(id, from: organisations.map(\.id), as: .operator)
            Output.line("Erased person:\(id). The ledger tells so, and every proof still verifies.")
            tell(isOverwritten: isOverwritten)
            Output.line("Backups and archives of the database from before now hold them until they are removed.")
        }
    }

    /// Only an identifier finds a person who is no longer there, so that an address is never answered with "was erased".
    private func erasedBefore(_ identity: IdentityDesk) async throws -> Identifier<Person>? {
        do {
            _ = try await identity.person(person, as: .operator)
            return nil
        } catch let problem as Problem where problem.code == "person.not-found" {
            return try await identity.erasedPerson(person)
        }
    }

    private func tell(isOverwritten: Bool) {
        guard !isOverwritten else { return }
        Output.line(
            "What is left of them in the database's own log goes with the next checkpoint: something, such as a backup, still"
        )
        Output.line("reads it. A running server does that within a minute; without one, give this command again.")
    }

    private func isConfirmed() -> Bool {
        Output.write("This erases \(person) for good. Type yes to go on: ")
        return readLine() == "yes"
    }
}
