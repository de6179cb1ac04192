import Kernel
import Testing
import Wire

@testable import Pages

@Suite("The pages about tokens")
struct TokenPageTests {
    private func page(_ name: String) throws -> Markup {
        let pages = TokenSamples().pages(try PageRenderer(), in: RenderedPage.frame)
        return Markup(try #require(pages.first { $0.name == name }).html)
    }

    private func actions(_ markup: Markup) -> [String] {
        markup.all("form").compactMap { $0.attributes["action"] }.filter { $0 != "/sign-out" }
    }

    @Test("each token is revoked where it is listed, and made below the list")
    func whereFormsLead() throws {
        #expect(
            actions(try page("tokens")) == [
                "/account/tokens/t1/revocation", "/account/tokens/t2/revocation", "/account/tokens",
            ])
        #expect(
            actions(try page("service account")) == [
                "/settings/service-accounts/s1/tokens/t1/revocation",
                "/settings/service-accounts/s1/tokens/t2/revocation", "/settings/service-accounts/s1/tokens",
                "/settings/service-accounts/s1/removal",
            ])
        #expect(actions(try page("service accounts")) == ["/settings/service-accounts"])
    }

    @Test("nothing is made where there is nothing that it could hold")
    func nothingToHold() throws {
        #expect(actions(try page("tokens, none")) == [])
    }

    @Test("whoever may only read sees no form", arguments: ["service accounts, read", "service account, read"])
    func readOnly(_ name: String) throws {
        let markup = try page(name)
        #expect(actions(markup) == [])
        #expect(markup.all("table").count == 1)
    }

    @Test("every form carries the token of the session", arguments: ["tokens", "service accounts", "service account"])
    func everyFormCarriesTheToken(_ name: String) throws {
        let markup = try page(name)
        #expect(
            markup.all("input").count { $0.attributes["name"] == "csrf" } == markup.all("form").count)
    }

    @Test(
        "a field's problem stands next to it and is announced with it",
        arguments: [
            ("tokens", "input", "name", "field-name-help field-name-problem"),
            ("tokens", "select", "days", "field-days-help field-days-problem"),
            ("service accounts", "input", "purpose", "field-purpose-help field-purpose-problem"),
            ("service account", "select", "days", "field-days-help field-days-problem"),
        ])
    func problemsStandNextToFields(_ name: String, _ tag: String, _ field: String, _ describedBy: String) throws {
        let markup = try page(name)
        let found = try #require(markup.all(tag).first { $0.attributes["name"] == field })
        #expect(found.attributes["aria-invalid"] == "true")
        #expect(found.attributes["aria-describedby"] == describedBy)
        #expect(markup.all("fieldset").first?.attributes["aria-describedby"] == "permissions-problem")
    }

    @Test("the text of a token is shown where it was made and nowhere else")
    func shownOnce() throws {
        let pages = TokenSamples().pages(try PageRenderer(), in: RenderedPage.frame)
        #expect(pages.filter { $0.html.contains("vch_secret") }.map(\.name) == ["token, made"])
    }
}
