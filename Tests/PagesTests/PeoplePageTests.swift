import Kernel
import Testing
import Wire

@testable import Pages

@Suite("The pages about people")
struct PeoplePageTests {
    private func page(_ name: String, rights: PeopleRights = PeopleSamples.all) throws -> Markup {
        let renderer = try PageRenderer()
        let samples = PeopleSamples()
        let pages =
            samples.pages(renderer, in: RenderedPage.frame, rights: rights)
            + samples.empty(renderer, in: RenderedPage.frame)
        return Markup(try #require(pages.first { $0.name == name }).html)
    }

    private func actions(_ markup: Markup) -> [String] {
        markup.all("form").compactMap { $0.attributes["action"] }.filter { $0 != "/sign-out" }
    }

    @Test(
        "whoever may only read sees no form",
        arguments: ["people", "person", "roles", "reviews", "review", "departures", "sign-in rules"])
    func readersSeeNoForms(_ name: String) throws {
        #expect(actions(try page(name, rights: PeopleSamples.none)) == [])
        #expect(actions(try page(name)) != [])
    }

    @Test(
        "a field's problem stands next to it and is announced with it",
        arguments: [
            ("people", "input", "email", "field-email-help field-email-problem"),
            ("people", "select", "role", "field-role-help field-role-problem"),
            ("person", "select", "role", "field-role-help field-role-problem"),
            ("person", "textarea", "remaining", "field-remaining-help field-remaining-problem"),
            ("roles", "input", "title", "field-title-problem"), ("departures", "input", "text", "item-d1-problem"),
            ("reviews", "input", "days", "field-days-help field-days-problem"),
            ("person", "input", "reason", "field-reason-help field-reason-problem"),
            ("recover", "input", "password", "field-password-help field-password-problem"),
            ("recover", "input", "current", "field-current-help field-current-problem"),
            ("sign-in rules", "select", "demand", "field-demand-help field-demand-problem"),
        ])
    func problemsStandNextToFields(_ name: String, _ tag: String, _ field: String, _ describedBy: String) throws {
        let markup = try page(name)
        let found = try #require(markup.all(tag).first { $0.attributes["name"] == field })
        #expect(found.attributes["aria-invalid"] == "true")
        #expect(found.attributes["aria-describedby"] == describedBy)
    }

    @Test("every form carries the token", arguments: ["people", "person", "roles", "reviews", "review", "departures"])
    func everyFormCarriesTheToken(_ name: String) throws {
        let markup = try page(name)
        let tokens = markup.all("input").count { $0.attributes["name"] == "csrf" }
        #expect(tokens == markup.all("form").count)
    }

    @Test("a recovery is confirmed by somebody else than whoever started it, and by who may")
    func recoveries() throws {
        let renderer = try PageRenderer()
        let samples = PeopleSamples()
        func page(byReader: Bool, canBeConfirmed: Bool = true, rights: PeopleRights = PeopleSamples.all) -> Markup {
            let sample = samples.people[1]
            let person = PersonEntry(
                id: sample.id, name: sample.name, email: sample.email, role: sample.role, roleTitle: sample.roleTitle,
                joinedAt: sample.joinedAt, grantedAt: sample.grantedAt, grantedBy: sample.grantedBy, lastUsedAt: nil,
                secondFactors: [],
                recovery: samples.recovery(byReader: byReader, canBeConfirmed: canBeConfirmed))
            return Markup(
                renderer.person(
                    person, tokens: nil, roles: samples.matrix.roles, rights: rights, in: RenderedPage.frame))
        }
        let confirmation = "/people/p2/recovery/confirmation"
        #expect(actions(page(byReader: false)).contains(confirmation))
        #expect(!actions(page(byReader: true)).contains(confirmation))
        #expect(actions(page(byReader: true)).contains("/people/p2/recovery/withdrawal"))
        let seen = page(byReader: false, rights: PeopleSamples.none)
        #expect(actions(seen) == [] && seen.text.contains("Ada Moreno started one"), "seen by who may only see")
        #expect(page(byReader: true, canBeConfirmed: false).text.contains("Nobody else here may recover accounts."))
        #expect(!page(byReader: true).text.contains("Nobody else here may recover accounts."))
    }

    @Test("the tokens that act in somebody's name are seen by who may, and revoked by nobody here")
    func tokensOfSomebody() throws {
        let seen = try page("person", rights: PeopleSamples.none)
        for word in ["Nightly report", "commitments.read", "hosts.read", "Works until", "Last used"] {
            #expect(seen.text.contains(word))
        }
        #expect(actions(seen) == [])
        let samples = PeopleSamples()
        let unseen = Markup(
            try PageRenderer().person(
                samples.people[1], tokens: nil, roles: [], rights: PeopleSamples.none, in: RenderedPage.frame))
        #expect(!unseen.all("h2").contains { $0.attributes["id"] == "tokens-heading" })
    }

    @Test("behind the link it is said what is asked for, and what works where nobody could confirm")
    func recoveryDoor() throws {
        let renderer = try PageRenderer()
        let samples = PeopleSamples()
        func page(_ door: RecoveryDoor) -> Markup { Markup(renderer.recover(door, in: RenderedPage.frame)) }
        #expect(!page(samples.door(asks: false)).text.contains("lost my second factor"))
        let asking = page(samples.door(asks: true))
        #expect(asking.text.contains("lost my second factor") && !asking.text.contains("Nobody else here may."))
        #expect(page(samples.door(asks: true, canBeConfirmed: false)).text.contains("Nobody else here may."))
        let waiting = page(samples.door(asks: true, waits: true, canBeConfirmed: false))
        #expect(waiting.text.contains("A second person must confirm"))
        #expect(waiting.text.contains("one of your recovery codes, or the operator of this server"))
    }

    @Test("what signing in demands names who could not meet it, and warns whoever would shut themselves out")
    func signInRules() throws {
        let renderer = try PageRenderer()
        let samples = PeopleSamples()
        func text(_ outOfReach: Set<String>) -> String {
            Markup(
                renderer.signInRules(
                    samples.rules("none"), mayChange: true, outOfReach: outOfReach, in: RenderedPage.frame)
            ).text
        }
        let plain = text([])
        #expect(plain.contains("A password is enough to sign in."))
        #expect(plain.contains("1 of 2 people has no second factor."))
        #expect(plain.contains("Jon Vik"))
        #expect(!plain.contains("shut yourself out"))
        #expect(text(["phishing-resistant"]).contains("You signed in without a passkey."))
        #expect(text(["second-factor", "phishing-resistant"]).contains("You signed in with a password alone."))
    }

    @Test("a review is completed only when everyone is decided on, and then decided no more")
    func completion() throws {
        #expect(!actions(try page("review")).contains("/reviews/v1/completion"))
        #expect(actions(try page("review")).contains("/reviews/v1/decisions/p2"))
        #expect(!actions(try page("review")).contains("/reviews/v1/decisions/p3"), "who left needs no decision")
        #expect(actions(try page("review")).contains("/reviews/v1/service-accounts/s1"))
        #expect(!actions(try page("review")).contains("/reviews/v1/service-accounts/s8"), "nor what is removed")
        let undecided = try page("review").text
        for words in ["1 person and 1 service account are to be decided on.", "Pushes scan results", "policies.import"]
        {
            #expect(undecided.contains(words))
        }
        #expect(actions(try page("review, decided")) == ["/reviews/v1/completion"])
        #expect(actions(try page("review, completed")) == [])
    }

    @Test("what is ticked off is not ticked off again, and only roles that nobody has can be removed")
    func onlyWhatIsOpen() throws {
        #expect(
            actions(try page("departures")) == ["/departures/d1/items/2/done", "/departures/d1/items"])
        #expect(actions(try page("roles")).contains("/roles/r1/removal"))
    }
}
