import Flows
import Foundation
import Identity
import Kernel
import Pages
import Passkeys
import Routing
import Wire

/// The routes of a person's own account.
struct AccountRoutes: Sendable {
    let rooms: Rooms
    let renderer: PageRenderer

    var table: [Route] { account + factors + passkeys + sessions }

    // MARK: - The account

    private var account: [Route] {
        [
            .own(.get, "/account", "showAccount", "One's own account") { call, _ in .page(try await accountPage(call))
            },
            .own(
                .get, "/account/confirm", "showConfirm", "Ask once more who it is",
                [.query("then", "The path of the page to go on with.")]
            ) { call, _ in
                .page(try await confirmPage(call, then: OwnPage(call.query["then"])))
            },
            .own(.post, "/account/confirm", "confirm", "Confirm the session") { [rooms] call, signedIn in
                let form = try call.form()
                let then = OwnPage(form["then"])
                let identity = rooms.identity
                do {
                    let code = form["code"] ?? ""
                    let token =
                        try await identity.waysToConfirm(signedIn).hasPassword
                        ? try await identity.confirm(
                            signedIn, password: form["password"] ?? "", code: code, network: call.network)
                        : try await identity.confirm(signedIn, code: code)
                    return .signedIn(token, at: then.path)
                } catch let problem as Problem where problem.kind == .unauthenticated || problem.kind == .tooMuch {
                    let filled = FilledForm(problem)
                    return .page(try await confirmPage(call, then: then, form: filled), telling: problem)
                }
            },
            .scripted(
                "/account/confirm/passkey/question", "askConfirmPasskey", "Ask for a passkey to confirm the session",
                .changeOwnAccount
            ) { [rooms] call in
                try .json(
                    try await rooms.identity.passkeyQuestion(
                        confirming: try call.person(), at: try Site(authority: call.authority)))
            },
            .scripted(
                "/account/confirm/passkey", "confirmByPasskey", "Confirm the session with a passkey",
                .changeOwnAccount, [.query("then", "The path of the page to go on with.")]
            ) { [rooms] call in
                let token = try await rooms.identity.confirm(
                    try call.person(), with: try call.json(PasskeyUse.self).credential,
                    at: try Site(authority: call.authority))
                var answer = try Answer.json(Way(location: OwnPage(call.query["then"]).path))
                answer.session = .begin(token)
                return answer
            },
            .own(.post, "/account/password", "changePassword", "Change one's own password") {
                [rooms] call, signedIn in
                let form = try call.form()
                do {
                    try await rooms.identity.changePassword(
                        of: signedIn, to: form["password"] ?? "", current: form["current"] ?? "", network: call.network)
                    return .seeOther("/account")
                } catch let problem as Problem
                    where [.invalid, .tooMuch].contains(problem.kind) || problem.code == "account.current-password"
                {
                    let filled = FilledForm(problem)
                    return .page(try await accountPage(call, form: filled), telling: problem)
                }
            },
            .own(.post, "/account/notices/dismiss", "dismissNotices", "Remove what was read") { [rooms] _, signedIn in
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
        let account = try await rooms.account(of: try call.person())
        return renderer.account(account, form: form, in: PageRoutes.frame(call))
    }

    // MARK: - Factors

    private var factors: [Route] {
        [
            .own(.post, "/account/app", "addApp", "Show the key of a new authenticator app") {
                [rooms, renderer] call, signedIn in
                let (secret, uri) = try await rooms.identity.beginApp(of: signedIn, issuer: "Vouchsafe")
                return .page(renderer.addApp(secret: secret, code: Self.code(uri), in: PageRoutes.frame(call)))
            },
            .own(.post, "/account/app/confirm", "confirmApp", "Put an authenticator app into use") {
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
            .own(.post, "/account/app/remove", "removeApp", "Take the authenticator app out of use") {
                [rooms] _, signedIn in
                try await rooms.identity.removeApp(of: signedIn)
                return .seeOther("/account")
            },
            .own(.post, "/account/recovery-codes", "makeRecoveryCodes", "Make new recovery codes") {
                [rooms, renderer] call, signedIn in
                let codes = try await rooms.identity.makeRecoveryCodes(of: signedIn)
                return .page(renderer.recoveryCodes(codes, in: PageRoutes.frame(call)))
            },
        ]
    }

    private static func code(_ uri: String) -> (side: Int, path: String)? { QRCode(uri).map { ($0.side, $0.path) } }

    private var passkeys: [Route] {
        [
            .scripted("/account/passkeys/question", "askNewPasskey", "Ask for a new passkey", .changeOwnAccount) {
                [rooms] call in
                try .json(
                    try await rooms.identity.newPasskeyQuestion(
                        of: try call.person(), at: try Site(authority: call.authority)))
            },
            .scripted("/account/passkeys", "addPasskey", "Add a passkey", .changeOwnAccount) { [rooms] call in
                let new = try call.json(NewPasskey.self)
                try await rooms.identity.addPasskey(
                    new.credential, called: new.name, of: try call.person(), at: try Site(authority: call.authority))
                return try .json(Way(location: "/account"))
            },
            .own(
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
            .own(
                .post, "/account/sessions/{session}/end", "endSession", "End one of one's own sessions",
                [.path("session", "The session's id.")]
            ) { [rooms] call, signedIn in
                try await rooms.identity.endSession(try call.parameter("session"), of: signedIn)
                return .seeOther("/account")
            },
            .own(.post, "/account/sessions/end-others", "endOtherSessions", "Sign out everywhere else") {
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
