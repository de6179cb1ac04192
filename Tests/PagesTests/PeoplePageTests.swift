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
