import Testing
import WebPosture

@Suite("robots.txt")
struct RobotsTests {
    private func rules(_ text: String) -> RobotsRules { RobotsRules(Array(text.utf8), for: "vouchsafe") }

    @Test(
        "the longest rule decides, and the one that allows before its equal",
        arguments: [
            ("Disallow: /", "/", false), ("Disallow:", "/a", true), ("Disallow: /a", "/a", false),
            ("Disallow: /a", "/ab", false), ("Disallow: /a", "/b", true), ("Disallow: /a", "/A", true),
            ("Disallow: /private/\nAllow: /private/ok", "/private/ok", true),
            ("Allow: /private/ok\nDisallow: /private/", "/private/x", false),
            ("Disallow: /a\nAllow: /a", "/a", true), ("Disallow: /\nAllow: /$", "/", true),
            ("Disallow: /\nAllow: /$", "/a", false), ("Disallow: /*.php$", "/a/b.php", false),
            ("Disallow: /*.php$", "/a/b.php?c", true), ("Disallow: /*.php", "/a/b.phps", false),
            ("Disallow: /a*b*c", "/a1b2c3", false), ("Disallow: /a*b*c", "/a1c2b3", true),
            ("Disallow: *", "/anything", false), ("Disallow: /a$b", "/a$b", false), ("Disallow: /*?", "/a?b", false),
            ("Disallow: /é", "/%C3%A9", false), ("Disallow: /%7Ea", "/~a", false), ("Disallow: /%2f", "/%2F", false),
            ("Disallow: /a%2fb", "/a/b", true), ("Disallow: a", "/a", true), ("Disallow: /", "/robots.txt", true),
            ("  disallow  :  /a  # because", "/a", false), ("Disallow /a", "/a", true),
        ])
    func matching(lines: String, target: String, isAllowed: Bool) {
        #expect(rules("User-agent: *\n\(lines)\n").allows(target) == isAllowed, "\(lines)")
    }

    @Test(
        "a crawler's own group counts before that for all, and all its groups are one",
        arguments: [
            ("User-agent: *\nDisallow: /\n\nUser-agent: Vouchsafe\nDisallow: /x", "/a", true),
            ("User-agent: vouchsafe/2.0\nDisallow: /x\n\nUser-agent: *\nAllow: /", "/x", false),
            ("User-agent: other\nUser-agent: vouchsafe\nDisallow: /x", "/x", false),
            (
                "User-agent: vouchsafe\nDisallow: /x\nUser-agent: other\nDisallow: /y\nUser-agent: vouchsafe\nDisallow: /z",
                "/z", false
            ),
            ("User-agent: vouchsafe\nDisallow: /x\nUser-agent: other\nDisallow: /y", "/y", true),
            ("User-agent: vouchsafer\nDisallow: /\nUser-agent: *\nDisallow: /y", "/x", true),
            ("User-agent: vouchsafe\n\nUser-agent: *\nDisallow: /", "/x", false), ("Disallow: /", "/x", true),
            ("\u{FEFF}User-agent: *\r\nDisallow: /x\r\n", "/x", false), ("User-agent: *\rDisallow: /x\r", "/x", false),
            ("User-agent: vouchsafe\nAllow: /\nUser-agent: *\nDisallow: /", "/x", true),
        ])
    func groups(text: String, target: String, isAllowed: Bool) {
        #expect(rules(text).allows(target) == isAllowed, "\(text)")
    }

    @Test(
        "no answer closes a site, and an answer that there are none opens it",
        arguments: [(200, true), (404, true), (403, true), (301, true), (429, false), (500, false), (503, false)])
    func statuses(status: Int, isOpen: Bool) {
        let response = WebResponse(status: status, body: Array("User-agent: *\nDisallow: /private".utf8))
        #expect(RobotsRules(response, for: "vouchsafe").allows("/a") == isOpen)
        #expect(!RobotsRules(nil, for: "vouchsafe").allows("/a"))
    }

    @Test("what lies beyond the limit is not read, and hostile patterns take no time")
    func bounds() {
        let filler = String(repeating: "# filler\n", count: 60_000)
        #expect(rules("User-agent: *\n" + filler + "Disallow: /").allows("/a"))
        let hostile = "User-agent: *\nDisallow: /" + String(repeating: "a*", count: 1000) + "b\n"
        // A pattern that is too long to be followed to its end closes what its beginning names.
        #expect(!rules(hostile).allows("/" + String(repeating: "a", count: 2000)))
    }

    @Test("how long to wait is heeded where it stands")
    func delay() {
        #expect(rules("User-agent: *\nCrawl-delay: 3").delay == 3)
        #expect(rules("User-agent: vouchsafe\nCrawl-delay: 1.5\nUser-agent: *\nCrawl-delay: 9").delay == 1)
    }
}
