import Flows
import Identity
import Kernel
import Pages
import Passkeys
import Routing
import Wire

/// The routes of signing in and out.
struct SignInRoutes: Sendable {
    let rooms: Rooms
    let renderer: PageRenderer

    var table: [Route] { doors + recoveryCode + secondStep + passkeyDoors }

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

    private var doors: [Route] {
        [
            .door(.get, "/sign-in", "showSignIn", "The sign-in form") { [renderer] call in
                call.signedIn == nil ? .page(renderer.signIn(in: PageRoutes.frame(call))) : .seeOther("/")
            },
            .door(.post, "/sign-in", "signIn", "Sign in") { [rooms, renderer] call in
                let form = try call.form()
                do {
                    let step = try await rooms.identity.signIn(
                        email: form["email"] ?? "", password: form["password"] ?? "", network: call.network,
                        marks: call.deviceMarks)
                    return Self.answer(to: step)
                } catch let problem as Problem where problem.kind != .unavailable {
                    let filled = FilledForm(problem, values: form, keeping: ["email"])
                    return .page(renderer.signIn(form: filled, in: PageRoutes.frame(call)), telling: problem)
                }
            },
            .door(.post, "/sign-out", "signOut", "Sign out") { [rooms] call in
                if let signedIn = call.signedIn { try await rooms.identity.signOut(signedIn) }
                var answer = Answer.seeOther("/sign-in")
                answer.session = .end
                return answer
            },
        ]
    }

    private var recoveryCode: [Route] {
        [
            .door(.get, "/sign-in/recovery-code", "showRecoveryCodeForm", "The form for a recovery code") {
                [renderer] call in
                .page(renderer.recoveryCodeForm(in: PageRoutes.frame(call)))
            },
            .door(
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
            .door(.get, "/sign-in/second", "showSecondStep", "The second step of signing in") { call in
                .page(try await secondStepPage(call))
            },
            .door(.post, "/sign-in/second", "takeSecondStep", "Sign in with a code") { [rooms] call in
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

    private var passkeyDoors: [Route] {
        [(path: "/sign-in/passkey", isSecond: false), (path: "/sign-in/second/passkey", isSecond: true)].flatMap {
            door in
            [
                .scripted(
                    door.path + "/question", door.isSecond ? "askSecondPasskey" : "askPasskey", "Ask for a passkey",
                    .signIn
                ) { [rooms] call in
                    try .json(
                        try await rooms.identity.passkeyQuestion(
                            for: door.isSecond ? try Self.pending(call) : nil, visitor: call.formToken,
                            at: try Site(authority: call.authority)))
                },
                .scripted(
                    door.path, door.isSecond ? "takeSecondPasskey" : "takePasskey", "Sign in with a passkey", .signIn
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
}
