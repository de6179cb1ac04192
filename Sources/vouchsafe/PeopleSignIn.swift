import App
import ArgumentParser
import Flows
import Identity
import Store
import Wire

/// What signing in demands.
struct PeopleSignIn: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeSignIn
    static let configuration = CommandConfiguration(
        commandName: "sign-in", abstract: "See what signing in demands and who could not meet it; decide it.",
        discussion: """
            Without --demand it shows what holds. For example:
              vouchsafe people sign-in --demand second-factor
              vouchsafe people sign-in --demand phishing-resistant
              vouchsafe people sign-in --demand none
            Whoever does not meet it reaches nothing but their account page until they have added such a factor and signed \
            in with it.
            """)

    @Option(
        help: ArgumentHelp("none, second-factor or phishing-resistant: a passkey.", valueName: "demand"))
    var demand: String?

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    @OptionGroup var options: DataOptions

    func run() async throws {
        let rules = try await withOrganisation(options) { installation, tenant in
            let rooms = installation.rooms
            if let demand { try await rooms.demandAtSignInAsOperator(demand, in: tenant) }
            return try await rooms.signInRules(of: tenant.id, as: .operator)
        }
        switch format {
        case .json: try Output.json(rules)
        case .text: Self.show(rules)
        }
    }

    private static func show(_ rules: SignInRules) {
        switch rules.demand {
        case "second-factor": Output.line("Everyone must sign in with a second factor.")
        case "phishing-resistant": Output.line("Everyone must sign in with a passkey.")
        default: Output.line("A password is enough to sign in.")
        }
        show(rules.withoutSecondFactor, of: rules.people, lack: "second factor")
        show(rules.withoutPhishingResistant, of: rules.people, lack: "passkey")
    }

    private static func show(_ lacking: [SignInRules.Lacking], of people: Int, lack factor: String) {
        let names = lacking.isEmpty ? "" : ": " + lacking.map(\.name).joined(separator: ", ")
        Output.line("Without a \(factor): \(lacking.count) of \(people)\(names)")
    }
}
