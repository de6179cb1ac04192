import Kernel
import Wire

@testable import Pages

/// People as the pages about them show them; every text may be replaced, to see what a hostile one does.
struct PeopleSamples {
    var text: String?

    private let now = Samples.now

    private func words(_ plain: String) -> String { text ?? plain }

    var people: [PersonEntry] {
        [
            PersonEntry(
                id: words("p1"), name: words("Ada Moreno"), email: words("ada@northwind.example"), role: "owner",
                roleTitle: words("owner"), joinedAt: now - .days(400), grantedAt: now - .days(400),
                grantedBy: words("the operator"), lastUsedAt: now - .minutes(3), secondFactors: ["passkey"]),
            PersonEntry(
                id: words("p2"), name: words("Jon Vik"), email: words("jon@northwind.example"), role: "member",
                roleTitle: words("member"), joinedAt: now - .days(90), grantedAt: now - .days(20),
                grantedBy: words("Ada Moreno"), lastUsedAt: nil, secondFactors: [],
                recovery: recovery(byReader: false), isRecoveredElsewhere: true),
        ]
    }

    func recovery(byReader: Bool, canBeConfirmed: Bool = true) -> RecoveryEntry {
        RecoveryEntry(
            reason: words("lost the notebook"), startedBy: words("Ada Moreno"), isByReader: byReader,
            startedAt: now - .hours(1), expiresAt: now + .hours(23), awaitsConfirmation: true,
            canBeConfirmed: canBeConfirmed, confirmedBy: nil)
    }

    func door(asks: Bool, waits: Bool = false, canBeConfirmed: Bool = true) -> RecoveryDoor {
        RecoveryDoor(
            token: words("a/b"), name: words("Jon Vik"), email: words("jon@northwind.example"), asksSecondFactor: asks,
            awaitsConfirmation: waits, canBeConfirmed: canBeConfirmed, mayShowPassword: true)
    }

    var invitation: InvitationEntry {
        InvitationEntry(
            id: words("i1"), email: words("eve@northwind.example"), role: "auditor", roleTitle: words("auditor"),
            invitedBy: words("Ada Moreno"), invitedAt: now - .hours(5), expiresAt: now + .days(6))
    }

    var matrix: RoleMatrix {
        RoleMatrix(
            permissions: [
                PermissionEntry(id: words("people.read"), title: words("See people"), isChoice: true),
                PermissionEntry(id: "owners.change", title: words("Make owners"), isChoice: false),
            ],
            roles: [
                RoleEntry(
                    id: "owner", title: "owner", isBuiltIn: true, permissions: ["people.read", "owners.change"],
                    people: 1),
                RoleEntry(
                    id: words("r1"), title: words("Front desk"), isBuiltIn: false,
                    permissions: [words("people.read")], people: 0),
            ])
    }

    var departure: DepartureEntry {
        DepartureEntry(
            id: words("d1"), person: words("p3"), name: words("Lee Park"), role: words("admin"),
            endedAt: now - .days(3), endedBy: words("Ada Moreno"),
            items: [
                DepartureEntry.Item(
                    number: 1, text: words("Laptop"), addedBy: words("Ada Moreno"), doneAt: now - .days(1),
                    doneBy: words("Jon Vik")),
                DepartureEntry.Item(
                    number: 2, text: words("Badge"), addedBy: words("Ada Moreno"), doneAt: nil, doneBy: nil),
            ])
    }

    func review(decided: Bool, completed: Bool = false) -> ReviewEntry {
        ReviewEntry(
            id: words("v1"), startedAt: now - .days(2), startedBy: words("the server"), dueAt: now + .days(12),
            completedAt: completed ? now : nil, completedBy: completed ? words("Ada Moreno") : nil,
            lines: [
                ReviewEntry.Line(
                    person: words("p1"), name: words("Ada Moreno"), role: words("owner"), isPresent: true,
                    lastUsedAt: now - .minutes(3), decision: "keep", decidedBy: words("Jon Vik"),
                    decidedAt: now - .days(1)),
                ReviewEntry.Line(
                    person: words("p2"), name: words("Jon Vik"), role: words("member"), isPresent: true,
                    lastUsedAt: nil, decision: decided ? "remove" : nil, decidedBy: decided ? words("Ada") : nil,
                    decidedAt: decided ? now : nil),
                ReviewEntry.Line(
                    person: words("p3"), name: words("Lee Park"), role: words("admin"), isPresent: false,
                    lastUsedAt: nil, decision: nil, decidedBy: nil, decidedAt: nil),
            ],
            serviceAccounts: [
                ReviewEntry.ServiceAccountLine(
                    account: words("s1"), name: words("pipeline"), present: TokenSamples(text: text).account,
                    decision: decided ? "keep" : nil, decidedBy: decided ? words("Ada") : nil,
                    decidedAt: decided ? now : nil),
                ReviewEntry.ServiceAccountLine(
                    account: words("s9"), name: words("old report"), present: nil, decision: "remove",
                    decidedBy: words("Ada"), decidedAt: now),
                ReviewEntry.ServiceAccountLine(
                    account: words("s8"), name: words("door"), present: nil, decision: nil, decidedBy: nil,
                    decidedAt: nil),
            ])
    }

    static let all = PeopleRights(
        changesPeople: true, changesRoles: true, reviewsAccess: true, recoversPeople: true)
    static let none = PeopleRights(
        changesPeople: false, changesRoles: false, reviewsAccess: false, recoversPeople: false)

    /// Every page about people.
    func pages(_ renderer: PageRenderer, in frame: PageFrame, rights: PeopleRights = Self.all) -> [RenderedPage] {
        let wrong = FilledForm(
            values: ["email": words("eve@"), "title": words("Desk"), "text": words(" "), "remaining": words("Key")],
            problems: [
                "email": words("Not an address."), "role": words("Too much."), "title": words("Taken."),
                "permissions": words("Too much."), "demand": words("Unknown."), "text": words("Empty."),
                "remaining": words("Too long."),
                "days": words("Too many."), "reason": words("Empty."), "password": words("Too short."),
                "current": words("Wrong."),
            ], problem: words("Look again."))
        let roles = matrix.roles
        return [
            RenderedPage(
                name: "people",
                html: renderer.people(
                    people, invitations: [invitation], roles: roles, rights: rights, form: wrong, in: frame)),
            RenderedPage(
                name: "invitation",
                html: renderer.invitationMade(
                    InvitationMade(invitation: invitation, path: "/join/x"), address: words("https://here/join/x"),
                    in: frame)),
            RenderedPage(
                name: "person",
                html: renderer.person(
                    people[1], tokens: TokenSamples(text: text).tokens, roles: roles, rights: rights,
                    maySignOut: rights.changesPeople, done: words("Done."), form: wrong, in: frame)),
            RenderedPage(
                name: "roles",
                html: renderer.roles(matrix, editing: words("r1"), rights: rights, form: wrong, in: frame)),
            RenderedPage(
                name: "reviews",
                html: renderer.reviews(
                    ReviewList(days: 92, reviews: [review(decided: false)]), rights: rights, form: wrong, in: frame)),
            RenderedPage(
                name: "review",
                html: renderer.review(review(decided: false), rights: rights, form: wrong, in: frame)),
            RenderedPage(
                name: "departures",
                html: renderer.departures(
                    [departure], rights: rights, refused: departure.id, form: wrong, in: frame)),
            RenderedPage(
                name: "recovery made",
                html: renderer.recoveryMade(
                    RecoveryMade(name: words("Jon Vik"), path: "/recover/x", expiresAt: now + .hours(24)),
                    address: words("https://here/recover/x"), in: frame)),
            RenderedPage(
                name: "recover", html: renderer.recover(door(asks: true), form: wrong, in: frame),
                hasNavigation: false),
            RenderedPage(
                name: "recover, waiting",
                html: renderer.recover(door(asks: true, waits: true, canBeConfirmed: false), in: frame),
                hasNavigation: false),
            RenderedPage(
                name: "sign-in rules",
                html: renderer.signInRules(
                    rules("second-factor"), mayChange: rights.changesPeople, outOfReach: ["phishing-resistant"],
                    form: wrong, in: frame)),
            RenderedPage(
                name: "organisations",
                html: renderer.organisations(
                    [
                        OrganisationEntry(slug: words("northwind"), name: words("Northwind Labs"), isCurrent: true),
                        OrganisationEntry(slug: words("client"), name: words("A client"), isCurrent: false),
                    ], in: frame)),
            RenderedPage(
                name: "join", html: renderer.join(token: words("a/b"), role: words("member"), form: wrong, in: frame),
                hasNavigation: false),
            RenderedPage(
                name: "join, signed in",
                html: renderer.join(
                    token: words("a/b"), role: words("member"), person: words("Ada Moreno"), in: frame),
                hasNavigation: false),
        ]
    }

    func rules(_ demand: String) -> SignInRules {
        let lacking = SignInRules.Lacking(id: words("p2"), name: words("Jon Vik"))
        return SignInRules(
            demand: demand, people: 2, withoutSecondFactor: [lacking], withoutPhishingResistant: [lacking])
    }

    /// The same with nothing to show, and nothing touched.
    func empty(_ renderer: PageRenderer, in frame: PageFrame) -> [RenderedPage] {
        [
            RenderedPage(
                name: "people, one",
                html: renderer.people(
                    [people[0]], invitations: [], roles: matrix.roles, rights: Self.all, in: frame)),
            RenderedPage(
                name: "person, untouched",
                html: renderer.person(people[1], tokens: [], roles: matrix.roles, rights: Self.all, in: frame)),
            RenderedPage(
                name: "reviews, none",
                html: renderer.reviews(ReviewList(days: 92, reviews: []), rights: Self.all, in: frame)),
            RenderedPage(
                name: "review, decided", html: renderer.review(review(decided: true), rights: Self.all, in: frame)),
            RenderedPage(
                name: "review, completed",
                html: renderer.review(review(decided: true, completed: true), rights: Self.all, in: frame)),
            RenderedPage(name: "departures, none", html: renderer.departures([], rights: Self.all, in: frame)),
        ]
    }
}
