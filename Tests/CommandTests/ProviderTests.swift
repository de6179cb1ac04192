import AsyncHTTPClient
import Foundation
import NIOHTTP1
import Testing

/// PyPI's `oidc-provider-mock`, made strict about PKCE, on a port that the system chose.
private final class MockProvider {
    private let process = Process()
    let address: String

    static let python = "\(Program.package)/.build/oidc-provider/bin/python"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

    init(_ folder: Folder) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = ["\(Program.package)/Tests/CommandTests/Provider/strict-provider.py"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: folder.url(try Self.log(folder)))
        try process.run()
        var said = ""
        while !said.contains("\n") {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the provider ended: \(said)")
            said += String(decoding: more, as: UTF8.self)
        }
        address = try #require(said.firstMatch(of: /http:\/\/localhost:[0-9]+/).map { String($0.0) })
    }

    private static func log(_ folder: Folder) throws -> String {
        try folder.write("", to: "provider.log")
        return "provider.log"
    }

    deinit {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What it was asked, in order.
    func recorded(through client: HTTPClient) async throws -> [[String: String]] {
        let answer = try await Visitor.send(.GET, "\(address)/recorded", [], nil, through: client)
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [[String: String]])
    }

    /// Makes it say more about somebody.
    func say(_ claims: String, of subject: String, through client: HTTPClient) async throws {
        let answer = try await Visitor.send(
            .PUT, "\(address)/users/\(subject)", [("Content-Type", "application/json")], claims, through: client)
        try #require(answer.status == 204, "\(answer.body)")
    }
}

/// A browser as far as it matters here: cookies by name, and which of them come along from another site.
private final class CookieJar {
    private var cookies: [String: (value: String, isStrict: Bool)] = [:]
    let server: String
    let client: HTTPClient

    init(at server: String, through client: HTTPClient) {
        self.server = server
        self.client = client
    }

    func get(_ path: String, fromElsewhere: Bool = false) async throws -> Visitor.Answer {
        try await send(.GET, path, nil, fromElsewhere: fromElsewhere)
    }

    /// Sends a form of the page at `page`.
    func post(_ path: String, from page: String, _ fields: [(String, String)] = []) async throws -> Visitor.Answer {
        let form = try await get(page).body
        let token = try #require(form.firstMatch(of: /name="csrf" value="([^"]+)"/), "\(page) has no form: \(form)").1
        let body = ([("csrf", String(token))] + fields)
            .map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
        return try await send(.POST, path, body.joined(separator: "&"), fromElsewhere: false)
    }

    private func send(
        _ method: HTTPMethodName, _ path: String, _ body: String?, fromElsewhere: Bool
    ) async throws -> Visitor.Answer {
        let own = cookies.filter { !fromElsewhere || !$0.value.isStrict }
        var headers = [("Cookie", own.map { "\($0.key)=\($0.value.value)" }.joined(separator: "; "))]
        if own.isEmpty { headers = [] }
        if body != nil {
            headers += [("Content-Type", "application/x-www-form-urlencoded")] + Visitor.ownPage
        }
        let answer = try await Visitor.send(method.method, server + path, headers, body, through: client)
        for line in answer.headers["set-cookie"] {
            let parts = line.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            let pair = parts[0].split(separator: "=", maxSplits: 1).map(String.init)
            #expect(parts.contains("Secure") && parts.contains("HttpOnly") && parts.contains("Path=/"), "\(line)")
            let isStrict = parts.contains("SameSite=Strict")
            #expect(isStrict || pair[0] == "__Host-provider", "\(line)")
            cookies[pair[0]] = pair.count == 2 && !parts.contains("Max-Age=0") ? (pair[1], isStrict) : nil
        }
        return answer
    }

    /// Where the page that the server answered with sends the browser by itself.
    static func next(_ answer: Visitor.Answer) throws -> String {
        let refresh = try #require(answer.headers.first(name: "refresh"), "\(answer.status) \(answer.body)")
        return String(try #require(refresh.firstMatch(of: /^0; url=(.*)$/)).1)
    }

    /// Goes where `answer` sends the browser, shows the provider that one is `subject`, and comes back.
    func visit(_ answer: Visitor.Answer, as subject: String) async throws -> Visitor.Answer {
        try await get(try await way(answer, as: subject), fromElsewhere: true)
    }

    /// The way back from the provider.
    func way(_ answer: Visitor.Answer, as subject: String) async throws -> String {
        let authorised = try await Visitor.send(
            .POST, try Self.next(answer), [("Content-Type", "application/x-www-form-urlencoded")], "sub=\(subject)",
            through: client)
        let place = try #require(authorised.headers.first(name: "location"), "\(authorised.body)")
        try #require(place.hasPrefix(server), "\(place)")
        return String(place.dropFirst(server.count))
    }
}

private enum HTTPMethodName {
    case GET, POST

    var method: NIOHTTP1.HTTPMethod { self == .GET ? .GET : .POST }
}

@Suite(
    .enabled(if: Program.isBuilt),
    .enabled(if: MockProvider.isInstalled, "oidc-provider-mock is not installed; scripts/test installs it"))
struct ProviderTests {
    private static let slug = "desk"
    private static let door = "/sign-in/at/\(slug)"

    @Test("people link a provider, sign in by it, join by it, and nobody else gets in by it")
    func wholeWay() async throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let provider = try MockProvider(folder)
        let server = try RunningServer(folder, "--jobs", "none", "--loopback-providers")
        try await Visitor.withClient { client in
            try await set(provider, folder)
            let owner = try await Visitor(ownerOf: server, through: client)
            let invited = try await owner.post(
                server.address + "/api/v1/invitations", ["email": "grace@example.org", "role": "member"],
                through: client)
            let link = String(try #require(invited.body.firstMatch(of: /\/join\/[0-9a-f]{96}/)).0)

            try await linkAndSignIn(server, provider, client)
            try await join(server, provider, by: link, client)
            try await refuse(server, provider, client)
            try await assertAsked(provider, client)
        }
        #expect(server.stop().status == 0)
        #expect(!server.logged.contains("s3cret"))
        let verified = try Program.run("ledger", "verify", "--data", folder["data"])
        #expect(verified.status == 0, "\(verified.messages)")
        let removed = try Program.run("identity-provider", "remove", "--data", folder["data"])
        #expect(removed.status == 0, "\(removed.messages)")
    }

    private func set(_ provider: MockProvider, _ folder: Folder) async throws {
        let arguments = [
            "identity-provider", "set", provider.address, "--name", "Alder Login", "--client-id", "vouch:safe",
            "--secret-file", "-", "--data", folder["data"],
        ]
        let plain = try Program.run(arguments, input: "s3cret/%\n")
        #expect(plain.status != 0 && plain.messages.contains("It does not begin with https"), "\(plain.messages)")
        let set = try Program.run(arguments + ["--loopback-providers"], input: "s3cret/%\n")
        #expect(set.status == 0, "\(set.messages)")
        #expect(set.text.contains("one key that can be used, signing with RS256"), "\(set.text)")
        let shown = try Program.run("identity-provider", "show", "--data", folder["data"])
        #expect(shown.text.contains(provider.address) && !shown.text.contains("s3cret"))
    }

    private func linkAndSignIn(_ server: RunningServer, _ provider: MockProvider, _ client: HTTPClient) async throws {
        let ada = CookieJar(at: server.address, through: client)
        let entered = try await ada.post(
            "/sign-in", from: "/sign-in", [("email", Visitor.email), ("password", Visitor.password)])
        #expect(entered.status == 303)
        let linked = try await ada.visit(
            try await ada.post("/account/identities", from: "/account"), as: "ada")
        #expect(try CookieJar.next(linked) == "/account", "\(linked.body)")
        let account = try await ada.get("/account").body
        #expect(account.contains("/unlink") && account.contains("You were linked to an identity provider"))
        #expect(!account.contains("Link Alder Login"))

        let elsewhere = CookieJar(at: server.address, through: client)
        let form = try await elsewhere.get(Self.door)
        #expect(form.body.contains("Sign in with Alder Login"))
        let begun = try await elsewhere.post("\(Self.door)/provider", from: Self.door)
        let back = try await elsewhere.way(begun, as: "ada")
        let signedIn = try await elsewhere.get(back, fromElsewhere: true)
        #expect(try CookieJar.next(signedIn) == "/", "\(signedIn.body)")
        #expect(try await elsewhere.get("/").status == 200)
        // She has a password: the provider's word is not enough to change anything that lets her in.
        let again = try await elsewhere.post(
            "/account/password", from: "/account", [("password", "another one that is long")])
        #expect(again.status == 303 && again.headers.first(name: "location") == "/account/confirm")
        #expect(try await !elsewhere.get("/account/confirm").body.contains("Confirm at"))
        let others = try await elsewhere.post("/account/sessions/end-others", from: "/account")
        #expect(others.status == 303 && others.headers.first(name: "location") == "/account/confirm")
        let own = try await elsewhere.post(
            "/account/confirm", from: "/account/confirm", [("password", Visitor.password)])
        #expect(own.status == 303 && own.headers.first(name: "location") == "/account")
        #expect(own.headers["set-cookie"].contains { $0.hasPrefix("__Host-session=") }, "under a new token")
        #expect(try await elsewhere.get("/account").status == 200)
        #expect(try await ada.get("/account").status == 200)
        #expect(try await elsewhere.post("/account/sessions/end-others", from: "/account").status == 303)
        #expect(try await ada.get("/account").status == 303, "signed out")
        // A visit ends once.
        #expect(try await elsewhere.get(back, fromElsewhere: true).status == 401)
        let settings = try await elsewhere.get("/settings/identity-provider").body
        #expect(settings.contains(provider.address) && !settings.contains("s3cret"))
    }

    private func join(
        _ server: RunningServer, _ provider: MockProvider, by link: String, _ client: HTTPClient
    ) async throws {
        let grace = CookieJar(at: server.address, through: client)
        #expect(try await grace.get(link).body.contains("Join with Alder Login"))
        let taken = try await grace.post(
            "\(link)/provider", from: link, [("name", "Grace"), ("email", Visitor.email.uppercased())])
        #expect(taken.status == 409 && taken.body.contains("There is an account with this e-mail address already."))
        let begun = try await grace.post(
            "\(link)/provider", from: link, [("name", "Grace"), ("email", "grace@example.org")])
        let joined = try await grace.visit(begun, as: "grace")
        #expect(try CookieJar.next(joined) == "/", "\(joined.body)")
        #expect(try await grace.get("/account").body.contains("Set a password"))
        #expect(try await grace.get("/account/confirm").body.contains("Confirm at Alder Login"))
        try await provider.say(#"{"auth_time": 1700000000}"#, of: "grace", through: client)
        let stale = try await grace.visit(
            try await grace.post("/account/confirm/provider", from: "/account/confirm"), as: "grace")
        #expect(stale.body.contains("The provider did not ask you anew who you are."), "\(stale.body)")
        try await provider.say(
            #"{"auth_time": \#(Int(Date().timeIntervalSince1970))}"#, of: "grace", through: client)
        let confirmed = try await grace.visit(
            try await grace.post("/account/confirm/provider", from: "/account/confirm"), as: "grace")
        #expect(try CookieJar.next(confirmed) == "/account", "\(confirmed.body)")
        #expect(try await grace.get("/settings/identity-provider").status == 403)
    }

    private func refuse(_ server: RunningServer, _ provider: MockProvider, _ client: HTTPClient) async throws {
        func begun() async throws -> (CookieJar, Visitor.Answer) {
            let jar = CookieJar(at: server.address, through: client)
            return (jar, try await jar.post("\(Self.door)/provider", from: Self.door))
        }
        let (stranger, going) = try await begun()
        let unknown = try await stranger.visit(going, as: "mallory")
        #expect(unknown.status == 401 && unknown.body.contains("Nobody here is linked to this account"))
        // Her browser with his visit, and none at all.
        let (hers, _) = try await begun()
        let (his, his_) = try await begun()
        let back = try await his.way(his_, as: "ada")
        #expect(try await hers.get(back, fromElsewhere: true).status == 401)
        #expect(try await CookieJar(at: server.address, through: client).get(back, fromElsewhere: true).status == 401)
        // An answer that names another issuer, and one that brings an error.
        let (third, thirdGoing) = try await begun()
        let mixed = try await third.way(thirdGoing, as: "ada") + "&iss=https%3A%2F%2Fevil.example"
        #expect(try await third.get(mixed, fromElsewhere: true).body.contains("another provider"))
        let state = try #require(mixed.firstMatch(of: /state=([0-9a-f]+)/)).1
        let denied = try await third.get(
            "/sign-in/provider/return?error=access_denied&state=\(state)", fromElsewhere: true)
        #expect(denied.status == 401)

        // Nothing tells an organisation that is not here from one that has no provider.
        let visitor = CookieJar(at: server.address, through: client)
        let nobodys = try await visitor.get("/sign-in/at/nobodys")
        #expect(nobodys.status == 200 && nobodys.body.contains("name=\"password\""))
        #expect(try await visitor.post("/sign-in/at/nobodys/provider", from: "/sign-in").status == 404)
    }

    /// The mock takes any verifier and any secret: that ours are right is seen in what it was asked.
    private func assertAsked(_ provider: MockProvider, _ client: HTTPClient) async throws {
        let asked = try await provider.recorded(through: client)
        let visits = asked.filter { $0["at"] == "authorize" }
        let exchanges = asked.filter { $0["at"] == "token" }
        #expect(exchanges.count >= 5)
        for name in ["state", "nonce", "code_challenge"] {
            #expect(Set(visits.compactMap { $0[name] }).count == visits.count, "each visit has a \(name) of its own")
        }
        #expect(visits.allSatisfy { $0["scope"] == "openid" && $0["response_type"] == "code" })
        let pair = Data("vouch%3Asafe:s3cret%2F%25".utf8).base64EncodedString()
        for exchange in exchanges {
            #expect(exchange["authorization"] == "Basic \(pair)")
            #expect(exchange["client_secret"] == nil)
            #expect((43...128).contains(exchange["code_verifier"]?.count ?? 0))
            #expect(exchange["redirect_uri"]?.hasSuffix("/sign-in/provider/return") == true)
        }
        // And that the judge judges: the same code with another verifier is refused.
        let form = [("Content-Type", "application/x-www-form-urlencoded")]
        let wrong = try await Visitor.send(
            .POST, "\(provider.address)/oauth2/token", form,
            "grant_type=authorization_code&code=x&code_verifier=\(String(repeating: "w", count: 43))", through: client)
        #expect(wrong.status == 400)
    }
}
