import Mustache
import Wire

extension PageRenderer {
    /// The form behind an invitation's link: fields `name`, `email`, `password` and `csrf`.
    ///
    /// - Parameters:
    ///   - token: The secret in the link, to which the form is sent back.
    ///   - role: What the role is called.
    ///   - person: Who is signed in already and may join as themselves.
    ///   - provider: What the organisation's identity provider is called, if it has one.
    public func join(
        token: String, role: String, person: String? = nil, provider: String? = nil, form: FilledForm = FilledForm(),
        in frame: PageFrame
    ) -> String {
        render(JoinPage(token: token, role: role, person: person, provider: provider, form: form), in: frame)
    }

    /// The organisations of one person, to change over between them.
    public func organisations(_ organisations: [OrganisationEntry], in frame: PageFrame) -> String {
        render(OrganisationListPage(organisations: organisations), in: frame)
    }
}

struct JoinPage: Page {
    static let template = "join"
    let title = "Join"
    let token: String
    let role: String
    let person: String?
    let provider: String?
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "action": "/join/" + token.asPathSegment
        case "provider":
            provider.map { ProviderDoor(name: $0, action: "/join/\(token.asPathSegment)/provider") } ?? false
        case "roleTitle": RoleWords.title(role)
        case "joiner": person ?? false
        case "formProblem": form.problem ?? false
        case "fields": SetUpPage.fields(of: form)
        default: nil
        }
    }
}

struct OrganisationListPage: Page {
    static let template = "organisation-list"
    let title = "Your organisations"
    let place: Place? = .settings
    let organisations: [OrganisationEntry]

    func child(named name: String) -> Any? {
        switch name {
        case "headline":
            organisations.count == 1
                ? "You belong to one organisation." : "You belong to \(grouped(organisations.count)) organisations."
        case "organisations": organisations.map(OrganisationRow.init)
        default: nil
        }
    }
}

struct OrganisationRow: MustacheParent {
    let entry: OrganisationEntry

    func child(named name: String) -> Any? {
        switch name {
        case "organisationName": entry.name
        case "organisationSlug": entry.slug
        case "isHere": entry.isCurrent
        default: nil
        }
    }
}
