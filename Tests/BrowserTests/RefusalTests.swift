import Testing

extension BrowserSuite {
    /// What the server refuses, whoever asks.
    @Suite struct Refusals {
        @Test("The API without a session answers 401 with problem details")
        func api() async throws {
            let reply = try await Stage.now().server.get("/api/v1/status")
            #expect(reply.status == 401)
            #expect(reply.headers["Content-Type"].first == "application/problem+json")
            let problem = try JSON(parsing: reply.body.utf8)
            #expect(problem["status"] == 401)
            #expect(problem["title"].string?.isEmpty == false)
        }

        @Test("A form without its token, with another's token or from a foreign page is refused, signed in or not")
        func forms() async throws {
            let stage = try Stage.now()
            let base = stage.server.base
            let own = ("Origin", base)
            let path = "/commitments/\(Stage.policy)/clocks/exceptions"
            try await stage.open("/commitments/\(Stage.policy)/clocks")
            let token = try await stage.browser.run("return document.querySelector('[name=csrf]').value").string ?? ""
            let form = "reason=x&until=2099-12-31"
            let signIn = "email=\(Stage.email)&password=walking"
            let refusals: [(String, String, String?, [(String, String)])] = [
                ("/sign-in", signIn, nil, [own]),
                ("/sign-in", signIn + "&csrf=\(token)", nil, [own]),
                (path, form, stage.cookie, [own]),
                (path, form + "&csrf=\(String(repeating: "0", count: token.count))", stage.cookie, [own]),
                (path, form + "&csrf=\(token)", stage.cookie, []),
                (path, form + "&csrf=\(token)", stage.cookie, [("Origin", "https://evil.example")]),
                (path, form + "&csrf=\(token)", stage.cookie, [("Origin", "null")]),
                (path, form + "&csrf=\(token)", stage.cookie, [own, ("Sec-Fetch-Site", "cross-site")]),
                (path, form + "&csrf=\(token)", stage.cookie, [own, ("Sec-Fetch-Site", "same-site")]),
                ("/sign-out", "csrf=\(token)", stage.cookie, [("Origin", "https://evil.example")]),
            ]
            for (path, form, cookie, headers) in refusals {
                let reply = try await stage.server.post(path, form, cookie: cookie, headers: headers)
                #expect(reply.status == 403, "\(path) \(form) \(headers)")
            }
            #expect(try await stage.server.get("/", cookie: stage.cookie).status == 200)
        }

        @Test(
            "Every kind of answer carries the security headers",
            arguments: [
                "/", "/sign-in", "/no/such/page", "/trust/hazelbrook-maps", "/trust/hazelbrook-maps.json",
                "/assets/vouchsafe.js",
                "/assets/nothing", "/health/live", "/api/v1/status", "/api/v1/openapi.json", "/api/v1/no-such-thing",
                "/set-up/wrong",
                "/commitments/hazelbrook-security/clocks/proof",
            ])
        func headers(path: String) async throws {
            let stage = try Stage.now()
            for cookie in [nil, stage.cookie] {
                let headers = try await stage.server.get(path, cookie: cookie).headers
                let policy = headers["Content-Security-Policy"].first ?? ""
                #expect(policy.contains("default-src 'none'"))
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(headers["Strict-Transport-Security"].first?.contains("max-age=63072000") == true)
                #expect(headers["X-Content-Type-Options"].first == "nosniff")
                #expect(headers["Referrer-Policy"].first == "same-origin")
                #expect(headers["Cross-Origin-Opener-Policy"].first == "same-origin")
                #expect(headers["Cross-Origin-Resource-Policy"].first == "same-origin")
                #expect(headers["Cache-Control"].count == 1)
                #expect(headers["Server"].isEmpty)
                for cookie in headers["Set-Cookie"] {
                    #expect(cookie.hasPrefix("__Host-"))
                    for rule in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] { #expect(cookie.contains(rule)) }
                }
            }
        }

        @Test("Pages of the organisation lead a stranger to the sign-in page")
        func strangers() async throws {
            let stage = try Stage.now()
            for path in ["/", "/hosts", "/policies", "/ledger", "/settings", "/commitments/\(Stage.policy)/clocks"] {
                let reply = try await stage.server.get(path)
                #expect(reply.status == 303)
                #expect(reply.headers["Location"].first == "/sign-in")
            }
        }
    }
}
