import App
import ArgumentParser
import Flows
import Identity
import Kernel
import OpenIDConnect
import Wire

/// Where an organisation's people sign in from outside.
struct IdentityProviderCommand: AsyncParsableCommand, VerbGroup {
    static let configuration = CommandConfiguration(
        "identity-provider", "See, set or remove the OpenID Connect provider of an organisation.",
        discussion: """
            Whoever controls the provider can be any of the organisation's people here. docs/identity-provider.md tells what \
            to register at the provider.
            """,
        listing: [
            IdentityProviderShow.self, IdentityProviderSet.self, IdentityProviderCheck.self,
            IdentityProviderRemove.self,
        ])
}

/// Shows the provider.
struct IdentityProviderShow: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeIdentityProvider
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the provider, if there is one.")

    @OptionGroup var options: DataOptions

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() async throws {
        let provider = try await asOperator(options) { rooms, caller in try await rooms.providerSettings(for: caller) }
        switch (format, provider) {
        case (.json, _): try Output.json(provider)
        case (.text, nil): Output.line("There is none: people sign in with what they have here.")
        case (.text, let provider?):
            Output.line("\(provider.name): \(provider.issuer)")
            Output.line(
                "  client id \(provider.clientID), \(provider.hasSecret ? "with a secret" : "without a secret")")
            let trust = provider.trustsSecondFactor ? "counts" : "does not count"
            Output.line("  its word for a second factor \(trust) here")
            Output.line("  set at \(provider.setAt); people sign in at \(provider.signInAddress)")
        }
    }
}

/// Sets the provider.
struct IdentityProviderSet: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeIdentityProvider
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set the provider, once it was asked and answers as it should.",
        discussion: "Ends the sessions that the provider before began.")

    @Argument(help: "The provider's issuer, to the letter, such as https://login.example.org.")
    var issuer: String

    @Option(help: "What people call it; it stands on the button.")
    var name: String

    @Option(help: ArgumentHelp("What the provider calls this server.", valueName: "id"))
    var clientID: String

    @Option(
        help: ArgumentHelp(
            "Where the client secret stands; - is standard input. Without it: a public client.", valueName: "file"))
    var secretFile: String?

    @Flag(help: "Its word that it demanded two factors (amr holds mfa) counts as a second factor here.")
    var trustsSecondFactor = false

    @Flag(help: "Set it without asking it first.")
    var unchecked = false

    @OptionGroup var addresses: ProviderAddresses
    @OptionGroup var options: DataOptions

    func run() async throws {
        let issuer = try Issuer(issuer, rule: addresses.rule)
        let secret = try secretFile.map { file in
            String(decoding: try InputFile(file).read(upTo: 4096), as: UTF8.self)
        }
        if !unchecked { Output.line(try await ProviderCheck.run(issuer, rule: addresses.rule).sentence) }
        let form = IdentityProviderForm(
            name: name, issuer: issuer, clientID: clientID, secret: secret.map { .new($0) } ?? .none,
            trustsSecondFactor: trustsSecondFactor)
        let slug = try await asOperator(options) { rooms, caller in
            try await rooms.identity.setIdentityProvider(form, by: caller)
            return caller.tenant.slug
        }
        Output.line("\(name) is set. People sign in at /sign-in/at/\(slug), once they have linked it or joined by it.")
        Output.line("It must know the address to return to: https://YOUR-SERVER\(IdentityProvider.returnPath)")
    }
}

/// Asks a provider without setting it.
struct IdentityProviderCheck: AsyncParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Ask a provider what it says about itself, and tell whether that will do.")

    @Argument(help: "The provider's issuer, to the letter, such as https://login.example.org.")
    var issuer: String

    @OptionGroup var addresses: ProviderAddresses

    func run() async throws {
        let issuer = try Issuer(issuer, rule: addresses.rule)
        Output.line(try await ProviderCheck.run(issuer, rule: addresses.rule).sentence)
    }
}

/// Removes the provider.
struct IdentityProviderRemove: AsyncParsableCommand, OrganisationVerb {
    static let permission = Permission.changeIdentityProvider
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove the provider, and end the sessions that it began.",
        discussion: "Whoever has neither a password nor a passkey cannot sign in afterwards; what they linked stays.")

    @OptionGroup var options: DataOptions

    func run() async throws {
        try await asOperator(options) { rooms, caller in try await rooms.identity.removeIdentityProvider(by: caller) }
        Output.line("It is removed, and the sessions that it began have ended.")
    }
}

/// Which addresses may be asked.
struct ProviderAddresses: ParsableArguments {
    @Flag(help: "Also ask over plain http on this machine itself: to try one out, never in earnest.")
    var loopbackProviders = false

    var rule: AddressRule { loopbackProviders ? .secureOrLoopback : .secure }
}
