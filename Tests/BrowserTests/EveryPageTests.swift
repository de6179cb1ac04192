import Testing

/// Every kind of page there is.
enum Sight: String, CaseIterable, CustomTestStringConvertible {
    case overview, kept, unproven, unprovable, policies, text, positions, hosts, host, sites, site, siteScan, ledger,
        settings,
        account,
        confirm, trust,
        signIn, signInAt, identityProvider, nowhere, people, person, roles, reviews, review, departures, organisations,
        signInRules, tokens, serviceAccounts, serviceAccount, recover

    var testDescription: String { rawValue }

    /// Opens it, signed in where that is needed.
    func open(on stage: Stage) async throws {
        switch self {
        case .overview: try await stage.open("/")
        case .kept: try await stage.open("/commitments/\(Stage.policy)/evidence-sealed")
        case .unproven: try await stage.open("/commitments/metadrop-security-commitment/logs-reviewed")
        case .unprovable: try await stage.open("/commitments/\(Stage.policy)/flawless-maps")
        case .policies: try await stage.open("/policies")
        case .text: try await stage.open("/policies/\(Stage.policy)")
        case .positions: try await stage.open("/policies/metadrop-security-commitment")
        case .hosts: try await stage.open("/hosts")
        case .host:
            try await stage.open("/hosts")
            try await stage.browser.click("a.promise")
        case .sites: try await stage.open("/sites")
        case .site:
            try await stage.server.makeScannedSite()
            try await stage.open("/sites")
            try await stage.browser.click("a.promise")
        case .siteScan:
            try await stage.server.makeScannedSite()
            try await stage.open("/sites")
            try await stage.browser.click("a.promise")
            try await stage.browser.click("table a")
        case .people: try await stage.open("/people")
        case .person:
            try await stage.open("/people")
            try await stage.browser.click("a.promise")
        case .roles: try await stage.open("/roles")
        case .reviews: try await stage.open("/reviews")
        case .review:
            try await stage.open("/reviews")
            let isThere = try await stage.browser.run("return document.querySelector('a.promise') !== null").isTrue
            try await stage.browser.click(isThere ? "a.promise" : "form[action='/reviews'] button")
        case .departures: try await stage.open("/departures")
        case .recover: try await stage.openSignedOut(try await stage.server.recoveryLink())
        case .signInRules: try await stage.open("/organisation/sign-in")
        case .organisations: try await stage.open("/organisation")
        case .tokens: try await stage.open("/account/tokens")
        case .serviceAccounts: try await stage.open("/settings/service-accounts")
        case .serviceAccount:
            try await stage.open("/settings/service-accounts")
            let isThere = try await stage.browser.run("return document.querySelector('a.promise') !== null").isTrue
            if !isThere {
                try await stage.server.makeServiceAccount()
                try await stage.open("/settings/service-accounts")
            }
            try await stage.browser.click("a.promise")
        case .ledger: try await stage.open("/ledger")
        case .settings: try await stage.open("/settings")
        case .account: try await stage.open("/account")
        case .confirm: try await stage.open("/account/confirm")
        case .trust: try await stage.openSignedOut(Stage.trustPage)
        case .signIn: try await stage.openSignedOut("/sign-in")
        case .signInAt: try await stage.openSignedOut("/sign-in/at/hazelbrook-maps")
        case .identityProvider: try await stage.open("/settings/identity-provider")
        case .nowhere: try await stage.openSignedOut("/no/such/page")
        }
    }
}

extension BrowserSuite {
    /// What holds for every page.
    @Suite struct EveryPage {
        @Test(
            "No page makes the browser complain, and none breaks its content security policy", arguments: Sight.allCases
        )
        func quiet(sight: Sight) async throws {
            let stage = try Stage.now()
            _ = try await stage.browser.complaints()
            try await sight.open(on: stage)
            let complaints = try await stage.browser.complaints()
            // That the page itself was not found is its point; and a text that is no page has no icon.
            let others = complaints.filter { !$0.contains("/favicon.ico - ") }
            #expect(others.filter { sight != .nowhere || !$0.contains("404 (Not Found)") } == [])
        }

        @Test("No page is wider than a screen of 360 pixels, light or dark", arguments: Sight.allCases)
        func narrow(sight: Sight) async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await browser.widen(to: 360)
            for scheme in ["light", "dark"] {
                try await browser.command(
                    "Emulation.setEmulatedMedia",
                    ["features": [["name": "prefers-color-scheme", "value": .text(scheme)]]])
                try await sight.open(on: stage)
                _ = try await browser.run(
                    "for (const drawer of document.querySelectorAll('details')) drawer.open = true")
                let widths = try await browser.run(
                    "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
                ).elements.compactMap(\.int)
                #expect(widths[0] <= widths[1], "\(scheme)")
            }
            try await browser.command("Emulation.setEmulatedMedia", ["features": []])
            try await browser.widen(to: 1280)
            _ = try await browser.complaints()
        }

        @Test(
            "Every page has one heading of the first level, a language, a title, a main part and a label for every input",
            arguments: Sight.allCases)
        func marked(sight: Sight) async throws {
            let stage = try Stage.now()
            try await sight.open(on: stage)
            let script = """
                const fields = [...document.querySelectorAll("input:not([type=hidden]), textarea, select")];
                const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
                return { headings: document.querySelectorAll("h1").length, language: document.documentElement.lang,
                  title: document.title, mains: document.querySelectorAll("main").length,
                  unnamed: fields.filter(field => !field.labels.length && !field.getAttribute("aria-label")).length,
                  twice: ids.filter((id, position) => ids.indexOf(id) !== position),
                  foreign: performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith(location.origin)),
                  lost: [...document.querySelectorAll("[aria-describedby], [aria-labelledby]")]
                    .flatMap(element => (element.getAttribute("aria-describedby") ?? "").split(" ").concat((element.getAttribute("aria-labelledby") ?? "").split(" ")))
                    .filter(id => id && !document.getElementById(id)) }
                """
            let found = try await stage.browser.run(script)
            #expect(found["headings"] == 1)
            #expect(found["language"] == "en")
            #expect(found["title"].string?.isEmpty == false)
            #expect(found["mains"] == 1)
            #expect(found["unnamed"] == 0)
            #expect(found["twice"] == [])
            #expect(found["lost"] == [])
            #expect(found["foreign"] == [], "nothing is loaded from elsewhere")
        }

        @Test(
            "The first Tab reaches the link that skips to the content, and Enter goes there",
            arguments: [Sight.overview, .trust, .signIn])
        func keyboard(sight: Sight) async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await sight.open(on: stage)
            try await browser.press("\u{E004}")
            #expect(try await browser.run("return document.activeElement.className") == "skip")
            #expect(try await browser.run("return document.activeElement.getBoundingClientRect().left >= 0").isTrue)
            try await browser.press("\u{E007}")
            #expect(try await browser.run("return document.activeElement.id") == "main")
            try await browser.press("\u{E004}")
            #expect(try await browser.run("return document.activeElement.closest('main, footer') !== null").isTrue)
        }

        @Test("The policy's own words are coloured by verdict, and each marked span leads to a commitment")
        func policyText() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await Sight.text.open(on: stage)
            let script = """
                const spans = [...document.querySelectorAll(".document .span:not(.s-context)")];
                return { marked: spans.length, // A span with several commitments leads to their list beside it.
                  links: spans.filter(span => span.matches("a[href^='/commitments/']") ||
                    document.querySelector(span.getAttribute("href"))?.querySelector("a[href^='/commitments/']")).length,
                  colours: new Set(spans.map(span => getComputedStyle(span).backgroundColor)).size,
                  words: document.querySelector(".document").textContent.includes("Every computer that we use has an encrypted disk.") }
                """
            let found = try await browser.run(script)
            #expect(found["marked"].int ?? 0 > 10)
            #expect(found["marked"] == found["links"])
            #expect(found["colours"].int ?? 0 > 1)
            #expect(found["words"].isTrue)
            try await browser.click(".document a.span[href^='/commitments/']")
            #expect(try await browser.path().hasPrefix("/commitments/\(Stage.policy)/"))
        }

        @Test(
            "The ledger's page shows the signed checkpoint and the newest entry first; settings say how the installation stands"
        )
        func ledgerAndSettings() async throws {
            let stage = try Stage.now()
            try await Sight.ledger.open(on: stage)
            let entries = try await stage.browser.run(
                "return [...document.querySelectorAll('.ledger tbody tr .number')].map(cell => parseInt(cell.textContent))"
            ).elements.compactMap(\.int)
            #expect(entries.count > 5)
            #expect(entries == entries.sorted(by: >))
            #expect(try await stage.browser.text(of: "pre.verbatim").contains("— vouchsafe/"))
            try await Sight.settings.open(on: stage)
            let settings = try await stage.browser.text(of: "dl.facts")
            for words in ["Hazelbrook Maps", "1 person", "Valid until"] { #expect(settings.contains(words)) }
        }
    }
}
