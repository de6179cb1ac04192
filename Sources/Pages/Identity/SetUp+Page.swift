import Mustache

extension PageRenderer {
    /// The form behind the one-time set-up link: fields `name`, `email`, `password` and `csrf`.
    ///
    /// - Parameter token: the secret in the link, to which the form is sent back.
    public func setUp(token: String, form: FilledForm = FilledForm(), in frame: PageFrame) -> String {
        render(SetUpPage(token: token, form: form), in: frame)
    }
}

struct SetUpPage: Page {
    static let template = "set-up"
    let title = "Set up"
    let token: String
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "action": "/set-up/" + token.asPathSegment
        case "formProblem": form.problem ?? false
        case "fields": Self.fields(of: form)
        default: nil
        }
    }

    /// What somebody who makes an account is asked for.
    static func fields(of form: FilledForm) -> [Field] {
        [
            Field(
                name: "name", label: "Your name", kind: .text,
                help: "Colleagues see it beside what you do. The public page never shows it.", completion: "name",
                longest: 200, form: form),
            Field(
                name: "email", label: "E-mail address", kind: .email, help: "You sign in with it.",
                completion: "username", longest: 254, form: form),
            Field(
                name: "password", label: "Password", kind: .password,
                help:
                    """
                    At least 15 characters, any characters: a few words you can remember, or what your password \
                    manager makes. No digits or symbols are required, and it never has to be changed on a schedule.
                    """,
                completion: "new-password", shortest: 15, longest: 1024, form: form),
        ]
    }
}
