import Testing

extension BrowserSuite {
    /// Passkeys, an authenticator app and recovery codes, as a person meets them.
    @Suite struct SecondFactors {
        /// What an authenticator app shows for `secret`, as the browser's own cryptography calculates it (RFC 6238).
        private static let code = """
            const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
            const bits = [...arguments[0].replaceAll(" ", "")].map((l) => letters.indexOf(l).toString(2).padStart(5, "0")).join("");
            const secret = new Uint8Array(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
            const step = new DataView(new ArrayBuffer(8));
            step.setBigUint64(0, BigInt(Math.floor(Date.now() / 30000)));
            return (async () => {
              const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
              const mac = new DataView(await crypto.subtle.sign("HMAC", key, step));
              const number = mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff;
              return String(number % 1000000).padStart(6, "0");
            })();
            """

        @Test("A passkey signs in alone and after the password; an app and a recovery code do as its second step")
        func everyFactor() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            // Passkeys belong to a host name; a number is none.
            let base = stage.server.base.replacing("127.0.0.1", with: "localhost")
            let link = try #require(stage.server.setUpLinks["third-door"])
            let (email, password) = ("otto@third.example", "nine lamps along the towpath")
            func open(_ path: String) async throws { try await browser.open(base + path) }
            func arrives(at path: String) async throws {
                _ = try await eventually("the browser is at \(path)") { try await browser.path() == path ? true : nil }
            }
            func text(of selector: String) async throws -> String {
                try await eventually("\(selector) is on the page") { try? await browser.text(of: selector) }
            }
            func signOut() async throws {
                try await open("/account")
                try await browser.click(".account form button")
                try await arrives(at: "/sign-in")
            }
            func givePassword() async throws {
                try await browser.type(email, into: "[name=email]")
                try await browser.type(password, into: "[name=password]")
                try await browser.click("main form button[type=submit]")
            }
            try await stage.openSignedOut("/health/live")
            try await open(link)
            try await browser.type("Otto Weir", into: "[name=name]")
            try await givePassword()
            try await arrives(at: "/")

            let authenticator = try await browser.addAuthenticator()
            try await open("/account")
            try await browser.click("[data-passkey=create] button")
            _ = try await eventually("the passkey is listed") {
                try await browser.text().contains("on one device only") ? true : nil
            }
            #expect(try await browser.text(of: "main").contains("The passkey “This device” was added."))

            try await signOut()
            try await browser.click("[data-passkey=get] button")
            try await arrives(at: "/")

            try await signOut()
            try await givePassword()
            try await arrives(at: "/sign-in/second")
            try await browser.click("[data-passkey=get] button")
            try await arrives(at: "/")

            try await open("/account/confirm?then=/reviews")
            try await browser.click("[data-passkey=get] button")
            try await arrives(at: "/reviews")

            try await open("/account")
            try await browser.click("form[action='/account/app'] button")
            let secret = try await text(of: "main code")
            try await browser.type("000000", into: "[name=code]")
            try await browser.click("form[action='/account/app/confirm'] button")
            #expect(try await text(of: "#field-code-problem").contains("does not fit"))
            #expect(try await browser.text(of: "main code") == secret)
            let code = try await browser.run(Self.code, .text(secret))
            try await browser.type(try #require(code.string), into: "[name=code]")
            try await browser.click("form[action='/account/app/confirm'] button")
            let recovery = try await text(of: ".codes code")
            #expect(recovery.count == 19)

            try await signOut()
            try await browser.removeAuthenticator(authenticator)
            try await givePassword()
            try await arrives(at: "/sign-in/second")
            try await browser.type("12345", into: "[name=code]")
            try await browser.click("main form button[type=submit]")
            #expect(try await text(of: "#field-code-problem").contains("wrong"))
            try await browser.type(recovery, into: "[name=code]")
            try await browser.click("main form button[type=submit]")
            try await arrives(at: "/")
            try await open("/account")
            #expect(try await browser.text(of: "main").contains("9 are left"))
            _ = try await browser.complaints()
        }
    }
}
