import Mustache

extension PageRenderer {
    /// The form at `/sign-in`: fields `email`, `password` and `csrf`.
    ///
    /// - Parameter provider: Where else people of an organisation may sign in.
    public func signIn(
        form: FilledForm = FilledForm(), provider: ProviderDoor? = nil, in frame: PageFrame
    ) -> String {
        render(SignInPage(form: form, provider: provider), in: frame)
    }
}

/// The way to an organisation's identity provider: a button, and where it leads.
public struct ProviderDoor: Hashable, Sendable {
    let name: String
    let action: String

    /// A door of the provider called `name`; `action` is where its form is sent.
    public init(name: String, action: String) {
        self.name = name
        self.action = action
    }
}

extension ProviderDoor: MustacheParent {
    /// What the templates ask for.
    public func child(named name: String) -> Any? {
        switch name {
        case "providerName": self.name
        case "providerAction": action
        default: nil
        }
    }
}

struct SignInPage: Page {
    static let template = "sign-in"
    let title = "Sign in"
    let form: FilledForm
    let provider: ProviderDoor?

    func child(named name: String) -> Any? {
        switch name {
        case "provider": provider ?? false
        case "formProblem": form.problem ?? false
        case "fields":
            [
                Field(
                    name: "email", label: "E-mail address", kind: .email, completion: "username", longest: 254,
                    form: form),
                Field(
                    name: "password", label: "Password", kind: .password, completion: "current-password", longest: 1024,
                    form: form),
            ]
        default: nil
        }
    }
}
