import Testing

extension BrowserSuite {
    /// Set-up, sign-in and sign-out.
    @Suite struct Doors {
        @Test(
            "A set-up link makes the owner; a refused password says why at its field and keeps the name; the link works once"
        )
        func setUp() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            let link = try #require(stage.server.setUpLinks["second-door"])
            try await stage.openSignedOut(link)
            #expect(try await browser.text(of: "main").contains("Second Door"))

            try await browser.type("Nora Field", into: "[name=name]")
            try await browser.type("nora@second.example", into: "[name=email]")
            try await browser.type("too short", into: "[name=password]")
            // The browser would refuse it by itself; the server's own answer is what counts here.
            _ = try await browser.run("document.querySelector('main form').noValidate = true")
            try await browser.click("main form button[type=submit]")
            #expect(try await browser.text(of: "#field-password-problem").contains("15 characters"))
            #expect(try await browser.run("return document.querySelector('[name=name]').value") == "Nora Field")
            #expect(try await browser.run("return document.querySelector('[name=password]').value") == "")

            try await browser.type("a door with two good hinges", into: "[name=password]")
            try await browser.click("main form button[type=submit]")
            #expect(try await browser.path() == "/")
            #expect(try await browser.text(of: ".person") == "Nora Field")

            try await stage.openSignedOut(link)
            #expect(try await browser.run("return document.querySelectorAll('main form').length") == 0)
            #expect(try await stage.server.get(link).status >= 400)
            _ = try await browser.complaints()
        }

        @Test("Who signs out is out, also with the old cookie, and can sign in again")
        func signOutAndIn() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await stage.openSignedOut("/sign-in")
            try await stage.signIn()
            #expect(try await browser.path() == "/")
            let session = try await browser.cookies().first { $0["name"].string == "__Host-session" }
            let cookie = "__Host-session=\(session?["value"].string ?? "")"
            #expect(try await stage.server.get("/", cookie: cookie).status == 200)

            try await browser.click(".account button")
            #expect(try await browser.path() == "/sign-in")
            #expect(try await stage.server.get("/", cookie: cookie).status == 303)
            try await browser.open(stage.server.base + "/")
            #expect(try await browser.path() == "/sign-in")
            try await stage.signIn()
            #expect(try await browser.path() == "/")
        }

        @Test(
            "A wrong password and an unknown address are refused in the same words, and the address stays in its field")
        func wrongPassword() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await stage.openSignedOut("/sign-in")
            try await stage.signIn(password: "not the right one at all")
            #expect(try await browser.path() == "/sign-in")
            let refusal = try await browser.text(of: "[role=alert], .wrong")
            #expect(!refusal.isEmpty)
            #expect(try await browser.run("return document.querySelector('[name=email]').value") == .text(Stage.email))
            #expect(try await browser.run("return document.querySelector('[name=password]').value") == "")

            try await stage.signIn(email: "nobody@hazelbrook.example", password: "not the right one at all")
            #expect(try await browser.text(of: "[role=alert], .wrong") == refusal)
            _ = try await browser.complaints()
        }

        @Test("A password can be looked at, on a narrow screen too, and is hidden again when it is sent")
        func showPassword() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await browser.widen(to: 360)
            try await stage.openSignedOut("/sign-in")
            func type() async throws -> JSON {
                try await browser.run("return document.getElementById('field-password').type")
            }
            func pressed() async throws -> JSON {
                try await browser.run("return document.querySelector('.show').getAttribute('aria-pressed')")
            }
            #expect(try await browser.run("return document.querySelector('.show').textContent") == "Show: Password")
            #expect(try await type() == "password")
            #expect(try await pressed() == "false")
            try await browser.type("typed with care", into: "[name=password]")
            try await browser.click(".show")
            #expect(try await type() == "text")
            #expect(try await pressed() == "true")
            let shape = """
                const [field, button] = ["#field-password", ".show"].map((name) => document.querySelector(name).getBoundingClientRect());
                return Math.abs(field.top - button.top) < 8 && button.left >= field.right && button.right <= innerWidth
                  && button.height >= 24 && field.width > 150 && document.documentElement.scrollWidth <= innerWidth;
                """
            #expect(try await browser.run(shape) == true, "the button stands beside the field")
            try await browser.click(".show")
            #expect(try await type() == "password")
            try await browser.click(".show")
            // Whatever the browser remembers of a form, it is no plain text.
            let sent = """
                const form = document.querySelector("main form");
                let sent = null;
                form.addEventListener("submit", (event) => {
                  event.preventDefault();
                  sent = document.getElementById("field-password").type;
                }, { once: true });
                document.querySelector("[name=email]").value = "nobody@hazelbrook.example";
                form.requestSubmit();
                return sent;
                """
            #expect(try await browser.run(sent) == "password")
            #expect(try await pressed() == "false")
            try await browser.widen(to: 1280)
            _ = try await browser.complaints()
        }

        @Test("Sign-in works without JavaScript")
        func withoutScript() async throws {
            let stage = try Stage.now()
            try await stage.openSignedOut("/sign-in")
            try await stage.withoutScripts {
                try await stage.browser.open(stage.server.base + "/sign-in")
                #expect(try await stage.server.get("/sign-in").body.contains("class=\"show\"") == false)
                try await stage.signIn()
                #expect(try await stage.browser.path() == "/")
                #expect(try await stage.browser.text(of: "h1").isEmpty == false)
            }
        }
    }
}

extension Stage {
    /// Switches the pages' scripts off for as long as `work` runs.
    func withoutScripts(_ work: () async throws -> Void) async throws {
        try await browser.command("Emulation.setScriptExecutionDisabled", ["value": true])
        do {
            try await work()
        } catch {
            try await browser.command("Emulation.setScriptExecutionDisabled", ["value": false])
            throw error
        }
        try await browser.command("Emulation.setScriptExecutionDisabled", ["value": false])
    }
}
