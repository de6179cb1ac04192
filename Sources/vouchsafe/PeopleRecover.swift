import App
import ArgumentParser
import Flows
import Identity
import Store
import Wire

/// Helps somebody back into their account.
struct PeopleRecover: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.recoverPeople
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Help somebody back into their account, by a link told once.",
        discussion: """
            With the link, which works for a day, they set a new password of their own and show their second factor if they \
            have one. Nobody can set a password for them. For example:
              vouchsafe people recover ada@example.org --reason "lost the notebook with the password"
              vouchsafe people recover ada@example.org --reason "lost the phone too" --lost-second-factor
              vouchsafe people recover ada@example.org --confirm
            The link opens one organisation. Where there are several, name it with --organisation.
            """)

    @Argument(help: "The person: their e-mail address or identifier.")
    var person: String

    @Option(help: ArgumentHelp("Why; it stands in the ledger.", valueName: "text"))
    var reason: String?

    @Flag(help: "Their second factors are lost too: remove them. You vouch that it is really them.")
    var lostSecondFactor = false

    @Flag(help: "Confirm, as a second person, a recovery that somebody else started.")
    var confirm = false

    @Option(help: ArgumentHelp("Where people reach the server.", valueName: "url"))
    var address = "https://localhost:8443"

    @OptionGroup var options: DataOptions

    func validate() throws {
        guard confirm != (reason != nil) else { throw ValidationError("Give --reason, or --confirm.") }
        guard !confirm || !lostSecondFactor else {
            throw ValidationError("--lost-second-factor belongs to --reason: --confirm says the same.")
        }
    }

    func run() async throws {
        try await asOperator(options) { rooms, caller in
            let id = try await rooms.memberNamed(person, for: caller)
            guard let reason else {
                try await rooms.confirmRecovery(of: id, by: caller)
                return Output.line("Confirmed: they can go on with the link they have.")
            }
            let made = try await rooms.startRecovery(
                of: id, because: reason, isSecondFactorLost: lostSecondFactor, by: caller)
            let base = address.hasSuffix("/") ? String(address.dropLast()) : address
            Output.line("Hand over this link to \(made.name), once, until \(made.expiresAt): \(base)\(made.path)")
        }
    }
}
