import Flows
import Identity
import Kernel
import Pages
import Routing
import Store
import Wire

/// The pages behind the links by which somebody joins an organisation.
extension PageRoutes {
    var joining: [Route] {
        let token = [Parameter.path("token", "The secret of the link.")]
        return [
            .door(.get, "/set-up/{token}", "showSetUp", "The form of a set-up link", token) { [self] call in
                let (token, invitation) = try await invitation(call)
                return .page(renderer.setUp(token: token, in: Self.frame(call, of: invitation.tenant)))
            },
            .door(.post, "/set-up/{token}", "setUp", "Make the owner's account", token) { [self] call in
                try await join(call) { token, invitation, form in
                    renderer.setUp(token: token, form: form, in: Self.frame(call, of: invitation.tenant))
                }
            },
            .door(.get, "/join/{token}", "showJoin", "The form of an invitation", token) { [self] call in
                let (token, invitation) = try await invitation(call)
                let form = FilledForm(values: ["email": invitation.email ?? ""])
                return .page(try await joinPage(call, token, invitation, form))
            },
            .door(.post, "/join/{token}", "join", "Join an organisation", token) { [self] call in
                if let signedIn = call.signedIn {
                    let token = SecretToken(presented: try call.parameter("token"))
                    return .signedIn(try await rooms.identity.join(with: token, as: signedIn).0)
                }
                return try await join(call) { try await joinPage(call, $0, $1, $2) }
            },
        ]
    }

    private typealias Offer = (tenant: Tenant, role: Role, email: String?)

    private func invitation(_ call: Call) async throws -> (token: String, offer: Offer) {
        let token = try call.parameter("token")
        return (token, try await rooms.identity.invitation(SecretToken(presented: token)))
    }

    private func joinPage(
        _ call: Call, _ token: String, _ offer: Offer, _ form: FilledForm
    ) async throws -> String {
        let provider = try await rooms.identity.identityProvider(of: offer.tenant.id, as: .job(.invitations))
        return renderer.join(
            token: token, role: offer.role.title, person: call.signedIn?.account.name, provider: provider?.name,
            form: form, in: Self.frame(call, of: offer.tenant))
    }

    private func join(
        _ call: Call, again: (String, Offer, FilledForm) async throws -> String
    ) async throws -> Answer {
        let token = try call.parameter("token")
        let form = try call.form()
        do {
            return .signedIn(
                try await rooms.identity.join(
                    with: SecretToken(presented: token), name: form["name"] ?? "", email: form["email"] ?? "",
                    password: form["password"] ?? "", network: call.network
                ).0)
        } catch let problem as Problem where [.invalid, .conflict, .tooMuch].contains(problem.kind) {
            let (token, invitation) = try await invitation(call)
            let filled = FilledForm(problem, values: form, keeping: ["name", "email"])
            return .page(try await again(token, invitation, filled), telling: problem)
        }
    }

    /// The frame around a page of somebody who is not in yet.
    static func frame(_ call: Call, of tenant: Tenant) -> PageFrame {
        PageFrame(organisation: tenant.name, slug: nil, person: nil, csrf: call.formToken, now: call.now)
    }
}
