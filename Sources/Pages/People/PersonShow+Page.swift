import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// One person, with the forms that change their role (field `role`), end their sessions, start a recovery of their account
    /// (field `reason`) and end their access (field `remaining`).
    ///
    /// - Parameters:
    ///   - tokens: What acts in their name; `nil` for a reader who may not see it.
    ///   - roles: The roles that the reader may give.
    ///   - maySignOut: Whether the reader may end their sessions.
    ///   - done: What was just done.
    ///   - form: What came back from a form.
    public func person(
        _ person: PersonEntry, tokens: [TokenSummary]?, roles: [RoleEntry], rights: PeopleRights,
        maySignOut: Bool = false, done: String? = nil, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(
            PersonShowPage(
                person: person, tokens: tokens, roles: roles, rights: rights, maySignOut: maySignOut, done: done,
                form: form, now: frame.now), in: frame)
    }
}

struct PersonShowPage: Page {
    static let template = "person-show"
    let place: Place? = .people
    let person: PersonEntry
    let tokens: [TokenSummary]?
    let roles: [RoleEntry]
    let rights: PeopleRights
    let maySignOut: Bool
    let done: String?
    let form: FilledForm
    let now: Instant

    var title: String { person.name }

    private var recovery: RecoveryBlock? {
        guard rights.recoversPeople || person.recovery != nil || person.isRecoveredElsewhere else { return nil }
        return RecoveryBlock(person: person, mayRecover: rights.recoversPeople, form: form, now: now)
    }

    /// What most people have of their employer's, for whoever ends an access to go through.
    private static let usual = """
        Laptop, phone and other devices
        Keys and badges
        Accounts in other systems
        Shared passwords they knew: change them
        """

    func child(named name: String) -> Any? {
        switch name {
        case "peoplePlaces": PeoplePlace.people.neighbours
        case "headline": person.name
        case "row": PersonRow(entry: person, now: now)
        case "tokensSection": tokens.map { PersonTokens(tokens: $0, now: now) } ?? false
        case "mayChange": rights.changesPeople
        case "formProblem": form.problem ?? false
        case "recovery": recovery ?? false
        case "done": done ?? false
        case "signOutAction": maySignOut ? "/people/\(person.id.asPathSegment)/sessions/end" : false
        case "roleAction": "/people/\(person.id.asPathSegment)/role"
        case "departureAction": "/people/\(person.id.asPathSegment)/departure"
        case "departureOpen": form.problems["remaining"] != nil
        case "roleChoice":
            Choice(
                name: "role", label: "New role",
                help: "It holds from their next click on. Nobody gives more than they have.",
                options: roles.map { ($0.id, RoleWords.title($0.title)) }, standard: person.role, form: form)
        case "remainingField":
            Field(
                name: "remaining", label: "What remains to be taken back", kind: .long,
                help: "One thing a line. Each is ticked off by a named person later; strike what does not apply.",
                longest: 8000,
                form: form.values["remaining"] == nil
                    ? FilledForm(
                        values: ["remaining": Self.usual], problems: form.problems, problem: form.problem) : form)
        default: nil
        }
    }
}

/// The tokens that act in somebody's name, for others to see. They are revoked by the person, or end with the membership.
struct PersonTokens: MustacheParent {
    let tokens: [TokenSummary]
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "hasTokens": !tokens.isEmpty
        case "tokens": tokens.map { TokenRow(token: $0, list: nil, now: now) }
        case "mayRevoke": false
        default: nil
        }
    }
}
