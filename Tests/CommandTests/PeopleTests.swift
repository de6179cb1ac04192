import Foundation
import NIOHTTP1
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct PeopleTests {
    private func run(_ folder: Folder, _ arguments: String...) throws -> Program.Outcome {
        try Program.run(arguments + ["--data", folder["data"]])
    }

    @Test func somebodyIsInvitedJoinsGetsARoleLeavesAndIsOut() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        try await Visitor.withClient { client in
            let owner = try await Visitor(ownerOf: server, through: client)
            let people = server.address + "/api/v1/people"
            let invited = try await owner.post(
                server.address + "/api/v1/invitations", ["email": "eve@example.org", "role": "member"],
                through: client)
            #expect(invited.status == 201, "\(invited.body)")
            let link = try #require(invited.body.firstMatch(of: /\/join\/[0-9a-f]{96}/)).0
            let eve = try await Visitor(
                at: server.address, entering: String(link), name: "Eve Adler", email: "eve@example.org",
                through: client)
            #expect(try await eve.get(people, through: client).status == 403, "a member sees no people")
            #expect(try await eve.get(server.address + String(link), through: client).status == 404, "it works once")

            let raised = try run(folder, "people", "role", "eve@example.org", "auditor")
            #expect(raised.text == "Eve Adler is auditor from now on.\n", "\(raised.messages)")
            #expect(
                try await eve.get(people, through: client).status == 200, "and from the next request an auditor does")
            let page = try await eve.get(server.address + "/people", through: client)
            #expect(page.body.contains("Eve Adler") && !page.body.contains("action=\"/people/invitations\""))
            let list = try run(folder, "people", "list")
            #expect(list.text.contains("Eve Adler") && list.text.contains("auditor"))
            let roles = try run(folder, "roles", "list")
            #expect(roles.text.contains("people.read"))

            // What signing in demands: seen by who may see people, decided on the machine or by who may.
            let rules = try run(folder, "people", "sign-in")
            #expect(rules.text.contains("A password is enough to sign in."))
            #expect(rules.text.contains("Without a second factor: 2 of 2: "))
            let refused = try await owner.post(
                server.address + "/api/v1/sign-in", ["demand": "second-factor"], through: client)
            #expect(refused.status == 409 && refused.body.contains("sign-in.own-demand"), "\(refused.body)")
            #expect(try run(folder, "people", "sign-in", "--demand", "second-factor").status == 0)
            #expect(try await eve.get(people, through: client).status == 403, "only their own account is left")
            #expect(try await eve.get(server.address + "/account", through: client).body.contains("demands a second"))
            #expect(try run(folder, "people", "sign-in", "--demand", "none").status == 0)
            #expect(try run(folder, "people", "sign-in", "--demand", "two").messages.contains("One of: none"))

            // A review, in which nobody can be forgotten.
            for name in ["gate", "old-report"] {
                let made = try run(
                    folder, "service-accounts", "make", name, "--purpose", "Stops releases.", "--permission",
                    "hosts.read")
                #expect(made.status == 0, "\(made.messages)")
            }
            #expect(try run(folder, "people", "review", "--begin").status == 0)
            let early = try run(folder, "people", "review", "--complete")
            #expect(early.messages.contains("2 people and 2 service accounts are not decided on yet."))
            let reviewed = try run(
                folder, "people", "review", "--keep", Visitor.email, "--keep", "eve@example.org", "--keep-account",
                "gate", "--remove-account", "old-report", "--complete")
            #expect(reviewed.text.contains("completed"), "\(reviewed.messages)")
            #expect(reviewed.text.contains("Stops releases."))
            #expect(!(try run(folder, "service-accounts", "list").text.contains("old-report")))

            let entries = try await owner.get(people, through: client).body
            let ids = entries.matches(
                of: /"email":"eve@example.org","grantedAt":"[^"]+","grantedBy":"[^"]+","id":"([^"]+)"/)
            let id = try #require(ids.first).1
            let left = try await owner.post(
                "\(people)/\(id)/departure", ["remaining": ["Laptop"]], through: client)
            #expect(left.status == 201, "\(left.body)")
            let after = try await eve.get(people, through: client)
            #expect(after.status == 401, "the session is dead at once")
            #expect(try await eve.get(server.address + "/people", through: client).status == 303)

            let open = try run(folder, "people", "leave")
            #expect(open.text.contains("Eve Adler, auditor") && open.text.contains("1. Laptop: open"))
            let departure = try #require(open.text.split(separator: " ").first)
            let done = try run(folder, "people", "leave", String(departure), "--done", "1")
            #expect(done.text.contains("by the operator"), "\(done.messages)")
            #expect(try run(folder, "people", "leave").text == "Nothing remains with those who left.\n")
            let last = try run(folder, "people", "leave", Visitor.email)
            #expect(last.status != 0 && last.messages.contains("This is the only owner."))
            let signedOut = try run(folder, "people", "sign-out", Visitor.email)
            #expect(signedOut.text.hasSuffix("is signed out here; sessions ended: 1.\n"), "\(signedOut.messages)")
            #expect(try await owner.get(people, through: client).status == 401)
        }
        #expect(server.stop().status == 0)
        #expect(try run(folder, "ledger", "verify").status == 0)
    }

    @Test func whoLostTheirPasswordIsHelpedBackByALinkAndNobodyElseSetsOne() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder, "--jobs", "none")
        try await Visitor.withClient { client in
            let owner = try await Visitor(ownerOf: server, through: client)
            let api = server.address + "/api/v1"
            let invited = try await owner.post(
                "\(api)/invitations", ["email": "eve@example.org", "role": "member"], through: client)
            let join = try #require(invited.body.firstMatch(of: /\/join\/[0-9a-f]{96}/)).0
            let eve = try await Visitor(
                at: server.address, entering: String(join), name: "Eve Adler", email: "eve@example.org",
                through: client)
            let people = try await owner.get("\(api)/people", through: client).body
            let ids = people.matches(of: /"id":"([^"]+)","isRecoveredElsewhere":false/).map { String($0.1) }
            #expect(ids.count == 2, "\(people)")
            let known = people.matches(of: /"email":"eve@example.org"[^{}]*?"id":"([^"]+)"/)
            let id = String(try #require(known.first).1)

            #expect(
                try await eve.post("\(api)/people/\(id)/recovery", ["reason": "x"], through: client).status == 403)
            let own = try #require(ids.first { $0 != id })
            let ownRefused = try await owner.post(
                "\(api)/people/\(own)/recovery", ["reason": "x"], through: client)
            #expect(ownRefused.code == "recovery.own")
            let made = try await owner.post(
                "\(api)/people/\(id)/recovery", ["reason": "lost the notebook"], through: client)
            #expect(made.status == 201, "\(made.body)")
            let list = try run(folder, "people", "list")
            #expect(list.text.contains("Recovery of Eve Adler until"), "\(list.text)")
            #expect(try await owner.get("\(server.address)/people/\(id)", through: client).body.contains("started one"))

            // The operator makes another; the first one dies.
            let first = String(try #require(made.body.firstMatch(of: /\/recover\/[0-9a-f]{96}/)).0)
            let again = try run(folder, "people", "recover", "eve@example.org", "--reason", "by telephone")
            let link = String(try #require(again.text.firstMatch(of: /\/recover\/[0-9a-f]{96}/)).0)
            #expect(
                try await Visitor.send(.GET, server.address + first, [], nil, through: client).status == 404)
            let weak = try await Visitor.fillIn(
                server.address + link, [("password", "too short")], through: client)
            #expect(weak.status == 400 && weak.body.contains("fewer than 15 characters"))
            let entered = try await Visitor.fillIn(
                server.address + link, [("password", "nine lamps along the towpath")], through: client)
            #expect(entered.status == 303 && entered.headers["location"] == ["/"], "\(entered.body)")
            #expect(try await eve.get("\(server.address)/account", through: client).status == 303, "sessions ended")
            #expect(
                try await Visitor.send(.GET, server.address + link, [], nil, through: client).status == 404, "once")
            let nothing = try run(folder, "people", "recover", "eve@example.org", "--confirm")
            #expect(nothing.status != 0 && nothing.messages.contains("waits for a second person"))
        }
        #expect(server.stop().status == 0)
        #expect(try run(folder, "ledger", "verify").status == 0)
    }
}
