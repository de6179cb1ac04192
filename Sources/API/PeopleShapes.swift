import Routing

/// The shapes of what is told and taken about people.
extension Shapes {
    private static let id = Schema.string(format: "uuid")

    static let person = Schema.object(
        "Person",
        [
            Field("id", id), Field("name", .string()), Field("email", .string()), Field("role", .string()),
            Field("roleTitle", .string()), Field("joinedAt", .time), Field("grantedAt", .time),
            Field("grantedBy", .string()), Field("lastUsedAt", .time, optional: true),
            Field("secondFactors", .array(.string())), Field("recovery", recovery, optional: true),
            Field("isRecoveredElsewhere", .boolean),
        ])

    private static let recovery = Schema.object(
        "Recovery",
        [
            Field("reason", .string()), Field("startedBy", .string()), Field("isByReader", .boolean),
            Field("startedAt", .time), Field("expiresAt", .time), Field("awaitsConfirmation", .boolean),
            Field("canBeConfirmed", .boolean), Field("confirmedBy", .string(), optional: true),
        ])

    static let recoveryRequest = Schema.object("RecoveryRequest", [Field("reason", .string())])

    static let recoveryMade = Schema.object(
        "RecoveryMade", [Field("name", .string()), Field("path", .string()), Field("expiresAt", .time)])

    static let signInDemand = Schema.object("SignInDemand", [Field("demand", demand)])

    static let signInRules = Schema.object(
        "SignInRules",
        [
            Field("demand", demand), Field("people", .integer(minimum: 0)),
            Field("withoutSecondFactor", .array(lacking)), Field("withoutPhishingResistant", .array(lacking)),
        ])

    private static let demand = Schema.choice(["none", "second-factor", "phishing-resistant"])
    private static let lacking = Schema.object("Lacking", [Field("id", id), Field("name", .string())])

    static let identityProvider = Schema.object(
        "IdentityProviderAnswer",
        [
            Field(
                "provider",
                .object(
                    "IdentityProvider",
                    [
                        Field("name", .string()), Field("issuer", .string()), Field("clientID", .string()),
                        Field("hasSecret", .boolean), Field("trustsSecondFactor", .boolean), Field("setAt", .time),
                        Field("signInAddress", .string()),
                    ]), optional: true)
        ])

    static let roleChange = Schema.object("RoleChange", [Field("role", .string())])

    static let invitation = Schema.object(
        "Invitation",
        [
            Field("id", id), Field("email", .string(), optional: true), Field("role", .string()),
            Field("roleTitle", .string()), Field("invitedBy", .string()), Field("invitedAt", .time),
            Field("expiresAt", .time),
        ])

    static let invitationMade = Schema.object(
        "InvitationMade", [Field("invitation", invitation), Field("path", .string())])

    static let invitationRequest = Schema.object(
        "InvitationRequest", [Field("email", .string()), Field("role", .string())])

    static let role = Schema.object(
        "Role",
        [
            Field("id", .string()), Field("title", .string()), Field("isBuiltIn", .boolean),
            Field("permissions", .array(.string())), Field("people", .integer(minimum: 0)),
        ])

    static let roles = Schema.object(
        "RoleMatrix",
        [
            Field(
                "permissions",
                .array(
                    .object(
                        "Permission",
                        [Field("id", .string()), Field("title", .string()), Field("isChoice", .boolean)]))),
            Field("roles", .array(role)),
        ])

    static let roleRequest = Schema.object(
        "RoleRequest", [Field("title", .string()), Field("permissions", .array(.string()))])

    static let departure = Schema.object(
        "Departure",
        [
            Field("id", id), Field("person", id), Field("name", .string()), Field("role", .string()),
            Field("endedAt", .time), Field("endedBy", .string()),
            Field(
                "items",
                .array(
                    .object(
                        "DepartureItem",
                        [
                            Field("number", .integer(minimum: 1)), Field("text", .string()),
                            Field("addedBy", .string()), Field("doneAt", .time, optional: true),
                            Field("doneBy", .string(), optional: true),
                        ]))),
        ])

    static let departureRequest = Schema.object("DepartureRequest", [Field("remaining", .array(.string()))])

    static let departureItemRequest = Schema.object("DepartureItemRequest", [Field("text", .string())])

    static let review = Schema.object(
        "AccessReview",
        [
            Field("id", id), Field("startedAt", .time), Field("startedBy", .string()), Field("dueAt", .time),
            Field("completedAt", .time, optional: true), Field("completedBy", .string(), optional: true),
            Field(
                "lines",
                .array(
                    .object(
                        "AccessReviewLine",
                        [
                            Field("person", id), Field("name", .string()), Field("role", .string()),
                            Field("isPresent", .boolean), Field("lastUsedAt", .time, optional: true),
                            Field("decision", .choice(["keep", "remove"]), optional: true),
                            Field("decidedBy", .string(), optional: true), Field("decidedAt", .time, optional: true),
                        ]))),
            Field("serviceAccounts", .array(accountLine)),
        ])

    private static let accountLine = Schema.object(
        "AccessReviewServiceAccountLine",
        [
            Field("account", id), Field("name", .string()), Field("purpose", .string(), optional: true),
            Field("permissions", .array(.string())), Field("tokenCount", .integer(minimum: 0)),
            Field("lastUsedAt", .time, optional: true), Field("isPresent", .boolean),
            Field("decision", .choice(["keep", "remove"]), optional: true),
            Field("decidedBy", .string(), optional: true), Field("decidedAt", .time, optional: true),
        ])

    static let reviews = Schema.object(
        "AccessReviews", [Field("days", .integer(minimum: 1)), Field("reviews", .array(review))])

    static let reviewRhythm = Schema.object(
        "AccessReviewRhythm", [Field("days", .integer(minimum: 30, maximum: 366))])

    static let reviewDecision = Schema.object(
        "AccessReviewDecision", [Field("person", id), Field("decision", .choice(["keep", "remove"]))])

    static let accountDecision = Schema.object(
        "ServiceAccountDecision", [Field("account", id), Field("decision", .choice(["keep", "remove"]))])
}
