import Kernel

/// What can be wrong with what an identity provider says, each kind with its one code and its next step.
enum ProviderProblem {
    private static let forOwners = "Tell whoever looks after sign-in in your organisation."

    /// The provider's own description of itself will not do.
    static func metadata(_ field: String, _ reason: String) -> Problem {
        Problem(
            .refused, code: "identity-provider.metadata", "The provider's description of itself will not do. \(reason)",
            hint: "Compare the issuer with what the provider's documentation says; it must be the same to the letter.",
            place: Problem.Place(field: field))
    }

    /// An address that is not safe to ask.
    static func address(_ field: String, _ reason: String) -> Problem {
        Problem(
            .invalid, code: "identity-provider.address", "That address cannot be used. \(reason)",
            hint: "Write it like https://login.example.org, with nothing after a question mark.",
            place: Problem.Place(field: field))
    }

    static func keys(_ reason: String) -> Problem {
        Problem(
            .refused, code: "identity-provider.keys", "The provider's keys will not do. \(reason)", hint: forOwners,
            place: Problem.Place(field: "jwks_uri"))
    }

    /// The provider sent the browser back without a sign-in.
    static func denied(_ error: String) -> Problem {
        switch error {
        case "access_denied", "login_required", "interaction_required", "account_selection_required",
            "consent_required":
            Problem(
                .unauthenticated, code: "identity-provider.denied", "The provider did not sign you in.",
                hint: "Try again, or sign in another way.", cause: error)
        case "temporarily_unavailable", "server_error":
            Problem(
                .unavailable, code: "identity-provider.unavailable",
                "The provider cannot sign anybody in at the moment.",
                hint: "Try again in a while, or sign in another way.", cause: error)
        default:
            Problem(
                .refused, code: "identity-provider.refused", "The provider refused our request.", hint: forOwners,
                cause: String(error.prefix(200)))
        }
    }

    static let state = Problem(
        .unauthenticated, code: "identity-provider.state",
        "This answer of the provider belongs to no sign-in of yours.",
        hint: "Begin again on our own page, and go through it in one window.")

    static let otherIssuer = Problem(
        .refused, code: "identity-provider.mixed", "The answer came from another provider than the one that was asked.",
        hint: "Begin again. If it happens again, tell whoever looks after sign-in: somebody may be interfering.")

    static func answer(_ reason: String) -> Problem {
        Problem(
            .refused, code: "identity-provider.answer", "The provider's answer is malformed. \(reason)", hint: forOwners
        )
    }

    static func exchange(_ error: String) -> Problem {
        Problem(
            .refused, code: "identity-provider.exchange", "The provider did not confirm the sign-in.",
            hint: error == "invalid_client" || error == "unauthorized_client"
                ? "The client id or its secret is wrong there. \(forOwners)"
                : "Begin again; an answer works only once.",
            cause: String(error.prefix(200)))
    }

    static func token(_ claim: String, _ reason: String) -> Problem {
        Problem(
            .refused, code: "identity-provider.token", "What the provider says about you does not hold. \(reason)",
            hint: "Begin again. If it happens again, tell whoever looks after sign-in in your organisation.",
            place: Problem.Place(field: claim))
    }

    /// A key that was not there when the keys were last read; reading them again may help.
    static let unknownKey = Problem(
        .refused, code: "identity-provider.unknown-key", "The provider signed with a key that it has not published.",
        hint: "Begin again in a minute. If it happens again, tell whoever looks after sign-in in your organisation.",
        place: Problem.Place(field: "kid"))
}
