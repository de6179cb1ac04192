import Kernel
import Testing
import WebPosture

@Suite("Cookies")
struct CookieTests {
    private let now = Instant(milliseconds: 1_760_000_000_000)

    @Test("a field is read with all its attributes, the last of each")
    func reading() throws {
        let cookie = try #require(
            Cookie(
                "  id = \"a b\" ; Path=/x; path=/y; Domain=.Example.COM; Secure; HttpOnly; SameSite=LAX; Max-Age=60; Expires=Wed, 21 Oct 2015 07:28:00 GMT"
            )
        )
        #expect(cookie.name == "id")
        #expect(cookie.value == "\"a b\"")
        #expect(cookie.path == "/y")
        #expect(cookie.domain == "example.com")
        #expect(cookie.isSecure)
        #expect(cookie.isHTTPOnly)
        #expect(cookie.sameSite == .lax)
        #expect(cookie.maxAge == 60)
        #expect(cookie.expires == Instant("2015-10-21T07:28:00Z"))
        #expect(!cookie.isExpired(at: now))
    }

    @Test(
        "times come in many spellings",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"), ("1-jan-2030 0:0:1", "2030-01-01T00:00:01Z"),
            ("01 Jan 69 00:00:00", "2069-01-01T00:00:00Z"), ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
        ])
    func dates(text: String, time: String) {
        #expect(Cookie("a=b; expires=\(text)")?.expires == Instant(time))
    }

    @Test(
        "what is no time is ignored", arguments: ["tomorrow", "31 Feb 2030 00:00:00", "1 Jan 2030 24:00:00", "0", ""])
    func noDates(text: String) {
        #expect(Cookie("a=b; expires=\(text)")?.expires == nil)
    }

    @Test(
        "what a browser ignores is none",
        arguments: ["", "=", ";Secure", "a=\u{1}b", "a=" + String(repeating: "b", count: 5000)])
    func ignored(field: String) {
        #expect(Cookie(field) == nil)
    }

    @Test(
        "a cookie goes where its domain, its path and its safety allow",
        arguments: [
            ("a=1", "https://a.example.com/x/y", "https://a.example.com/x/z", "a=1"),
            ("a=1", "https://a.example.com/x/y", "https://a.example.com/", nil),
            ("a=1; Path=/", "https://a.example.com/x/y", "https://b.example.com/", nil),
            ("a=1; Path=/; Domain=example.com", "https://a.example.com/", "https://b.example.com/", "a=1"),
            ("a=1; Path=/; Domain=example.com", "https://a.example.com/", "https://badexample.com/", nil),
            ("a=1; Path=/; Domain=com", "https://a.example.com/", "https://a.example.com/", nil),
            ("a=1; Path=/; Domain=other.example", "https://a.example.com/", "https://other.example/", nil),
            ("a=1; Path=/; Secure", "https://a.example.com/", "http://a.example.com/", nil),
            ("a=1; Path=/; Secure", "http://a.example.com/", "https://a.example.com/", nil),
            ("a=1; Path=/; Secure", "http://127.0.0.1/", "http://127.0.0.1/", "a=1"),
            ("a=1; Path=/a", "https://a.example.com/", "https://a.example.com/ab", nil),
            ("a=1; Path=/a", "https://a.example.com/", "https://a.example.com/a/b", "a=1"),
            ("__Host-a=1; Path=/", "https://a.example.com/", "https://a.example.com/", nil),
            ("__Host-a=1; Path=/; Secure", "https://a.example.com/", "https://a.example.com/", "__Host-a=1"),
            ("a=1; Path=/; Max-Age=0", "https://a.example.com/", "https://a.example.com/", nil),
            (
                "a=1; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "https://a.example.com/",
                "https://a.example.com/", nil
            ),
            ("a=1; Path=/; Domain=0.0.1", "http://127.0.0.1/", "http://127.0.0.1/", nil),
        ] as [(String, String, String, String?)])
    func jar(field: String, from: String, to: String, sent: String?) throws {
        var jar = CookieJar()
        jar.take([("Set-Cookie", field)], from: try #require(WebAddress(from)), at: now)
        #expect(jar.field(for: try #require(WebAddress(to)), at: now) == sent)
    }

    @Test("a newer cookie takes the place of the same older one, longer paths come first, and time ends them")
    func order() throws {
        let page = try #require(WebAddress("https://a.example.com/x/y"))
        var jar = CookieJar()
        jar.take(
            [("Set-Cookie", "a=1; Path=/"), ("set-cookie", "b=2"), ("Set-Cookie", "a=3; Path=/; Max-Age=10")],
            from: page, at: now)
        #expect(jar.field(for: page, at: now) == "b=2; a=3")
        #expect(jar.field(for: page, at: now + .seconds(11)) == "b=2")
    }

    @Test("a stranger cannot fill the memory")
    func cap() throws {
        let page = try #require(WebAddress("https://a.example.com/"))
        var jar = CookieJar()
        for index in 0..<1000 { jar.take([("Set-Cookie", "a\(index)=1")], from: page, at: now) }
        #expect(jar.entries.count == CookieJar.limit)
    }
}
