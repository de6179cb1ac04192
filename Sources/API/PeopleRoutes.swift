import Flows
import Identity
import Kernel
import Routing
import Wire

/// The routes about people for programs: who has access, by which invitation, in which role, and how it ends.
extension APIRoutes {
    var people: [Route] { aboutPeople + aboutRecovery + aboutSignIn + aboutRoles + aboutReviews + aboutDepartures }

    private static func part(_ name: String, _ summary: String) -> Parameter {
        .path(name, summary, .string(format: "uuid"))
    }

    private static let person = part("person", "The person's id.")

    // MARK: - People and invitations

    private var aboutPeople: [Route] {
        [
            reading("/people", "listPeople", "Who has access", .readPeople, [], .array(Shapes.person)) {
                [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.peopleList(of: organisation, as: principal)
            },
            writing(
                "/people/{person}/role", "giveRole", "Give somebody another role", .changePeople, [Self.person],
                takes: Shapes.roleChange, Shapes.person
            ) { [rooms] call, caller in
                let person = try call.parameter("person")
                try await rooms.give(try call.json(RoleChange.self).role, to: person, by: caller)
                return try await rooms.person(person, of: caller.tenant.id, as: caller.principal)
            },
            writing(
                "/people/{person}/departure", "endAccess", "End somebody's access at once", .changePeople,
                [Self.person], takes: Shapes.departureRequest, Shapes.departure
            ) { [rooms] call, caller in
                try await rooms.leave(
                    try call.parameter("person"), remaining: try call.json(DepartureRequest.self).remaining, by: caller)
            },
            writing(
                "/people/{person}/sessions", "signOutPerson", "End every session of somebody here", .changePeople,
                [Self.person], method: .delete, Shapes.person
            ) { [rooms] call, caller in
                let person = try call.parameter("person")
                try await rooms.signOut(person, by: caller)
                return try await rooms.person(person, of: caller.tenant.id, as: caller.principal)
            },
            reading(
                "/invitations", "listInvitations", "The invitations that still work", .readPeople, [],
                .array(Shapes.invitation)
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.invitationList(of: organisation, as: principal)
            },
            writing(
                "/invitations", "invite", "Invite somebody; the link is told this once", .changePeople,
                takes: Shapes.invitationRequest, Shapes.invitationMade
            ) { [rooms] call, caller in
                let request = try call.json(InvitationRequest.self)
                return try await rooms.invite(request.email, as: request.role, by: caller)
            },
            writing(
                "/invitations/{invitation}", "revokeInvitation", "Revoke an invitation", .changePeople,
                [Self.part("invitation", "The invitation's id.")], method: .delete, .array(Shapes.invitation)
            ) { [rooms] call, caller in
                try await rooms.revokeInvitation(try call.parameter("invitation"), by: caller)
                return try await rooms.invitationList(of: caller.tenant.id, as: caller.principal)
            },
        ]
    }

    // MARK: - Recovery

    private var aboutRecovery: [Route] {
        let path = "/people/{person}/recovery"
        return [
            writing(
                path, "startRecovery", "Start the recovery of an account; the link is told this once", .recoverPeople,
                [Self.person], takes: Shapes.recoveryRequest, Shapes.recoveryMade
            ) { [rooms] call, caller in
                return try await rooms.startRecovery(
                    of: try call.parameter("person"), because: try call.json(RecoveryRequest.self).reason, by: caller)
            },
            writing(
                "\(path)/confirmation", "confirmRecovery", "Confirm, as a second person, that second factors are lost",
                .recoverPeople, [Self.person], Shapes.person
            ) { [rooms] call, caller in
                let person = try call.parameter("person")
                try await rooms.confirmRecovery(of: person, by: caller)
                return try await rooms.person(person, of: caller.tenant.id, as: caller.principal)
            },
            writing(
                path, "withdrawRecovery", "Make the link of a recovery worthless", .recoverPeople, [Self.person],
                method: .delete, Shapes.person
            ) { [rooms] call, caller in
                let person = try call.parameter("person")
                try await rooms.withdrawRecovery(of: person, by: caller)
                return try await rooms.person(person, of: caller.tenant.id, as: caller.principal)
            },
        ]
    }

    // MARK: - Signing in

    private var aboutSignIn: [Route] {
        [
            reading(
                "/sign-in", "readSignInRules", "What signing in demands, and who could not meet it", .readPeople, [],
                Shapes.signInRules
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.signInRules(of: organisation, as: principal)
            },
            writing(
                "/sign-in", "demandAtSignIn", "Decide what signing in demands", .changeSignIn,
                takes: Shapes.signInDemand, Shapes.signInRules
            ) { [rooms] call, caller in
                try await rooms.demandAtSignIn(try call.json(SignInDemandRequest.self).demand, by: try call.person())
                return try await rooms.signInRules(of: caller.tenant.id, as: caller.principal)
            },
            reading(
                "/identity-provider", "readIdentityProvider", "Where people sign in from outside",
                .readIdentityProvider, [], Shapes.identityProvider
            ) { [rooms] call in
                IdentityProviderAnswer(provider: try await rooms.providerSettings(for: try call.asker()))
            },
        ]
    }

    // MARK: - Roles

    private var aboutRoles: [Route] {
        let role = [Self.part("role", "The role's id.")]
        return [
            reading("/roles", "listRoles", "Roles and what they hold", .readPeople, [], Shapes.roles) {
                [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.roleMatrix(of: organisation, as: principal)
            },
            writing(
                "/roles", "makeRole", "Make a role of the organisation's own", .changeRoles,
                takes: Shapes.roleRequest, Shapes.role
            ) { [rooms] call, caller in
                let request = try call.json(RoleRequest.self)
                return try await rooms.makeRole(request.title, request.permissions, by: caller)
            },
            writing(
                "/roles/{role}", "changeRole", "Change a role of the organisation's own", .changeRoles, role,
                takes: Shapes.roleRequest, Shapes.role
            ) { [rooms] call, caller in
                let request = try call.json(RoleRequest.self)
                return try await rooms.changeRole(
                    try call.parameter("role"), title: request.title, request.permissions, by: caller)
            },
            writing(
                "/roles/{role}", "removeRole", "Remove a role that nobody has", .changeRoles, role, method: .delete,
                Shapes.roles
            ) { [rooms] call, caller in
                try await rooms.removeRole(try call.parameter("role"), by: caller)
                return try await rooms.roleMatrix(of: caller.tenant.id, as: caller.principal)
            },
        ]
    }

    // MARK: - Reviews

    private var aboutReviews: [Route] {
        let review = [Self.part("review", "The review's id.")]
        return [
            reading("/reviews", "listReviews", "The access reviews", .readPeople, [], Shapes.reviews) {
                [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.reviewList(of: organisation, as: principal)
            },
            reading("/reviews/{review}", "readReview", "One access review", .readPeople, review, Shapes.review) {
                [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.review(try call.parameter("review"), of: organisation, as: principal)
            },
            writing("/reviews", "startReview", "Begin an access review", .reviewAccess, [], Shapes.review) {
                [rooms] _, caller in try await rooms.startReview(by: caller)
            },
            writing(
                "/reviews/rhythm", "setReviewRhythm", "Set how often access is reviewed", .reviewAccess,
                takes: Shapes.reviewRhythm, Shapes.reviews
            ) { [rooms] call, caller in
                try await rooms.identity.setReviewRhythm(
                    days: try call.json(ReviewRhythmRequest.self).days, by: caller)
                return try await rooms.reviewList(of: caller.tenant.id, as: caller.principal)
            },
            writing(
                "/reviews/{review}/decisions", "decideOnAccess", "Keep or remove somebody's access", .reviewAccess,
                review, takes: Shapes.reviewDecision, Shapes.review
            ) { [rooms] call, caller in
                let request = try call.json(ReviewDecision.self)
                return try await rooms.decide(
                    request.decision, on: request.person, inReview: try call.parameter("review"), by: caller)
            },
            writing(
                "/reviews/{review}/service-account-decisions", "decideOnServiceAccount",
                "Keep or remove a service account", .reviewAccess, review, takes: Shapes.accountDecision, Shapes.review
            ) { [rooms] call, caller in
                let request = try call.json(ServiceAccountDecision.self)
                return try await rooms.decide(
                    request.decision, onServiceAccount: request.account, inReview: try call.parameter("review"),
                    by: caller)
            },
            writing(
                "/reviews/{review}/completion", "completeReview", "Complete an access review", .reviewAccess, review,
                Shapes.review
            ) { [rooms] call, caller in
                try await rooms.completeReview(try call.parameter("review"), by: caller)
            },
        ]
    }

    // MARK: - Departures

    private var aboutDepartures: [Route] {
        let departure = Self.part("departure", "The departure's id.")
        return [
            reading(
                "/departures", "listDepartures", "Who left, and what remains to be taken back", .readPeople, [],
                .array(Shapes.departure)
            ) { [rooms] call in
                let (organisation, principal) = try call.scope()
                return try await rooms.departureList(of: organisation, as: principal)
            },
            writing(
                "/departures/{departure}/items", "addDepartureItem", "Add what must be taken back", .changePeople,
                [departure], takes: Shapes.departureItemRequest, Shapes.departure
            ) { [rooms] call, caller in
                try await rooms.addItem(
                    try call.json(DepartureItemRequest.self).text, toDeparture: try call.parameter("departure"),
                    by: caller)
            },
            writing(
                "/departures/{departure}/items/{item}/done", "tickOffDepartureItem", "Tick off what was taken back",
                .changePeople, [departure, .path("item", "Its place in the list.", .integer(minimum: 1))],
                Shapes.departure
            ) { [rooms] call, caller in
                try await rooms.tickOff(
                    Int(try call.parameter("item")) ?? 0, ofDeparture: try call.parameter("departure"), by: caller)
            },
        ]
    }
}

/// One member, which is missing where there is no provider.
private struct IdentityProviderAnswer: Encodable { let provider: ProviderSettings? }

private struct RoleChange: Decodable { let role: String }

private struct InvitationRequest: Decodable { let email, role: String }

private struct RecoveryRequest: Decodable { let reason: String }

private struct SignInDemandRequest: Decodable { let demand: String }

private struct RoleRequest: Decodable {
    let title: String
    let permissions: [String]
}

private struct DepartureRequest: Decodable { let remaining: [String] }

private struct DepartureItemRequest: Decodable { let text: String }

private struct ReviewRhythmRequest: Decodable { let days: Int }

private struct ReviewDecision: Decodable { let person, decision: String }

private struct ServiceAccountDecision: Decodable { let account, decision: String }
