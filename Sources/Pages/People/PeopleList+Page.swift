import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// Everyone who belongs to the organisation, and who is invited. The form to invite has the fields `email` and `role`.
    ///
    /// - Parameter roles: The roles that the reader may give.
    public func people(
        _ people: [PersonEntry], invitations: [InvitationEntry], roles: [RoleEntry], rights: PeopleRights,
        form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(
            PeopleListPage(
                people: people, invitations: invitations, roles: roles, rights: rights, form: form, now: frame.now),
            in: frame)
    }

    /// The link of an invitation, told once.
    public func invitationMade(_ made: InvitationMade, address: String, in frame: PageFrame) -> String {
        render(InvitationMadePage(made: made, address: address, now: frame.now), in: frame)
    }
}

struct PeopleListPage: Page {
    static let template = "people-list"
    let title = "People"
    let place: Place? = .people
    let people: [PersonEntry]
    let invitations: [InvitationEntry]
    let roles: [RoleEntry]
    let rights: PeopleRights
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "peoplePlaces": PeoplePlace.people.neighbours
        case "headline":
            people.count == 1 ? "One person has access." : "\(count(people.count, "person", "people")) have access."
        case "lead": lead
        case "people": people.map { PersonRow(entry: $0, now: now) }
        case "hasInvitations": !invitations.isEmpty
        case "invitations": invitations.map { InvitationRow(entry: $0, mayRevoke: rights.changesPeople, now: now) }
        case "mayInvite": rights.changesPeople
        case "inviteOpen": !form.isUntouched
        case "formProblem": form.problem ?? false
        case "emailField":
            Field(
                name: "email", label: "E-mail address", kind: .email,
                help: "Whom the invitation is meant for. Nothing is sent there yet: you get a link to hand over.",
                longest: 254, form: form)
        case "roleChoice":
            Choice(
                name: "role", label: "Role", help: "What each role may do stands on the page of roles.",
                options: roles.map { ($0.id, RoleWords.title($0.title)) }, standard: "member", form: form)
        default: nil
        }
    }

    private var lead: String {
        let month = now - .days(30)
        let idle = people.count { ($0.lastUsedAt ?? $0.joinedAt) < month }
        let owners = people.count { $0.role == "owner" }
        var parts = [count(owners, "owner")]
        if idle > 0 { parts.append("\(grouped(idle)) not here for 30 days or longer") }
        if !invitations.isEmpty { parts.append(count(invitations.count, "open invitation")) }
        return enumeration(parts) + "."
    }
}

/// One person in the list.
struct PersonRow: MustacheParent {
    let entry: PersonEntry
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "personName": entry.name
        case "personEmail": entry.email
        case "personAddress": "/people/\(entry.id.asPathSegment)"
        case "roleTitle": RoleWords.title(entry.roleTitle)
        case "granted": Moment(entry.grantedAt, now: now)
        case "grantedBy": entry.grantedBy
        case "lastUsed": entry.lastUsedAt.map { Moment($0, now: now) } ?? false
        case "joined": Moment(entry.joinedAt, now: now)
        case "accountState": accountState ?? false
        case "factors": entry.secondFactors.isEmpty ? "none" : enumeration(entry.secondFactors)
        default: nil
        }
    }
}

extension PersonRow {
    /// What those should see at once who can help.
    fileprivate var accountState: String? {
        if let recovery = entry.recovery {
            return recovery.awaitsConfirmation
                ? "Recovery under way: a second person must confirm it" : "Recovery under way"
        }
        return entry.isRecoveredElsewhere ? "Recovered elsewhere: let in again?" : nil
    }
}

/// One open invitation.
struct InvitationRow: MustacheParent {
    let entry: InvitationEntry
    let mayRevoke: Bool
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "invitedEmail": entry.email ?? "whoever has the set-up link"
        case "roleTitle": RoleWords.title(entry.roleTitle)
        case "invitedBy": entry.invitedBy
        case "invitedAt": Moment(entry.invitedAt, now: now)
        case "expires": Moment(entry.expiresAt, now: now)
        case "revocation": mayRevoke ? "/people/invitations/\(entry.id.asPathSegment)/revocation" : false
        default: nil
        }
    }
}

struct InvitationMadePage: Page {
    static let template = "invitation-made"
    let title = "Invitation"
    let place: Place? = .people
    let made: InvitationMade
    let address: String
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "invitedEmail": made.invitation.email ?? ""
        case "roleTitle": RoleWords.title(made.invitation.roleTitle)
        case "link": address
        case "expires": Moment(made.invitation.expiresAt, now: now)
        default: nil
        }
    }
}
