import Flows
import Identity
import Kernel
import Pages
import Routing
import Store
import Wire

/// The pages of the access reviews.
extension PageRoutes {
    private static let review = Parameter.path("review", "The review's id.")

    var reviewing: [Route] {
        [
            .page("/reviews", "showReviews", "The access reviews", .readPeople) { try await reviewsPage($0) },
            .page("/reviews/{review}", "showReview", "One access review", .readPeople, [Self.review]) {
                try await reviewPage($0)
            },
            form("/reviews", "sendReview", "Begin an access review", .reviewAccess) { [rooms] call in
                let review = try await rooms.startReview(by: try call.asker())
                return .seeOther("/reviews/\(review.id)")
            } again: {
                try await reviewsPage($0, form: $1)
            },
            form("/reviews/rhythm", "sendReviewRhythm", "Set how often access is reviewed", .reviewAccess) {
                [rooms] call in
                try await rooms.identity.setReviewRhythm(
                    days: Int(try call.form()["days"] ?? "") ?? 0, by: try call.asker())
                return .seeOther("/reviews")
            } again: {
                try await reviewsPage($0, form: $1)
            },
            form(
                "/reviews/{review}/decisions/{person}", "sendReviewDecision", "Keep or remove somebody's access",
                .reviewAccess, [Self.review, Self.person]
            ) { [rooms] call in
                let review = try call.parameter("review")
                _ = try await rooms.decide(
                    try call.form()["decision"] ?? "", on: try call.parameter("person"), inReview: review,
                    by: try call.asker())
                return .seeOther("/reviews/\(review)")
            } again: {
                try await reviewPage($0, form: $1.onTheWhole)
            },
            form(
                "/reviews/{review}/service-accounts/{account}", "sendServiceAccountDecision",
                "Keep or remove a service account", .reviewAccess,
                [Self.review, .path("account", "The service account's id.")]
            ) { [rooms] call in
                let review = try call.parameter("review")
                _ = try await rooms.decide(
                    try call.form()["decision"] ?? "", onServiceAccount: try call.parameter("account"),
                    inReview: review, by: try call.asker())
                return .seeOther("/reviews/\(review)")
            } again: {
                try await reviewPage($0, form: $1.onTheWhole)
            },
            form(
                "/reviews/{review}/completion", "sendReviewCompletion", "Complete an access review", .reviewAccess,
                [Self.review]
            ) { [rooms] call in
                let review = try call.parameter("review")
                _ = try await rooms.completeReview(review, by: try call.asker())
                return .seeOther("/reviews/\(review)")
            } again: {
                try await reviewPage($0, form: $1.onTheWhole)
            },
        ]
    }

    private func reviewsPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.reviews(
            try await rooms.reviewList(of: organisation, as: principal), rights: Self.rights(call), form: form,
            in: Self.frame(call))
    }

    private func reviewPage(_ call: Call, form: FilledForm = FilledForm()) async throws -> String {
        let (organisation, principal) = try call.scope()
        return renderer.review(
            try await rooms.review(try call.parameter("review"), of: organisation, as: principal),
            rights: Self.rights(call), form: form, in: Self.frame(call))
    }
}

extension FilledForm {
    /// The same, where the form has no field at which a problem could stand.
    var onTheWhole: FilledForm {
        FilledForm(problem: problem ?? problems.values.sorted().first)
    }
}
