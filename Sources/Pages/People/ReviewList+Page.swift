import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The access reviews. The form of the rhythm has the field `days`.
    public func reviews(
        _ list: ReviewList, rights: PeopleRights, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(ReviewListPage(list: list, rights: rights, form: form, now: frame.now), in: frame)
    }

    /// One access review, person by person.
    public func review(
        _ review: ReviewEntry, rights: PeopleRights, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(ReviewShowPage(review: review, rights: rights, form: form, now: frame.now), in: frame)
    }
}

struct ReviewListPage: Page {
    static let template = "review-list"
    let title = "Access reviews"
    let place: Place? = .people
    let list: ReviewList
    let rights: PeopleRights
    let form: FilledForm
    let now: Instant

    private var open: ReviewEntry? { list.reviews.first { $0.completedAt == nil } }

    func child(named name: String) -> Any? {
        switch name {
        case "peoplePlaces": PeoplePlace.reviews.neighbours
        case "headline": headline
        case "rhythm":
            "One is due at least every \(count(list.days, "day")), and begins by itself two weeks before."
        case "isEmpty": list.reviews.isEmpty
        case "reviews": list.reviews.map { ReviewRow(review: $0, now: now) }
        case "mayReview": rights.reviewsAccess
        case "mayStart": rights.reviewsAccess && open == nil
        case "formProblem": form.problem ?? false
        case "rhythmOpen": !form.isUntouched
        case "daysField":
            Field(
                name: "days", label: "Days between two reviews", kind: .text, help: "30 to 366; 92 is a quarter.",
                longest: 3,
                form: form.values["days"] == nil
                    ? FilledForm(
                        values: ["days": "\(list.days)"], problems: form.problems, problem: form.problem) : form)
        default: nil
        }
    }

    private var headline: String {
        if let open {
            return open.dueAt <= now ? "An access review is overdue." : "An access review is under way."
        }
        guard let last = list.reviews.compactMap(\.completedAt).max() else { return "No access review yet." }
        return last + .days(list.days) < now ? "An access review is overdue." : "Access was reviewed."
    }
}

struct ReviewRow: MustacheParent {
    let review: ReviewEntry
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "reviewAddress": "/reviews/\(review.id.asPathSegment)"
        case "reviewName": "Review of \(Moment(review.startedAt, now: nil).day)"
        case "started": Moment(review.startedAt, now: now)
        case "startedBy": review.startedBy
        case "due": Moment(review.dueAt, now: now)
        case "completed": review.completedAt.map { Moment($0, now: now) } ?? false
        case "completedBy": review.completedBy ?? false
        case "tally": tally
        default: nil
        }
    }

    private var tally: String {
        let decisions = review.lines.map(\.decision) + review.serviceAccounts.map(\.decision)
        let kept = decisions.count { $0 == "keep" }
        let removed = decisions.count { $0 == "remove" }
        var parts = ["\(grouped(kept)) kept", "\(grouped(removed)) removed"]
        if review.completedAt == nil { parts.append("\(grouped(review.undecidedCount)) open") }
        return parts.joined(separator: ", ")
    }
}

struct ReviewShowPage: Page {
    static let template = "review-show"
    let place: Place? = .people
    let review: ReviewEntry
    let rights: PeopleRights
    let form: FilledForm
    let now: Instant

    var title: String { "Review of \(Moment(review.startedAt, now: nil).day)" }
    private var isOpen: Bool { review.completedAt == nil }

    func child(named name: String) -> Any? {
        switch name {
        case "peoplePlaces": PeoplePlace.reviews.neighbours
        case "headline": headline
        case "row": ReviewRow(review: review, now: now)
        case "formProblem": form.problem ?? false
        case "lines":
            review.lines.map {
                ReviewLineRow(line: $0, review: review, mayDecide: isOpen && rights.reviewsAccess, now: now)
            }
        case "hasAccounts": !review.serviceAccounts.isEmpty
        case "accounts":
            review.serviceAccounts.map {
                ReviewAccountRow(line: $0, review: review, mayDecide: isOpen && rights.reviewsAccess, now: now)
            }
        case "completion":
            isOpen && rights.reviewsAccess && review.undecidedCount == 0
                ? "/reviews/\(review.id.asPathSegment)/completion" : false
        case "isWaiting": isOpen && review.undecidedCount > 0
        default: nil
        }
    }

    private var headline: String {
        guard isOpen else { return "This review is completed." }
        let (people, accounts) = (review.undecidedPeople, review.undecidedServiceAccounts)
        switch (people, accounts) {
        case (0, 0): return "Everyone is decided on."
        case (_, 0): return "\(count(people, "person is", "people are")) to be decided on."
        case (0, _): return "\(count(accounts, "service account is", "service accounts are")) to be decided on."
        default:
            return
                "\(count(people, "person", "people")) and \(count(accounts, "service account")) are to be decided on."
        }
    }
}

struct ReviewLineRow: MustacheParent {
    let line: ReviewEntry.Line
    let review: ReviewEntry
    let mayDecide: Bool
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "personName": line.name
        case "roleTitle": RoleWords.title(line.role)
        case "lastUsed": line.lastUsedAt.map { Moment($0, now: now) } ?? false
        default: cell.child(named: name)
        }
    }

    private var cell: DecisionCell {
        DecisionCell(
            subject: line.name, decision: line.decision, by: line.decidedBy, at: line.decidedAt,
            isPresent: line.isPresent, gone: "Left",
            address: mayDecide
                ? "/reviews/\(review.id.asPathSegment)/decisions/\(line.person.asPathSegment)" : nil,
            now: now)
    }
}

/// One service account in a review.
struct ReviewAccountRow: MustacheParent {
    let line: ReviewEntry.ServiceAccountLine
    let review: ReviewEntry
    let mayDecide: Bool
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "accountName": line.name
        case "purpose": line.purpose ?? false
        case "accountPermissions": line.permissions
        case "tokenCount":
            line.isPresent ? (line.tokenCount == 0 ? "no token" : count(line.tokenCount, "token")) : false
        case "lastUsed": line.lastUsedAt.map { Moment($0, now: now) } ?? false
        default: cell.child(named: name)
        }
    }

    private var cell: DecisionCell {
        DecisionCell(
            subject: line.name, decision: line.decision, by: line.decidedBy, at: line.decidedAt,
            isPresent: line.isPresent, gone: "Removed",
            address: mayDecide
                ? "/reviews/\(review.id.asPathSegment)/service-accounts/\(line.account.asPathSegment)" : nil,
            now: now)
    }
}

/// What was decided, why nothing is to be decided here, or the form that decides.
private struct DecisionCell {
    let subject: String
    let decision: String?
    let by: String?
    let at: Instant?
    let isPresent: Bool
    /// What became of whoever is not there any more.
    let gone: String
    /// Where the reader decides; `nil` for whoever may not.
    let address: String?
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "decisionSubject": subject
        case "decision": words ?? false
        case "decided": at.map { Moment($0, now: now) } ?? false
        case "decidedBy": by ?? false
        case "decisionAddress": (isOpen ? address : nil) ?? false
        default: nil
        }
    }

    private var isOpen: Bool { isPresent && decision == nil }

    private var words: String? {
        switch decision {
        case "keep": "Keeps access"
        case "remove": "Access removed"
        default: isPresent ? (address == nil ? "Not decided" : nil) : "\(gone) before a decision"
        }
    }
}
