import Flows
import Identity
import Kernel
import OpenIDConnect
import Pages
import Passkeys
import Routing
import Store
import Wire

/// The routes of signing in at an organisation's identity provider, and of what else a person does there.
struct ProviderRoutes: Sendable {
    let rooms: Rooms
    let renderer: PageRenderer
    let providers: ProviderDocuments
    let rule: AddressRule

    var table: [Route] { doors + own + confirming + settings }

    // MARK: - Signing in

    private var doors: [Route] {
        let organisation = [Parameter.path("organisation", "The organisation's name in addresses.")]
        return [
            .door(
                .get, "/sign-in/at/{organisation}", "showProviderSignIn", "The sign-in form of an organisation",
                organisation
            ) { call in
                call.signedIn == nil ? .page(try await signInPage(call)) : .seeOther("/")
            },
            .door(
                .post, "/sign-in/at/{organisation}/provider", "signInAtProvider", "Sign in at the identity provider",
                organisation
            ) { call in
                do {
                    guard
                        let (tenant, _) = try await rooms.identity.identityProvider(
                            slug: try call.parameter("organisation"))
                    else { throw Self.noProvider }
                    return try await send(call, .signIn, to: tenant.id)
                } catch let problem as Problem where problem.kind != .notFound {
                    let filled = FilledForm(problem)
                    return .page(try await signInPage(call, form: filled), telling: problem)
                }
            },
            .door(
                .post, "/join/{token}/provider", "joinAtProvider", "Join by the identity provider",
                [.path("token", "The secret of the link.")]
            ) { call in try await join(call) },
            .door(
                .get, "/sign-in/provider/return", "returnFromProvider", "Come back from the identity provider",
                [
                    .query("state", "What belongs to the visit."), .query("code", "What is exchanged for who it is."),
                    .query("iss", "Who sends the browser back."), .query("error", "Why there is no code."),
                ]
            ) { call in try await comeBack(call) },
        ]
    }

    private static let noProvider = Problem(
        .notFound, code: "identity-provider.none", "Nobody can sign in that way here.",
        hint: "Sign in with what you have here, or ask whoever invited you.")

    /// The same page for an organisation that is not here and for one that has no provider.
    private func signInPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let slug = try call.parameter("organisation")
        guard let (tenant, provider) = try await rooms.identity.identityProvider(slug: slug) else {
            return renderer.signIn(form: form, in: PageRoutes.frame(call))
        }
        return renderer.signIn(
            form: form, provider: ProviderDoor(name: provider.name, action: "/sign-in/at/\(tenant.slug)/provider"),
            in: PageRoutes.frame(call, of: tenant))
    }

    /// Sends the browser to the provider of `organisation`.
    private func send(
        _ call: Call, _ errand: ProviderErrand, to organisation: Identifier<Organisation>
    ) async throws -> Answer {
        let site = try Site(authority: call.authority)
        let visit = try await rooms.identity.beginVisit(errand, to: organisation)
        let metadata = try await providers.metadata(of: visit.provider.issuer)
        let client = try await rooms.identity.client(of: visit.provider, at: site)
        let address = visit.request.address(at: metadata, as: client)
        var answer = goOn(
            call, "You go on to \(visit.provider.name).", label: "Go on to \(visit.provider.name)", to: address)
        answer.session = .visit(visit.cookie)
        return answer
    }

    private func goOn(_ call: Call, _ title: String, label: String, to address: String) -> Answer {
        var answer = Answer.page(renderer.goOn(title, label: label, to: address, in: PageRoutes.frame(call)))
        answer.goesOnTo = address
        return answer
    }

    // MARK: - Joining

    private func join(_ call: Call) async throws -> Answer {
        let token = SecretToken(presented: try call.parameter("token"))
        let offer = try await rooms.identity.invitation(token)
        let form = try call.form()
        do {
            return try await send(
                call, .join(token, name: form["name"] ?? "", email: form["email"] ?? ""), to: offer.tenant.id)
        } catch let problem as Problem where [.invalid, .conflict, .unavailable, .refused].contains(problem.kind) {
            let provider = try await rooms.identity.identityProvider(of: offer.tenant.id, as: .job(.invitations))
            let page = renderer.join(
                token: token.text, role: offer.role.title, provider: provider?.name,
                form: FilledForm(problem, values: form, keeping: ["name", "email"]),
                in: PageRoutes.frame(call, of: offer.tenant))
            return .page(page, telling: problem)
        }
    }

    // MARK: - Coming back

    /// The session's cookie does not come along from another site: who it is, the visit tells.
    private func comeBack(_ call: Call) async throws -> Answer {
        do {
            return answer(call, to: try await outcome(call))
        } catch let problem as Problem where problem.kind != .unavailable {
            let sentence = [problem.message, problem.hint].compactMap(\.self).joined(separator: " ")
            var answer = Answer.page(
                renderer.goOn(
                    "That did not work.", problem: sentence, label: "Back to signing in", to: "/sign-in",
                    in: PageRoutes.frame(call)), telling: problem)
            answer.session = .endVisit
            return answer
        }
    }

    private func outcome(_ call: Call) async throws -> ProviderOutcome {
        guard let cookie = call.providerVisit else {
            throw Problem(
                .unauthenticated, code: "identity-provider.visit", "No visit to a provider was begun in this browser.",
                hint: "Begin on our own page, and go through it in one window.")
        }
        let visit = try await rooms.identity.visit(cookie)
        let metadata = try await providers.metadata(of: visit.provider.issuer)
        let code = try visit.request.code(in: call.query, from: metadata)
        let attempt = try await rooms.identity.end(visit, network: call.network)
        let client = try await rooms.identity.client(of: visit.provider, at: try Site(authority: call.authority))
        let identity = try await providers.identity(exchanging: code, of: visit, as: client)
        return try await rooms.identity.finish(visit, as: identity, attempt)
    }

    private func answer(_ call: Call, to outcome: ProviderOutcome) -> Answer {
        switch outcome {
        case .signIn(.done(let token, let signedIn)):
            var answer = goOn(call, "You are signed in to \(signedIn.tenant.name).", label: "Go on", to: "/")
            answer.session = .begin(token)
            return answer
        case .signIn(.needsSecondFactor(let token)):
            var answer = goOn(call, "One more step.", label: "Go on", to: "/sign-in/second")
            answer.session = .wait(token)
            return answer
        case .linked: return done(call, .endVisit)
        case .confirmed(let token): return done(call, .begin(token))
        }
    }

    private func done(_ call: Call, _ session: Answer.SessionChange) -> Answer {
        var answer = goOn(call, "Done.", label: "Go on to your account", to: "/account")
        answer.session = session
        return answer
    }

    // MARK: - One's own account

    private var own: [Route] {
        [
            .own(
                .post, "/account/identities", "linkIdentity", "Link oneself to the identity provider",
                response: .media("text/html")
            ) { call, signedIn in
                guard try await rooms.identity.identityProvider(for: signedIn) != nil else {
                    return .seeOther("/account")
                }
                return try await send(call, .link(signedIn), to: signedIn.tenant.id)
            },
            .own(
                .post, "/account/identities/{identity}/unlink", "unlinkIdentity", "End a link to an identity provider",
                [.path("identity", "The link's id.")]
            ) { call, signedIn in
                try await rooms.identity.unlink(try call.parameter("identity"), of: signedIn)
                return .seeOther("/account")
            },
        ]
    }

    // MARK: - Confirming

    private var confirming: [Route] {
        [
            .own(
                .post, "/account/confirm/provider", "confirmAtProvider", "Confirm the session at the identity provider",
                response: .media("text/html")
            ) { call, signedIn in
                guard try await rooms.identity.waysToConfirm(signedIn).provider != nil else {
                    return .seeOther("/account/confirm")
                }
                return try await send(call, .confirm(signedIn), to: signedIn.tenant.id)
            }
        ]
    }

    // MARK: - Settings

    private static let path = "/settings/identity-provider"

    private func setting(
        _ method: Route.Method, _ path: String, _ name: String, _ summary: String,
        _ permission: Permission = .changeIdentityProvider,
        handle: @escaping @Sendable (Call, SignedIn) async throws -> Answer
    ) -> Route {
        Route(
            method, path, name: name, summary: summary, permission: permission, scope: .organisation,
            audience: .browser, response: .media("text/html")
        ) { try await handle($0, try $0.person()) }
    }

    private var settings: [Route] {
        [
            setting(.get, Self.path, "showIdentityProvider", "The identity provider", .readIdentityProvider) {
                call, _ in
                .page(try await settingsPage(call))
            },
            setting(.post, Self.path, "sendIdentityProvider", "Set the identity provider") { call, signedIn in
                let form = try call.form()
                do {
                    let entered = try Self.entered(form, rule)
                    // Asked first: nobody is to find out at the next sign-in that it does not work.
                    let inspected = try await providers.inspect(entered.issuer)
                    try await rooms.identity.setIdentityProvider(
                        entered, by: signedIn.caller, from: signedIn.session)
                    return .page(try await settingsPage(call, finding: .good("It is set. \(inspected.sentence)")))
                } catch let problem as Problem where problem.code != "session.not-permitted" {
                    let filled = FilledForm(
                        problem, values: form, keeping: ["name", "issuer", "clientID", "trustsSecondFactor"])
                    return .page(try await settingsPage(call, form: Self.known(filled)), telling: problem)
                }
            },
            setting(.post, Self.path + "/check", "checkIdentityProvider", "Ask the identity provider") {
                call, signedIn in
                guard let provider = try await rooms.identity.identityProvider(for: signedIn) else {
                    return .seeOther(Self.path)
                }
                do {
                    let inspected = try await providers.inspect(provider.issuer)
                    return .page(try await settingsPage(call, finding: .good(inspected.sentence)))
                } catch let problem as Problem {
                    let sentence = [problem.message, problem.hint].compactMap(\.self).joined(separator: " ")
                    return .page(try await settingsPage(call, finding: .bad(sentence)))
                }
            },
            setting(.post, Self.path + "/removal", "removeIdentityProvider", "Remove the identity provider") {
                call, signedIn in
                if try await rooms.identity.identityProvider(for: signedIn) != nil {
                    try await rooms.identity.removeIdentityProvider(by: signedIn.caller, from: signedIn.session)
                }
                return .seeOther(Self.path)
            },
        ]
    }

    private static func entered(_ form: [String: String], _ rule: AddressRule) throws -> IdentityProviderForm {
        let secret = form["secret"] ?? ""
        return IdentityProviderForm(
            name: form["name"] ?? "", issuer: try Issuer((form["issuer"] ?? "").trimmed, rule: rule),
            clientID: form["clientID"] ?? "", secret: secret.isEmpty ? .keep : .new(secret),
            trustsSecondFactor: form["trustsSecondFactor"] != nil)
    }

    /// A problem at something that is no field of the form stands above it.
    private static func known(_ form: FilledForm) -> FilledForm {
        let fields: Set = ["name", "issuer", "clientID", "secret"]
        let other = form.problems.filter { !fields.contains($0.key) }.values.sorted().first
        return FilledForm(
            values: form.values, problems: form.problems.filter { fields.contains($0.key) },
            problem: form.problem ?? other)
    }

    private func settingsPage(
        _ call: Call, finding: ProviderFinding? = nil, form: FilledForm = FilledForm()
    ) async throws -> String {
        let signedIn = try call.person()
        let site = try Site(authority: call.authority)
        let provider = try await rooms.providerSettings(for: signedIn.caller)
        return renderer.providerSettings(
            provider, mayChange: signedIn.permissions.contains(.changeIdentityProvider),
            returnAddress: site.origin + IdentityProvider.returnPath, finding: finding, form: form,
            in: PageRoutes.frame(call))
    }
}

extension ConfirmWays {
    /// The ways as the page names them.
    init(_ ways: WaysToConfirm) {
        self.init(
            hasPassword: ways.hasPassword, hasApp: ways.hasApp, hasPasskey: ways.hasPasskey,
            provider: ways.provider.map { ProviderDoor(name: $0.name, action: "/account/confirm/provider") })
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()) }
}
