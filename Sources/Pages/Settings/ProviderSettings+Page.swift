import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The organisation's identity provider: fields `name`, `issuer`, `clientID`, `secret` and `trustsSecondFactor`.
    ///
    /// - Parameters:
    ///   - provider: The one that is set; `nil` if there is none.
    ///   - mayChange: Whether the reader may set it; whoever may not sees no form.
    ///   - returnAddress: What the provider must be told to send browsers back to.
    ///   - finding: What came of asking it, if it was asked.
    public func providerSettings(
        _ provider: ProviderSettings?, mayChange: Bool, returnAddress: String, finding: ProviderFinding? = nil,
        form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(
            ProviderSettingsPage(
                provider: provider, mayChange: mayChange, returnAddress: returnAddress, finding: finding, form: form,
                now: frame.now),
            in: frame)
    }
}

/// What came of asking a provider.
public enum ProviderFinding: Hashable, Sendable {
    /// It will do; what it says, as a sentence.
    case good(String)
    /// It will not; why, as a sentence.
    case bad(String)
}

struct ProviderSettingsPage: Page {
    static let template = "provider-settings"
    let title = "Identity provider"
    let place: Place? = .settings
    let provider: ProviderSettings?
    let mayChange: Bool
    let returnAddress: String
    let finding: ProviderFinding?
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "isSet": provider != nil
        case "mayChange": mayChange
        case "clientID": provider?.clientID ?? ""
        case "hasSecret": provider?.hasSecret ?? false
        case "isTrusted": provider?.trustsSecondFactor ?? false
        case "providerName": provider?.name ?? ""
        case "issuer": provider?.issuer ?? ""
        case "since": provider.map { Moment($0.setAt, now: now) } ?? false
        case "signInAddress": provider?.signInAddress ?? ""
        case "returnAddress": returnAddress
        case "good": if case .good(let text) = finding { text } else { false }
        case "bad": if case .bad(let text) = finding { text } else { false }
        case "formProblem": form.problem ?? false
        case "trusts":
            form.isUntouched ? provider?.trustsSecondFactor ?? false : form.values["trustsSecondFactor"] != nil
        case "fields": fields
        default: nil
        }
    }

    private var fields: [Field] {
        var filled = form
        if form.isUntouched, let provider {
            filled.values = ["name": provider.name, "issuer": provider.issuer, "clientID": provider.clientID]
        }
        return [
            Field(
                name: "name", label: "Name", kind: .text, help: "What your people call it: it stands on the button.",
                longest: 100, form: filled),
            Field(
                name: "issuer", label: "Issuer", kind: .text,
                help: "Its address, to the letter as its documentation says: https://login.example.org.", longest: 2048,
                form: filled),
            Field(name: "clientID", label: "Client id", kind: .text, longest: 1024, form: filled),
            Field(
                name: "secret", label: "Client secret", kind: .password,
                help: provider?.hasSecret == true
                    ? "Leave it empty to keep the one that is set. It is never shown."
                    : "Leave it empty for a public client. It is never shown.",
                longest: 1024, isOptional: true, form: filled),
        ]
    }
}
