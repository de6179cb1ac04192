import Flows
import Foundation
import Identity
import Kernel
import Pages
import Passkeys
import Routing
import Wire

/// The routes of signing in beyond the password, and of a person's own account.
struct AccountRoutes: Sendable {
    let rooms: Rooms
    let renderer: PageRenderer

    var table: [Route] { recoveryCode + secondStep + passkeyDoors + account + factors + passkeys + sessions }

    /// Where a sign-in goes on.
    static func answer(to step: SignInStep, then page: String = "/") -> Answer {
        switch step {
        case .done(let token, _): return .signedIn(token, at: page)
        case .needsSecondFactor(let token):
            var answer = Answer.seeOther("/sign-in/second")
            answer.session = .wait(token)
            return answer
        }
    }

    // MARK: - Doors

    private func door(
        _ method: Route.Method, _ path: String, _ name: String, _ summary: String,
        handle: @escaping @Sendable (Call) async throws -> Answer
    ) -> Route {
        Route(
            method, path, name: name, summary: summary, permission: .signIn, scope: .none, audience: .browser,
            response: method == .get ? .media("text/html") : .redirect, handle: handle)
    }

    private var recoveryCode: [Route] {
        [
            door(.get, "/sign-in/recovery-code", "showRecoveryCodeForm", "The form for a recovery code") {
                [renderer] call in
                .page(renderer.recoveryCodeForm(in: PageRoutes.frame(call)))
            },
            door(
                .post, "/sign-in/recovery-code", "signInWithRecoveryCode",
                "Sign in with a recovery code in place of the password"
            ) { [rooms, renderer] call in
                let form = try call.form()
                do {
                    let step = try await rooms.identity.signIn(
                        email: form["email"] ?? "", recoveryCode: form["code"] ?? "")
                    // A new password is what they came for.
                    return Self.answer(to: step, then: "/account")
                } catch let problem as Problem where problem.code == "sign-in.recovery" {
                    let filled = FilledForm(problem, values: form, keeping: ["email"])
                    return .page(renderer.recoveryCodeForm(form: filled, in: PageRoutes.frame(call)), telling: problem)
                }
            },
        ]
    }

    private var secondStep: [Route] {
        [
            door(.get, "/sign-in/second", "showSecondStep", "The second step of signing in") { call in
                .page(try await secondStepPage(call))
            },
            door(.post, "/sign-in/second", "takeSecondStep", "Sign in with a code") { [rooms] call in
                let form = try call.form()
                do {
                    let (session, _) = try await rooms.identity.signIn(
                        pending: try Self.pending(call), code: form["code"] ?? "")
                    return .signedIn(session)
                } catch let problem as Problem where problem.code == "sign-in.code" || problem.kind == .tooMuch {
                    return .page(
                        try await secondStepPage(call, form: FilledForm(problem)),
                        telling: problem)
                }
            },
        ]
    }

    private func secondStepPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let question = try await rooms.identity.question(for: try Self.pending(call))
        return renderer.secondStep(
            hasApp: question.hasApp, hasPasskey: question.hasPasskey, takesRecoveryCode: question.takesRecoveryCode,
            form: form, in: PageRoutes.frame(call))
    }

    private static func pending(_ call: Call) throws -> SecretToken {
        guard let pending = call.pendingSignIn else {
            throw Problem(
                .unauthenticated, code: "sign-in.expired", "There is no sign-in to go on with.",
                hint: "Give your e-mail address and password again.")
        }
        return pending
    }

    /// What the script on a page asks and answers for it.
    private func scripted(
        _ path: String, _ name: String, _ summary: String, _ permission: Permission, _ scope: Route.Scope,
        _ parameters: [Parameter] = [], handle: @escaping @Sendable (Call) async throws -> Answer
    ) -> Route {
        Route(
            .post, path, name: name, summary: summary, permission: permission, scope: scope, audience: .program,
            parameters: parameters, response: .media("application/json"), handle: handle)
    }

    private var passkeyDoors: [Route] {
        [(path: "/sign-in/passkey", isSecond: false), (path: "/sign-in/second/passkey", isSecond: true)].flatMap {
            door in
            [
                scripted(
                    door.path + "/question", door.isSecond ? "askSecondPasskey" : "askPasskey", "Ask for a passkey",
                    .signIn, .none
                ) { [rooms] call in
                    try .json(
                        try await rooms.identity.passkeyQuestion(
                            for: door.isSecond ? try Self.pending(call) : nil, visitor: call.formToken,
                            at: try Site(authority: call.authority)))
                },
                scripted(
                    door.path, door.isSecond ? "takeSecondPasskey" : "takePasskey", "Sign in with a passkey", .signIn,
                    .none
                ) { [rooms] call in
                    let (session, _) = try await rooms.identity.signIn(
                        with: try call.json(PasskeyUse.self).credential,
                        pending: door.isSecond ? try Self.pending(call) : nil, visitor: call.formToken,
                        at: try Site(authority: call.authority))
                    var answer = try Answer.json(Way(location: "/"))
                    answer.session = .begin(session)
                    return answer
                },
            ]
        }
    }

    // MARK: - The account

    private func own(
        _ method: Route.Method, _ path: String, _ name: String, _ summary: String, _ parameters: [Parameter] = [],
        handle: @escaping @Sendable (Call, SignedIn) async throws -> Answer
    ) -> Route {
        Route(
            method, path, name: name, summary: summary, permission: .changeOwnAccount, scope: .none, audience: .browser,
            parameters: parameters, response: method == .get ? .media("text/html") : .redirect
        ) { try await handle($0, try $0.person()) }
    }

    private var account: [Route] {
        [
            own(.get, "/account", "showAccount", "One's own account") { call, _ in .page(try await accountPage(call)) },
            own(
                .get, "/account/confirm", "showConfirm", "Ask once more who it is",
                [.query("then", "The path of the page to go on with.")]
            ) { call, _ in
                .page(try await confirmPage(call, then: OwnPage(call.query["then"])))
            },
            own(.post, "/account/confirm", "confirm", "Confirm the session") { [rooms] call, signedIn in
                let form = try call.form()
                let then = OwnPage(form["then"])
                let identity = rooms.identity
                do {
                    if try await identity.waysToConfirm(signedIn).hasPassword {
                        try await identity.confirm(
                            signedIn, password: form["password"] ?? "", code: form["code"] ?? "", network: call.network)
                    } else {
                        try await identity.confirm(signedIn, code: form["code"] ?? "")
                    }
                    return .seeOther(then.path)
                } catch let problem as Problem where problem.kind == .unauthenticated || problem.kind == .tooMuch {
                    let filled = FilledForm(problem)
                    return .page(try await confirmPage(call, then: then, form: filled), telling: problem)
                }
            },
            scripted(
                "/account/confirm/passkey/question", "askConfirmPasskey", "Ask for a passkey to confirm the session",
                .changeOwnAccount, .none
            ) { [rooms] call in
                try .json(
                    try await rooms.identity.passkeyQuestion(
                        confirming: try call.person(), at: try Site(authority: call.authority)))
            },
            scripted(
                "/account/confirm/passkey", "confirmByPasskey", "Confirm the session with a passkey",
                .changeOwnAccount, .none, [.query("then", "The path of the page to go on with.")]
            ) { [rooms] call in
                try await rooms.identity.confirm(
                    try call.person(), with: try call.json(PasskeyUse.self).credential,
                    at: try Site(authority: call.authority))
                return try .json(Way(location: OwnPage(call.query["then"]).path))
            },
            own(.post, "/account/password", "changePassword", "Change one's own password") {
                [rooms] call, signedIn in
                let form = try call.form()
                do {
                    try await rooms.identity.changePassword(
                        of: signedIn, to: form["password"] ?? "", network: call.network)
                    return .seeOther("/account")
                } catch let problem as Problem where problem.kind == .invalid || problem.kind == .tooMuch {
                    let filled = FilledForm(problem)
                    return .page(try await accountPage(call, form: filled), telling: problem)
                }
            },
            own(.post, "/account/notices/dismiss", "dismissNotices", "Remove what was read") { [rooms] _, signedIn in
                try await rooms.identity.dismissNotices(signedIn)
                return .seeOther("/account")
            },
        ]
    }

    private func confirmPage(
        _ call: Call, then: OwnPage, form: FilledForm = FilledForm()
    ) async throws -> String {
        let ways = try await rooms.identity.waysToConfirm(try call.person())
        return renderer.confirm(ConfirmWays(ways), then: then.path, form: form, in: PageRoutes.frame(call))
    }

    private func accountPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let signedIn = try call.person()
        let identity = rooms.identity
        let factors = try await identity.ownFactors(of: signedIn.account.id)
        var account = OwnAccount(
            name: signedIn.account.name, email: signedIn.account.email,
            lacks: signedIn.lacks.map { demand in
                demand == .phishingResistant
                    ? "\(signedIn.tenant.name) demands a passkey. Add one here, then sign in with it."
                    : "\(signedIn.tenant.name) demands a second factor. Add one here, then sign in with it."
            }, isRecovered: signedIn.isRecovered, hasApp: factors.hasApp, recoveryCodesLeft: factors.recoveryCodesLeft,
            passkeys: factors.passkeys.map {
                OwnAccount.Passkey(
                    id: $0.id, name: $0.name, addedAt: $0.addedAt, lastUsedAt: $0.lastUsedAt, isBackedUp: $0.isBackedUp)
            },
            sessions: try await identity.sessions(of: signedIn).map {
                OwnAccount.Session(
                    id: $0.id, beganAt: $0.beganAt, endsAt: $0.expiresAt, isThisOne: $0.isThisOne)
            },
            news: try await identity.notices(of: signedIn.account.id).map { OwnAccount.News(text: $0.text, at: $0.at) })
        let identities = try await identity.ownIdentities(of: signedIn)
        account.identities = identities.map {
            OwnAccount.Identity(id: $0.id, name: $0.name, linkedAt: $0.linkedAt, lastUsedAt: $0.lastUsedAt)
        }
        account.hasPassword = try await identity.waysToConfirm(signedIn).hasPassword
        let isLinked = identities.contains { $0.organisation == signedIn.tenant.id }
        account.linkable = isLinked ? nil : try await identity.identityProvider(for: signedIn)?.name
        return renderer.account(account, form: form, in: PageRoutes.frame(call))
    }

    // MARK: - Factors

    private var factors: [Route] {
        [
            own(.post, "/account/app", "addApp", "Show the key of a new authenticator app") {
                [rooms, renderer] call, signedIn in
                let (secret, uri) = try await rooms.identity.beginApp(of: signedIn, issuer: "Vouchsafe")
                return .page(renderer.addApp(secret: secret, code: Self.code(uri), in: PageRoutes.frame(call)))
            },
            own(.post, "/account/app/confirm", "confirmApp", "Put an authenticator app into use") {
                [rooms, renderer] call, signedIn in
                do {
                    let codes = try await rooms.identity.confirmApp(of: signedIn, code: try call.form()["code"] ?? "")
                    guard !codes.isEmpty else { return .seeOther("/account") }
                    return .page(renderer.recoveryCodes(codes, in: PageRoutes.frame(call)))
                } catch let problem as Problem where problem.code == "authenticator-app.code" {
                    let (secret, uri) = try await rooms.identity.appToConfirm(of: signedIn, issuer: "Vouchsafe")
                    let filled = FilledForm(problem)
                    return .page(
                        renderer.addApp(secret: secret, code: Self.code(uri), form: filled, in: PageRoutes.frame(call)),
                        telling: problem)
                }
            },
            own(.post, "/account/app/remove", "removeApp", "Take the authenticator app out of use") {
                [rooms] _, signedIn in
                try await rooms.identity.removeApp(of: signedIn)
                return .seeOther("/account")
            },
            own(.post, "/account/recovery-codes", "makeRecoveryCodes", "Make new recovery codes") {
                [rooms, renderer] call, signedIn in
                let codes = try await rooms.identity.makeRecoveryCodes(of: signedIn)
                return .page(renderer.recoveryCodes(codes, in: PageRoutes.frame(call)))
            },
        ]
    }

    private static func code(_ uri: String) -> (side: Int, path: String)? { QRCode(uri).map { ($0.side, $0.path) } }

    private var passkeys: [Route] {
        [
            scripted("/account/passkeys/question", "askNewPasskey", "Ask for a new passkey", .changeOwnAccount, .none) {
                [rooms] call in
                try .json(
                    try await rooms.identity.newPasskeyQuestion(
                        of: try call.person(), at: try Site(authority: call.authority)))
            },
            scripted("/account/passkeys", "addPasskey", "Add a passkey", .changeOwnAccount, .none) { [rooms] call in
                let new = try call.json(NewPasskey.self)
                try await rooms.identity.addPasskey(
                    new.credential, called: new.name, of: try call.person(), at: try Site(authority: call.authority))
                return try .json(Way(location: "/account"))
            },
            own(
                .post, "/account/passkeys/{passkey}/remove", "removePasskey", "Take a passkey out of use",
                [.path("passkey", "The passkey's id.")]
            ) { [rooms] call, signedIn in
                try await rooms.identity.removePasskey(try call.parameter("passkey"), of: signedIn)
                return .seeOther("/account")
            },
        ]
    }

    // MARK: - Sessions

    private var sessions: [Route] {
        [
            own(
                .post, "/account/sessions/{session}/end", "endSession", "End one of one's own sessions",
                [.path("session", "The session's id.")]
            ) { [rooms] call, signedIn in
                try await rooms.identity.endSession(try call.parameter("session"), of: signedIn)
                return .seeOther("/account")
            },
            own(.post, "/account/sessions/end-others", "endOtherSessions", "Sign out everywhere else") {
                [rooms] _, signedIn in
                try await rooms.identity.endOtherSessions(of: signedIn)
                return .seeOther("/account")
            },
        ]
    }
}

/// A passkey's answer at sign-in, as the page's script sends it.
struct PasskeyUse: Decodable {
    let credential: PasskeyRequestResponse
}

/// A new passkey, as the page's script sends it.
private struct NewPasskey: Decodable {
    let name: String
    let credential: PasskeyCreationResponse
}

/// Where the page's script goes on.
struct Way: Encodable {
    let location: String
}
