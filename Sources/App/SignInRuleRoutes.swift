import Flows
import Identity
import Kernel
import Pages
import Routing

/// The page on which an organisation decides what signing in demands.
extension PageRoutes {
    var signingIn: [Route] {
        [
            .page("/organisation/sign-in", "showSignInRules", "What signing in demands", .readPeople) {
                try await signInRulesPage($0)
            },
            form("/organisation/sign-in", "sendSignInDemand", "Decide what signing in demands", .changeSignIn) {
                [rooms] call in
                try await rooms.demandAtSignIn(try call.form()["demand"] ?? "", by: try call.person())
                return .seeOther("/organisation/sign-in")
            } again: {
                try await signInRulesPage($0, form: $1)
            },
        ]
    }

    private func signInRulesPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        let means = call.signedIn?.session.means ?? []
        return renderer.signInRules(
            try await rooms.signInRules(of: organisation, as: principal),
            mayChange: call.caller?.permissions.contains(.changeSignIn) ?? false,
            outOfReach: Set(SignInDemand.allCases.filter { !$0.isMet(by: means) }.map(\.rawValue)), form: form,
            in: Self.frame(call))
    }
}
