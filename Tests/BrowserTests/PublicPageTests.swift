import Foundation
import Testing

extension BrowserSuite {
    /// What everyone may see, and what nobody outside may.
    @Suite struct PublicPages {
        @Test(
            "The trust page shows every commitment with its verdict and its proof, without a cookie and without an account"
        )
        func trust() async throws {
            let stage = try Stage.now()
            try await stage.openSignedOut(Stage.trustPage)
            let script = """
                const rows = [...document.querySelectorAll(".promise-row")];
                return [rows.length, rows.filter(row => row.querySelector(".verdict") && row.querySelector("a[download]")).length]
                """
            let found = try await stage.browser.run(script).elements.compactMap(\.int)
            #expect(found[0] > 100)
            #expect(found[0] == found[1])
            #expect(try await stage.browser.cookies().isEmpty)
            let reply = try await stage.server.get(Stage.trustPage)
            #expect(reply.headers["Set-Cookie"].isEmpty)
            #expect(reply.headers["Cache-Control"].first?.hasPrefix("public") == true)
        }

        @Test("The trust page as JSON says the same as the page")
        func json() async throws {
            let stage = try Stage.now()
            try await stage.openSignedOut(Stage.trustPage)
            let address = try await stage.browser.run(
                "return document.querySelector('link[type=\"application/json\"]').getAttribute('href')")
            let reply = try await stage.server.get(try #require(address.string))
            #expect(reply.status == 200)
            #expect(reply.headers["Content-Type"].first == "application/json")
            #expect(reply.headers["Set-Cookie"].isEmpty)
            let read = try JSON(parsing: reply.body.utf8)
            let commitments = read["policies"].elements.flatMap { $0["commitments"].elements }
            let rows = try await stage.browser.run(
                "return [...document.querySelectorAll('.promise-row')].map(row => row.querySelector('h4').textContent)")
            // The page puts the commitments of a section together.
            #expect(
                commitments.compactMap { $0["summary"].string }.sorted() == rows.elements.compactMap(\.string).sorted())
            #expect(read["organisation"] == "Hazelbrook Maps")
        }

        @Test("A published proof verifies with the key on the trust page")
        func publishedProof() async throws {
            let stage = try Stage.now()
            try await stage.openSignedOut(Stage.trustPage)
            let key =
                try await stage.browser.run(
                    "return document.querySelector('[aria-labelledby=verify] dd code').textContent"
                ).string
                ?? ""
            let address =
                try await stage.browser.run(
                    "return document.querySelector(\"a[download][href$='/evidence-sealed']\").getAttribute('href')"
                ).string ?? ""
            let proof = try await stage.server.get(address)
            #expect(proof.status == 200)
            let file = stage.downloads.appending(path: "published.proof")
            try Data(proof.body.utf8).write(to: file)
            let verified = try await stage.server.command(["verify", file.path, "--key", key])
            #expect(verified.status == 0, "\(verified.said)")
        }

        @Test("Nothing public names a host or a person, or shows a measured value")
        func staysInside() async throws {
            let stage = try Stage.now()
            try await stage.open("/hosts")
            let host = try await stage.browser.text(of: "a.promise")
            try await stage.browser.click("a.promise")
            let values = try await stage.browser.run(
                "return [...document.querySelectorAll('.value')].map(value => value.firstChild.textContent.trim())")
            let measured = values.elements.compactMap(\.string).filter { $0.count > 12 }
            #expect(!measured.isEmpty)
            for address in [Stage.trustPage, Stage.trustPage + ".json", "/api/v1" + Stage.trustPage] {
                let body = try await stage.server.get(address).body
                let words = Set(body.split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "." }.map(String.init))
                #expect(!words.contains(host), "\(address) names the host \(host)")
                for value in measured { #expect(!body.contains(value), "\(address) shows “\(value)”") }
                #expect(!body.contains(Stage.name))
                #expect(!body.contains(Stage.email))
            }
        }

        @Test("An address that leads nowhere gives a page that says so and leads on, with status 404")
        func nowhere() async throws {
            let stage = try Stage.now()
            #expect(try await stage.server.get("/no/such/page").status == 404)
            try await stage.openSignedOut("/no/such/page")
            #expect(try await stage.browser.text(of: "h1").isEmpty == false)
            #expect(try await stage.browser.run("return document.querySelector('main a[href=\"/\"]') !== null").isTrue)
            #expect(try await stage.server.get("/trust/no-such-organisation").status == 404)
            let api = try await stage.server.get("/api/v1/no-such-thing")
            #expect(api.status == 404)
            #expect(api.headers["Content-Type"].first == "application/problem+json")
            _ = try await stage.browser.complaints()
        }
    }
}
