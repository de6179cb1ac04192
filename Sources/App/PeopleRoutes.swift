import Flows
import Identity
import Kernel
import Pages
import Routing
import Store
import Wire

/// The pages about people: who has access, by which invitation, in which role, and how it ends.
extension PageRoutes {
    var people: [Route] {
        joining + changingOver + showing + inviting + leaving + shapingRoles + reviewing + signingIn
            + recovering
    }

    static func rights(_ call: Call) -> PeopleRights {
        let permissions = call.caller?.permissions ?? []
        return PeopleRights(
            changesPeople: permissions.contains(.changePeople), changesRoles: permissions.contains(.changeRoles),
            reviewsAccess: permissions.contains(.reviewAccess),
            recoversPeople: permissions.contains(.recoverPeople))
    }

    /// A form of the organisation's; what is wrong with it is shown where it was sent from.
    func form(
        _ path: String, _ name: String, _ summary: String, _ permission: Permission, _ parameters: [Parameter] = [],
        handle: @escaping @Sendable (Call) async throws -> Answer,
        again: @escaping @Sendable (Call, FilledForm) async throws -> String
    ) -> Route {
        Route(
            .post, path, name: name, summary: summary, permission: permission, scope: .organisation,
            audience: .browser, parameters: parameters, response: .redirect
        ) { call in
            do {
                return try await handle(call)
            } catch let problem as Problem where Self.isForTheForm(problem) {
                let form = try call.form()
                let filled = FilledForm(problem, values: form, keeping: Set(form.keys).subtracting(["csrf"]))
                return .page(try await again(call, filled), telling: problem)
            }
        }
    }

    private static func isForTheForm(_ problem: Problem) -> Bool {
        switch problem.kind {
        case .invalid, .conflict, .tooMuch: true
        // Who may not send the form at all gets a page of its own; who asks for too much is told so at the field.
        // And who must first confirm that it is them is led to where they can.
        case .forbidden: !["session.not-permitted", "session.confirm"].contains(problem.code)
        case .unauthenticated, .notFound, .refused, .unavailable, .tooLarge, .wrongType, .wrongMethod: false
        }
    }

    // MARK: - Changing over

    private var changingOver: [Route] {
        [
            Route(
                .get, "/organisation", name: "showOrganisations", summary: "The organisations one belongs to",
                permission: .changeOwnAccount, scope: .none, audience: .browser, response: .media("text/html")
            ) { [rooms, renderer] call in
                .page(
                    renderer.organisations(
                        try await rooms.organisationList(of: try call.person()), in: Self.frame(call)))
            },
            Route(
                .post, "/organisation", name: "changeOver", summary: "Begin a session in another organisation",
                permission: .changeOwnAccount, scope: .none, audience: .browser, response: .redirect
            ) { [rooms] call in
                let signedIn = try call.person()
                let slug = try call.form()["organisation"] ?? ""
                let own = try await rooms.identity.organisations(of: signedIn)
                guard let tenant = own.first(where: { $0.slug == slug }) else {
                    throw Problem(
                        .notFound, code: "organisation.not-found", "You belong to no such organisation here.",
                        hint: "The page of your organisations lists them.")
                }
                return .signedIn(try await rooms.identity.changeOver(signedIn, to: tenant.id).0)
            },
        ]
    }

    // MARK: - Showing

    static let person = Parameter.path("person", "The person's id.")

    private var showing: [Route] {
        [
            .page("/people", "showPeople", "Who has access", .readPeople) { try await peoplePage($0) },
            .page("/people/{person}", "showPerson", "One person", .readPeople, [Self.person]) {
                try await personPage($0)
            },
            .page(
                "/roles", "showRoles", "Roles and what they hold", .readPeople,
                [.query("change", "The role to be changed.")]
            ) { try await rolesPage($0, editing: $0.query["change"]) },
            .page("/departures", "showDepartures", "Who left, and what remains", .readPeople) {
                try await departuresPage($0)
            },
        ]
    }

    private func peoplePage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.people(
            try await rooms.peopleList(of: organisation, as: principal),
            invitations: try await rooms.invitationList(of: organisation, as: principal),
            roles: try await grantableRoles(call), rights: Self.rights(call), form: form, in: Self.frame(call))
    }

    /// The roles that hold nothing beyond what the caller may.
    private func grantableRoles(_ call: Call) async throws -> [RoleEntry] {
        let caller = try call.asker()
        return try await rooms.roleMatrix(of: caller.tenant.id, as: caller.principal).roles.filter { role in
            role.permissions.allSatisfy { Permission(rawValue: $0).map(caller.permissions.contains) ?? false }
        }
    }

    func personPage(
        _ call: Call, form: FilledForm = FilledForm(), done: String? = nil
    ) async throws -> String {
        let (organisation, principal) = try call.scope()
        let person = try await rooms.person(try call.parameter("person"), of: organisation, as: principal)
        let maySeeTokens = try call.asker().permissions.contains(.readTokens)
        let tokens =
            maySeeTokens ? try await rooms.tokens(ofPerson: person.id, in: organisation, as: principal) : nil
        var rights = Self.rights(call)
        // Nobody recovers their own account; and one's own sessions are ended on one's own page.
        let isOwn = person.id == call.signedIn?.account.id.description
        if isOwn { rights.recoversPeople = false }
        let grantable = try await grantableRoles(call)
        // Whoever may do what the reader may not, the reader does not sign out.
        let maySignOut = rights.changesPeople && !isOwn && grantable.contains { $0.id == person.role }
        return renderer.person(
            person, tokens: tokens, roles: grantable, rights: rights, maySignOut: maySignOut, done: done, form: form,
            in: Self.frame(call))
    }

    private func rolesPage(
        _ call: Call, editing: String? = nil, form: FilledForm = FilledForm()
    ) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.roles(
            try await rooms.roleMatrix(of: organisation, as: principal), editing: editing, rights: Self.rights(call),
            form: form, in: Self.frame(call))
    }

    private func departuresPage(
        _ call: Call, refused: String? = nil, form: FilledForm = FilledForm()
    ) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.departures(
            try await rooms.departureList(of: organisation, as: principal), rights: Self.rights(call), refused: refused,
            form: form, in: Self.frame(call))
    }

    // MARK: - Inviting

    private var inviting: [Route] {
        [
            form("/people/invitations", "sendInvitation", "Invite somebody", .changePeople) { [rooms, renderer] call in
                let form = try call.form()
                let made = try await rooms.invite(
                    form["email"] ?? "", as: form["role"] ?? "", by: try call.asker())
                let address = "https://\(call.authority)\(made.path)"
                return .page(renderer.invitationMade(made, address: address, in: Self.frame(call)), status: 201)
            } again: {
                try await peoplePage($0, form: $1)
            },
            form(
                "/people/invitations/{invitation}/revocation", "sendRevocation", "Revoke an invitation", .changePeople,
                [.path("invitation", "The invitation's id.")]
            ) { [rooms] call in
                try await rooms.revokeInvitation(try call.parameter("invitation"), by: try call.asker())
                return .seeOther("/people#invitations")
            } again: {
                try await peoplePage($0, form: $1)
            },
            form(
                "/people/{person}/role", "sendRoleChange", "Give somebody another role", .changePeople, [Self.person]
            ) { [rooms] call in
                let person = try call.parameter("person")
                try await rooms.give(try call.form()["role"] ?? "", to: person, by: try call.asker())
                return .seeOther("/people/\(person)")
            } again: {
                try await personPage($0, form: $1)
            },
        ]
    }

    // MARK: - Leaving

    private static let departure = Parameter.path("departure", "The departure's id.")

    private var leaving: [Route] {
        [
            form(
                "/people/{person}/sessions/end", "sendSignOut", "End every session of somebody here", .changePeople,
                [Self.person]
            ) { [rooms] call in
                let ended = try await rooms.signOut(try call.parameter("person"), by: try call.asker())
                let done =
                    switch ended {
                    case 0: "There was no session to end."
                    case 1: "One session was ended."
                    default: "\(ended) sessions were ended."
                    }
                return .page(try await personPage(call, done: done))
            } again: {
                try await personPage($0, form: $1.onTheWhole)
            },
            form(
                "/people/{person}/departure", "sendDeparture", "End somebody's access", .changePeople, [Self.person]
            ) { [rooms] call in
                let lines = try call.form()["remaining", default: ""].split(whereSeparator: \.isNewline)
                    .map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
                _ = try await rooms.leave(try call.parameter("person"), remaining: lines, by: try call.asker())
                return .seeOther("/departures")
            } again: {
                try await personPage($0, form: $1)
            },
            form(
                "/departures/{departure}/items", "sendDepartureItem", "Add what must be taken back", .changePeople,
                [Self.departure]
            ) { [rooms] call in
                let departure = try call.parameter("departure")
                _ = try await rooms.addItem(
                    try call.form()["text"] ?? "", toDeparture: departure, by: try call.asker())
                return .seeOther("/departures#departure-\(departure)")
            } again: {
                try await departuresPage($0, refused: try $0.parameter("departure"), form: $1)
            },
            form(
                "/departures/{departure}/items/{item}/done", "sendDepartureItemDone", "Tick off what was taken back",
                .changePeople, [Self.departure, .path("item", "Its place in the list, from 1.")]
            ) { [rooms] call in
                let departure = try call.parameter("departure")
                _ = try await rooms.tickOff(
                    Int(try call.parameter("item")) ?? 0, ofDeparture: departure, by: try call.asker())
                return .seeOther("/departures#departure-\(departure)")
            } again: {
                try await departuresPage($0, form: $1)
            },
        ]
    }

    // MARK: - Roles of one's own

    private static let role = Parameter.path("role", "The role's id.")

    private static func permissions(_ form: [String: String]) -> [String] {
        Permission.allCases.map(\.rawValue).filter { form[$0] != nil }
    }

    private var shapingRoles: [Route] {
        [
            form("/roles", "sendRole", "Make a role", .changeRoles) { [rooms] call in
                let form = try call.form()
                _ = try await rooms.makeRole(
                    form["title"] ?? "", Self.permissions(form), by: try call.asker())
                return .seeOther("/roles")
            } again: {
                try await rolesPage($0, form: $1)
            },
            form("/roles/{role}", "sendRoleEdit", "Change a role", .changeRoles, [Self.role]) { [rooms] call in
                let form = try call.form()
                _ = try await rooms.changeRole(
                    try call.parameter("role"), title: form["title"] ?? "", Self.permissions(form),
                    by: try call.asker())
                return .seeOther("/roles")
            } again: {
                try await rolesPage($0, editing: try $0.parameter("role"), form: $1)
            },
            form("/roles/{role}/removal", "sendRoleRemoval", "Remove a role", .changeRoles, [Self.role]) {
                [rooms] call in
                try await rooms.removeRole(try call.parameter("role"), by: try call.asker())
                return .seeOther("/roles")
            } again: {
                try await rolesPage($0, form: $1)
            },
        ]
    }
}
