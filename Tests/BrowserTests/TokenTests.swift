import Testing

extension BrowserSuite {
    /// Tokens from their making on a page to their end.
    @Suite struct Tokens {
        /// What the API answers to a program with this token.
        private func status(_ path: String, with token: String, on stage: Stage) async throws -> Int? {
            try await stage.browser.run(
                """
                return fetch("\(path)", { credentials: "omit", headers: { Authorization: "Bearer \(token)" } })
                  .then(answer => answer.status)
                """
            ).int
        }

        @Test("A token is made with what was chosen, shown once, listed with its use, and revoked")
        func own() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await stage.open("/account")
            try await browser.click("a[href='/account/tokens']")
            try await browser.click("#make-token summary")
            try await browser.type("Nightly report", into: "[name=name]")
            try await browser.click("#box-commitments-read")
            try await browser.click("#make-token button[type=submit]")
            let token = try await browser.run("return document.querySelector('pre code').textContent").string ?? ""
            #expect(token.hasPrefix("vch_"))
            #expect(try await status("/api/v1/status", with: token, on: stage) == 200)
            #expect(try await status("/api/v1/hosts", with: token, on: stage) == 403)
            try await browser.click("a.button[href='/account/tokens']")
            let list = try await browser.text()
            #expect(list.contains("Nightly report") && list.contains("commitments.read"))
            #expect(!list.contains(token) && !list.contains("never"), "shown once, and it was used")
            try await browser.click("form[action$='/revocation'] button")
            #expect(try await browser.text().contains("No token acts in your name."))
            #expect(try await status("/api/v1/status", with: token, on: stage) == 401)
            _ = try await browser.complaints()
        }

        @Test("A service account has tokens of its own, and takes them along when it is removed")
        func program() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await stage.open("/settings")
            try await browser.click("a[href='/settings/service-accounts']")
            try await browser.click("#make-account summary")
            try await browser.type("release gate", into: "[name=name]")
            try await browser.type("Stops releases", into: "[name=purpose]")
            try await browser.click("#box-hosts-read")
            try await browser.click("#make-account button[type=submit]")
            #expect(try await browser.text().contains("Stops releases"))
            let account = try await browser.path()
            try await browser.click("#make-token summary")
            #expect(
                try await browser.run("return document.querySelectorAll('#make-token [type=checkbox]').length") == 1,
                "no more than the account may")
            try await browser.type("ci", into: "[name=name]")
            try await browser.click("#box-hosts-read")
            try await browser.click("#make-token button[type=submit]")
            let token = try await browser.run("return document.querySelector('pre code').textContent").string ?? ""
            #expect(try await status("/api/v1/hosts", with: token, on: stage) == 200)
            try await stage.open(account)
            try await browser.click("form[action$='/removal'] button")
            #expect(try await !browser.text().contains("release gate"))
            #expect(try await status("/api/v1/hosts", with: token, on: stage) == 401)
            _ = try await browser.complaints()
        }
    }
}
