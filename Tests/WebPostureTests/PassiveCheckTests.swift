import Kernel
import ScanResults
import TestSupport
import Testing
import WebPosture

/// A page that nothing is wrong with, and what a case makes of it.
struct SamplePage: CustomTestStringConvertible, Sendable {
    let rule: Int
    let isFound: Bool
    let title: String
    var address = "https://example.com/page"
    var status = 200
    var headers: [(String, String)] = []
    var without: String?
    var body = "<!doctype html><title>t</title><p>ok</p>"

    var testDescription: String { "\(rule): \(title)" }

    static let good: [(name: String, value: String)] = [
        ("Content-Type", "text/html; charset=utf-8"),
        (
            "Content-Security-Policy",
            "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        ),
        ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Cache-Control", "no-store"),
        ("Strict-Transport-Security", "max-age=63072000"),
    ]

    /// The rules by which something is found on the page.
    func rules(noisy: Bool = false) throws -> Set<Int> {
        var fields = HeaderFields(
            Self.good.filter { field in
                field.name != without && !headers.contains { $0.0 == field.name }
            })
        for (name, value) in headers { fields.add(name, value) }
        let request = WebRequest(try #require(WebAddress(address)))
        let page = PassivePage(
            PageExchange(request, WebResponse(status: status, headers: fields, body: Array(body.utf8))),
            at: Instant(milliseconds: 1_760_000_000_000))
        return Set(
            PassiveCheck.all.filter { noisy || !$0.isNoisy }.flatMap { $0.findings(on: page) }.compactMap(\.zapRule))
    }
}

@Suite("Passive checks")
struct PassiveCheckTests {
    @Test("nothing is found on a good page, over either kind of connection")
    func good() throws {
        #expect(try SamplePage(rule: 0, isFound: false, title: "good").rules() == [])
        #expect(try SamplePage(rule: 0, isFound: false, title: "good", address: "http://example.com/").rules() == [])
    }

    @Test("each is found where it is, with nothing else, and not where it is not", arguments: SamplePage.all)
    func page(_ sample: SamplePage) throws {
        let rules = try sample.rules()
        if sample.isFound {
            #expect(rules == [sample.rule])
        } else {
            #expect(!rules.contains(sample.rule))
        }
    }

    @Test("every check has a number, a weakness, a title and a fix of its own words")
    func table() {
        let regular = PassiveCheck.all.filter { !$0.isNoisy }
        #expect(Set(regular.map(\.zapRule)).count == regular.count)
        #expect(PassiveCheck.all.allSatisfy { $0.weakness > 0 && !$0.title.isEmpty && !$0.fix.advice.isEmpty })
    }

    @Test("a finding never tells the secret that it found")
    func secrets() throws {
        let body =
            "<p>4111 1111 1111 1111</p><a href='/x;jsessionid=A1B2C3D4E5F60718'>x</a><a href='/y?token=hush-hush'>y</a>"
        let request = WebRequest(try #require(WebAddress("https://example.com/")))
        let page = PassivePage(
            PageExchange(
                request,
                WebResponse(
                    status: 200, headers: [("Content-Type", "text/html"), ("Set-Cookie", "a=hush-hush")],
                    body: Array(body.utf8))),
            at: Instant(milliseconds: 0))
        let text = PassiveCheck.all.flatMap { $0.findings(on: page) }.map {
            "\($0.message) \($0.evidence ?? "") \($0.location)"
        }
        .joined()
        #expect(text.contains("1111"))
        for secret in ["4111", "A1B2C3D4", "hush-hush"] { #expect(!text.contains(secret)) }
    }

    @Test(
        "what is often right and seldom useful is asked for by name",
        arguments: [
            (10027, "<a href=/x>x</a><script>var user = 1</script>"), (10096, "<p>1759999999</p>"),
            (10094, "<p>QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY3ODkw</p>"),
            (10109, "<div id=app></div><script></script>"),
            (10109, "<a href='#'>x</a>"),
        ])
    func noisy(rule: Int, body: String) throws {
        let page = SamplePage(rule: rule, isFound: true, title: "", body: body)
        #expect(try page.rules() == [])
        #expect(try page.rules(noisy: true) == [rule])
    }

    @Test(
        "and is not found where it is not",
        arguments: [
            "<p>1234567</p>", "<p>9999999999 x1759999999</p>", "<p>thisisaverylongnamethatgoesonandonandon</p>",
        ])
    func quiet(body: String) throws {
        #expect(try SamplePage(rule: 0, isFound: false, title: "", body: body).rules(noisy: true) == [])
    }

    @Test("whatever strangers send, every check ends")
    func generated() throws {
        var random = SeededGenerator(5)
        let pieces = [
            "<", ">", "<script src=", "<a href='", "'", "\"", "<!--", "-->", "<form method=post>",
            "<meta http-equiv=refresh content='0;url=",
            "10.0.0.", "4111 1111 ", "ORA-0", ".java:", "jsessionid=", "//", "\\", "?", "&", "=", ";", "%", "\u{0}",
            "é", "a", "1", " ", "\n",
            "default-src", "unsafe-inline", "*",
        ]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let page = SamplePage(
                rule: 0, isFound: false, title: "",
                address: "https://example.com/" + text.prefix(20).filter { $0 != "@" },
                headers: [
                    ("Content-Security-Policy", text), ("Set-Cookie", text), ("Strict-Transport-Security", text),
                ], body: text)
            if WebAddress(page.address) != nil { _ = try page.rules(noisy: true) }
            _ = RobotsRules(Array("User-agent: *\nDisallow: \(text)".utf8), for: "x").allows("/" + text)
            _ = WebAddress("https://example.com/a/b")?.resolving(text)
        }
    }
}

extension SamplePage {
    private static func found(_ rule: Int, _ title: String, _ change: (inout SamplePage) -> Void) -> SamplePage {
        var page = SamplePage(rule: rule, isFound: true, title: title)
        change(&page)
        return page
    }

    private static func fine(_ rule: Int, _ title: String, _ change: (inout SamplePage) -> Void) -> SamplePage {
        var page = SamplePage(rule: rule, isFound: false, title: title)
        change(&page)
        return page
    }

    private static func policy(_ value: String) -> (inout SamplePage) -> Void {
        { $0.headers = [("Content-Security-Policy", value)] }
    }

    private static func cookie(_ value: String) -> (inout SamplePage) -> Void {
        { $0.headers = [("Set-Cookie", value)] }
    }
    private static func body(_ value: String) -> (inout SamplePage) -> Void { { $0.body = value } }
    private static func plain(_ value: String) -> (inout SamplePage) -> Void {
        {
            $0.address = "http://example.com/"
            $0.body = value
        }
    }

    private static let ancestors = "; frame-ancestors 'none'"

    static let all: [SamplePage] = headers + cookies + transport + scripts + errors + disclosures

    static let headers = [
        found(10038, "no policy") { $0.without = "Content-Security-Policy" },
        found(10038, "a policy that only reports") {
            $0.without = "Content-Security-Policy"
            $0.headers = [("Content-Security-Policy-Report-Only", "default-src 'self'")]
        },
        fine(10038, "a policy in a meta element") {
            $0.without = "Content-Security-Policy"
            $0.body = "<meta http-equiv=content-security-policy content=\"default-src 'self'\">"
        },
        fine(10038, "a redirection") {
            $0.status = 302; $0.without = "Content-Security-Policy"
        },
        fine(10038, "no page") {
            $0.headers = [("Content-Type", "application/json")]
            $0.without = "Content-Security-Policy"
        },
        found(10055, "any source", policy("default-src *" + ancestors)),
        found(10055, "any source over https", policy("default-src 'self'; connect-src https:" + ancestors)),
        found(10055, "inline scripts", policy("default-src 'self'; script-src 'self' 'unsafe-inline'" + ancestors)),
        found(10055, "inline scripts by default", policy("default-src 'unsafe-inline'" + ancestors)),
        found(10055, "inline styles", policy("default-src 'self'; style-src 'unsafe-inline'" + ancestors)),
        found(10055, "text as script", policy("script-src 'self' 'unsafe-eval'" + ancestors)),
        found(10055, "nothing of scripts", policy("upgrade-insecure-requests" + ancestors)),
        found(10055, "any frame", policy("default-src 'self'; frame-ancestors *")),
        fine(
            10055, "a nonce turns it off",
            policy("script-src 'nonce-abcdef' 'unsafe-inline'; object-src 'none'" + ancestors)),
        fine(
            10055, "strict-dynamic turns sources off",
            policy("script-src 'nonce-a' 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'" + ancestors)),
        fine(
            10055, "of two equal directives the first counts", policy("default-src 'self'; default-src *" + ancestors)),
        fine(10055, "hosts", policy("default-src 'self' https://cdn.example *.example.com" + ancestors)),
        found(10020, "nobody says who may frame") {
            $0.without = "X-Frame-Options"
            $0.headers = [("Content-Security-Policy", "default-src 'self'")]
        },
        found(10020, "an unknown value") {
            $0.headers = [("Content-Security-Policy", "default-src 'self'"), ("X-Frame-Options", "ALLOWALL")]
        },
        found(10020, "twice") {
            $0.headers = [
                ("Content-Security-Policy", "default-src 'self'"), ("X-Frame-Options", "DENY"),
                ("X-Frame-Options", "DENY"),
            ]
        },
        fine(10020, "the policy says it") { $0.without = "X-Frame-Options" },
        fine(10020, "an error") {
            $0.status = 404
            $0.without = "X-Frame-Options"
            $0.headers = [("Content-Security-Policy", "default-src 'self'")]
        },
        found(10021, "guessing") { $0.without = "X-Content-Type-Options" },
        found(10021, "an unknown value") { $0.headers = [("X-Content-Type-Options", "sniff")] },
        found(10021, "anything that is no page either") {
            $0.without = "X-Content-Type-Options"
            $0.headers = [("Content-Type", "application/json")]
            $0.body = "{}"
        },
        fine(10021, "an error") {
            $0.status = 404; $0.without = "X-Content-Type-Options"
        },
        found(10035, "not told to stay") { $0.without = "Strict-Transport-Security" },
        found(10035, "told to leave") { $0.headers = [("Strict-Transport-Security", "max-age=0")] },
        found(10035, "told nothing") { $0.headers = [("Strict-Transport-Security", "includeSubDomains")] },
        found(10035, "twice") {
            $0.headers = [("Strict-Transport-Security", "max-age=9"), ("Strict-Transport-Security", "max-age=9")]
        },
        fine(10035, "quoted") { $0.headers = [("Strict-Transport-Security", "Max-Age = \"31536000\"")] },
        fine(10035, "plain") {
            $0.without = "Strict-Transport-Security"; $0.address = "http://example.com/"
        },
        fine(10035, "a host without a name") {
            $0.without = "Strict-Transport-Security"; $0.address = "https://127.0.0.1:8443/"
        },
        found(10098, "any site may read") { $0.headers = [("Access-Control-Allow-Origin", "*")] },
        fine(10098, "one may") { $0.headers = [("Access-Control-Allow-Origin", "https://a.example")] },
        found(10036, "a version") { $0.headers = [("Server", "Apache/2.4.57 (Debian)")] },
        fine(10036, "a name") { $0.headers = [("Server", "nginx")] },
        found(10037, "made with") { $0.headers = [("X-Powered-By", "Express")] },
        found(10015, "kept for others") {
            $0.headers = [
                ("Cache-Control", "public, max-age=60"), ("Set-Cookie", "a=1; Secure; HttpOnly; SameSite=Lax"),
            ]
        },
        found(10015, "nothing said") {
            $0.without = "Cache-Control"
            $0.headers = [("Set-Cookie", "a=1; Secure; HttpOnly; SameSite=Lax")]
        },
        fine(10015, "nobody's own") { $0.headers = [("Cache-Control", "public, max-age=60")] },
        fine(10015, "private") {
            $0.headers = [
                ("Cache-Control", "private, max-age=60"), ("Set-Cookie", "a=1; Secure; HttpOnly; SameSite=Lax"),
            ]
        },
    ]

    static let cookies = [
        found(10010, "scripts can read it", cookie("a=1; Secure; SameSite=Lax")),
        found(10011, "plain connections too", cookie("a=1; HttpOnly; SameSite=Strict")),
        fine(10011, "over a plain connection") {
            $0.address = "http://example.com/"
            $0.headers = [("Set-Cookie", "a=1; HttpOnly; SameSite=Strict")]
        },
        found(10054, "other sites' requests", cookie("a=1; HttpOnly; Secure")),
        found(10054, "all of them", cookie("a=1; HttpOnly; Secure; SameSite=None")),
        found(10054, "an unknown value", cookie("a=1; HttpOnly; Secure; SameSite=maybe")),
        fine(10010, "forgotten at once", cookie("a=; Max-Age=0")),
        fine(10010, "long ended", cookie("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT")),
    ]

    static let transport = [
        found(10040, "a picture", body("<img src='http://a.example/x.png'>")),
        found(10040, "a script", body("<script src=http://a.example/x.js></script>")),
        found(10040, "a style", body("<link rel=stylesheet href=HTTP://a.example/x.css>")),
        fine(10040, "a link", body("<a href='http://a.example/'>x</a>")),
        fine(10040, "in a comment", body("<!-- <img src=http://a.example/x.png> -->")),
        fine(10040, "plain already", plain("<img src='http://a.example/x.png'>")),
        found(10041, "from a plain page", plain("<form action=https://example.com/in><input name=a></form>")),
        found(10042, "to a plain page", body("<form action=' http://example.com/in'><input name=a></form>")),
        fine(10042, "within", body("<form action='/in'><input name=a></form>")),
        found(10202, "no token", body("<form method=post action=/x><input name=email></form>")),
        found(
            10202, "one form of two",
            body("<form method=POST><input name=_csrf></form><form method=post><input name=a></form>")),
        fine(10202, "a token", body("<form method=post><input type=hidden name=authenticity_token value=x></form>")),
        fine(10202, "a token by its id", body("<form method=post><input id=csrfToken></form>")),
        fine(10202, "a search", body("<form><input name=q></form>")),
        found(10105, "a password over a plain connection") {
            $0.address = "http://example.com/"
            $0.status = 401
            $0.headers = [("WWW-Authenticate", "Basic realm=x")]
        },
        fine(10105, "encrypted") {
            $0.status = 401; $0.headers = [("WWW-Authenticate", "Basic realm=x")]
        },
    ]

    static let scripts = [
        found(10017, "with integrity", body("<script src=https://a.example/x.js integrity=sha384-x></script>")),
        fine(10017, "its own", body("<script src=/x.js></script><script src=//example.com/y.js></script>")),
        found(90003, "a style", body("<link rel=stylesheet href=//a.example/x.css>")),
        fine(90003, "integrity", body("<link rel=stylesheet href=//a.example/x.css integrity=sha384-x>")),
        fine(90003, "a canonical address", body("<link rel=canonical href=https://a.example/>")),
        found(10115, "named in a script", body("<script>load('https://cdn.polyfill.io/v3/x.js')</script>")),
        fine(10115, "another name", body("<script src=https://notpolyfill.io/x.js integrity=sha384-x></script>")),
    ]

    static let errors = [
        found(90022, "a database") { $0.body = "ORA-00933: SQL command" },
        found(90022, "a stack of Java", body("<pre>x\n\tat a.b.C.d(C.java:12)\n</pre>")),
        found(90022, "a status") { $0.status = 500 },
        fine(90022, "not found") {
            $0.status = 404; $0.body = "Traceback (most recent call last)"
        },
        fine(90022, "a file's name", body("<p>See Main.java:12 of the example</p>")),
        fine(90022, "forbidden") { $0.status = 403 },
        found(
            10023, "for developers", body("<p>You're seeing this error because you have <code>DEBUG = True</code></p>")),
        found(10033, "Apache", body("<title>Index of /backup</title>")),
        found(10033, "Python", body("<TITLE>Directory listing for /a/</TITLE>")),
        fine(10033, "a book", body("<title>Index of authors</title>")),
    ]

    static let disclosures = [
        found(3, "in the page's own address") { $0.address = "https://example.com/a?PHPSESSID=0123456789abcdef" },
        found(3, "in a link", body("<a href='/a;jsessionid=0123456789ABCDEF'>x</a>")),
        fine(3, "of another host", body("<a href='https://a.example/a;jsessionid=0123456789ABCDEF'>x</a>")),
        fine(3, "too short", body("<a href='/a?sid=12'>x</a>")),
        found(10024, "a password") { $0.address = "https://example.com/a?password=b" },
        found(10024, "a mail address", body("<a href='/a?to=joe%40example.com'>x</a>")),
        found(10024, "a form", body("<form action=/in><input type=password name=p></form>")),
        fine(10024, "nothing secret") { $0.address = "https://example.com/a?q=password" },
        found(2, "an address", body("<p>10.1.2.3</p>")), found(2, "with a port", body("see 172.31.0.9:8080.")),
        found(2, "a name of Amazon's", body("<p>ip-10-0-12-7.ec2.internal</p>")),
        fine(2, "a public one", body("<p>8.8.8.8, 172.32.0.1, 192.169.0.1</p>")),
        fine(2, "a version", body("<p>jquery-10.1.2.3 and v10.1.2.3 and 1.10.1.2.3 and 10.1.2.3.4</p>")),
        fine(2, "the host itself") {
            $0.address = "https://10.1.2.3/"; $0.body = "<p>10.1.2.3</p>"
        },
        found(10062, "Mastercard", body("<td>5555555555554444</td>")),
        found(10062, "American Express, in groups", body("<p>3782 822463 10005.</p>")),
        found(10062, "with hyphens", body("<p>4111-1111-1111-1111</p>")),
        fine(10062, "a wrong digit", body("<p>4111 1111 1111 1112</p>")),
        fine(10062, "a part of a number", body("<p>0.4111111111111111 41111111111111110 x4111111111111111</p>")),
        fine(
            10062, "a style",
            {
                $0.headers = [("Content-Type", "text/css")]; $0.body = "4111111111111111"
            }),
        found(10027, "a comment", body("<!-- FIXME: later -->")),
        found(10027, "a password", body("<!-- the Password is x -->")),
        fine(10027, "a word within a word", body("<!-- debugger, todos, administration -->")),
        fine(10027, "text", body("<p>TODO</p>")),
    ]
}
