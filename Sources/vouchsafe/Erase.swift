import App
import ArgumentParser
import Flows
import Identity
import Kernel
import Store

/// Erases a person.
struct Erase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Erase a person: destroy the key of what is about them, and remove their account.",
        discussion: """
            Ends their sessions and memberships, removes account, credential and salts, and destroys the key under which \
            everything about them was sealed. The ledger tells that it was done, without a name, and every proof still \
            verifies. It cannot be undone. Backups from before keep what they held until their retention ends.
            """)

    @OptionGroup var place: DataPlace

    @Argument(help: ArgumentHelp("The e-mail address they sign in with, or their identifier.", valueName: "person"))
    var person: String

    @Flag(help: "Do it without asking.")
    var yes = false

    func run() async throws {
        let installation = try await Installation.open(try place.site())
        do {
            let identity = installation.rooms.identity
            let id = try await identity.person(person, as: .operator)
            guard yes || isConfirmed() else {
                Output.line("Nothing was erased.")
                try await installation.close()
                return
            }
            let organisations = try await identity.tenants(as: .operator)
            try await identity.erase(id, from: organisations.map(\.id), as: .operator)
            Output.line("Erased person:\(id). The ledger tells so, and every proof still verifies.")
            Output.line("Backups made before today hold them until they are removed.")
            try await installation.close()
        } catch {
            try await installation.close()
            throw error
        }
    }

    private func isConfirmed() -> Bool {
        Output.write("This erases \(person) for good. Type yes to go on: ")
        return readLine() == "yes"
    }
}
