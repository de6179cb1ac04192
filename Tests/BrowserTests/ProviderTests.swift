import Foundation
import Testing

extension Checkout {
    /// The Python that has PyPI's provider.
    fileprivate static let python = root.appending(path: ".build/oidc-provider/bin/python")

    fileprivate static var hasProvider: Bool { FileManager.default.isExecutableFile(atPath: python.path) }
}

extension BrowserSuite {
    /// Signing in at an identity provider: what only a real browser shows, cookies that do not come along from another site
    /// and a policy about where forms may lead.
    @Suite(.enabled(if: Checkout.hasProvider, "oidc-provider-mock is not installed; scripts/test installs it"))
    struct Providers {
        @Test("An owner sets a provider, links it, and is signed in by it, without a complaint of the browser")
        func wholeWay() async throws {
            let stage = try Stage.now()
            let script = Checkout.root.appending(path: "Tests/CommandTests/Provider/strict-provider.py").path
            let provider = try ChildProcess(
                Checkout.python, [script], in: FileManager.default.temporaryDirectory)
            do {
                try await walk(stage, try await provider.says(/listens on (http:\S+)/))
                await provider.end()
            } catch {
                await provider.end()
                throw error
            }
        }

        private func walk(_ stage: Stage, _ issuer: String) async throws {
            let browser = stage.browser
            func open(_ path: String) async throws { try await browser.open(stage.server.base + path) }
            func arrives(at path: String) async throws {
                do {
                    _ = try await eventually("the browser is at \(path)") {
                        try await browser.path() == path ? true : nil
                    }
                } catch {
                    throw Unmet(what: "The browser is not at \(path): \(try await browser.text())")
                }
            }
            func says(_ text: String) async throws {
                _ = try await eventually("the page says “\(text)”") {
                    try await browser.text().contains(text) ? true : nil
                }
            }
            /// At the provider, which is another site.
            func show(_ subject: String) async throws {
                try await arrives(at: "/oauth2/authorize")
                try await browser.type(subject, into: "[name=sub]")
                try await browser.click(".form-grid form button")
            }
            try await stage.openSignedOut("/sign-in")
            try await stage.signIn()
            try await arrives(at: "/")
            _ = try await browser.complaints()

            try await open("/settings/identity-provider")
            try await browser.type("Brook Login", into: "[name=name]")
            try await browser.type(issuer, into: "[name=issuer]")
            try await browser.type("vouchsafe", into: "[name=clientID]")
            try await browser.type("a secret of two", into: "[name=secret]")
            try await browser.click("form[action='/settings/identity-provider'] button[type=submit]")
            try await says("It is set.")
            try await open("/account")
            try await browser.click("form[action='/account/identities'] button")
            try await show("mira")
            try await arrives(at: "/account")
            try await says("You were linked to an identity provider")

            try await stage.openSignedOut("/sign-in/at/hazelbrook-maps")
            try await browser.click("form[action='/sign-in/at/hazelbrook-maps/provider'] button")
            try await show("mira")
            try await arrives(at: "/")
            // A session that a provider began changes nothing by which she signs in.
            try await open("/account")
            try await browser.click("form[action='/account/recovery-codes'] button")
            try await arrives(at: "/account/confirm")

            try await stage.openSignedOut("/sign-in/at/hazelbrook-maps")
            try await browser.click("form[action='/sign-in/at/hazelbrook-maps/provider'] button")
            try await show("mallory")
            try await says("Nobody here is linked to this account of Brook Login.")
            // Those about the provider's own pages are its own.
            let complaints = try await browser.complaints().filter { $0.contains(stage.server.base) }
            #expect(complaints.filter { !$0.contains("401 (Unauthorized)") } == [])

            try await stage.openSignedOut("/sign-in")
            try await stage.signIn()
            try await arrives(at: "/")
            try await open("/settings/identity-provider")
            try await browser.click("form[action='/settings/identity-provider/removal'] button")
            try await says("Set it up")
        }
    }
}
