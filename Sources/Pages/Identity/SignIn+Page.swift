import Mustache

extension PageRenderer {
    /// The form at `/sign-in`: fields `email`, `password` and `csrf`.
    public func signIn(form: FilledForm = FilledForm(), in frame: PageFrame) -> String {
        render(SignInPage(form: form), in: frame)
    }
}

struct SignInPage: Page {
    static let template = "sign-in"
    let title = "Sign in"
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
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
