import Kernel
import Testing
import WebPosture

@Suite("Which links are followed")
struct LinkRulesTests {
    private let origin: WebAddress
    private let rules: LinkRules

    init() throws {
        origin = try #require(WebAddress("https://example.com/"))
        rules = LinkRules(
            origin: origin, robots: RobotsRules(Array("User-agent: *\nDisallow: /private".utf8), for: "vouchsafe"))
    }

    @Test(
        "an ordinary link is followed",
        arguments: [
            "/", "/about", "/a.html", "/a.php?id=1", "/blog/2024/05/", "/clean", "/cleaning-company", "/signage",
            "/login",
            "/sign-in", "/logs", "/removable-drives", "/dropbox", "/politica-del-sito", "/wissen", "/archive",
            "/v1.2/docs",
            "/data/report.v2", "/search?q=shoes", "/?page=2", "/deleted-scenes-review-is-a-film/../about",
        ])
    func followed(path: String) throws {
        #expect(rules.refusal(of: try #require(origin.resolving(path)), text: "Read more") == nil)
    }

    @Test(
        "a link that signs out, deletes or cannot be taken back is not, in whatever language it says so",
        arguments: [
            "/logout", "/user/log-out", "/signOut", "/account/SignOff.aspx", "/delete?id=1", "/items/5/delete",
            "/item?action=delete",
            "/item?do=remove&id=1", "/a?op=del&x=1", "/unsubscribe/abc", "/abmelden", "/konto/l%C3%B6schen",
            "/deconnexion",
            "/compte/supprimer", "/cerrar-sesion", "/eliminar/3", "/esci", "/elimina", "/sair", "/uitloggen",
            "/wyloguj",
            "/odhlasit", "/radera/1", "/kirjaudu-ulos", "/%D1%83%D0%B4%D0%B0%D0%BB%D0%B8%D1%82%D1%8C",
            "/%E5%88%A0%E9%99%A4",
            "/admin/users/deactivate", "/cart/clear", "/order/cancel", "/index.php?logout=1", "/DeleteUser",
        ])
    func harmful(path: String) throws {
        #expect(rules.refusal(of: try #require(origin.resolving(path))) == .harmful)
    }

    @Test(
        "what stands on a link counts as well, if it is short",
        arguments: [
            ("Log out", true), (" Abmelden ", true), ("Konto löschen", true), ("Déconnexion", true), ("删除", true),
            ("Se déconnecter", true), ("Read how companies delete the data of their customers", false), ("Home", false),
        ])
    func texts(text: String, isHarmful: Bool) throws {
        #expect((rules.refusal(of: try #require(origin.resolving("/x/1")), text: text) == .harmful) == isHarmful)
    }

    @Test(
        "what is no page of the site is left alone",
        arguments: [
            ("http://example.com/", .otherOrigin), ("https://example.com:8443/", .otherOrigin),
            ("https://www.example.com/", .otherOrigin), ("//other.example/", .otherOrigin), ("/a.PDF", .notAPage),
            ("/a/b.tar.gz", .notAPage), ("/style.css?v=3", .notAPage), ("/private/x", .robots),
            ("/a;jsessionid=A1B2C3D4E5F60718", .secret), ("/a?PHPSESSID=abcdefgh1234", .secret),
            ("/welcome?token=abc", .secret), ("/a?access_token=b", .secret), ("/a/b/a/b/a/b", .trap),
            ("/x/x/x", .trap),
        ] as [(String, LinkRules.Refusal)])
    func refused(path: String, reason: LinkRules.Refusal) throws {
        #expect(rules.refusal(of: try #require(origin.resolving(path))) == reason)
    }

    @Test("a link that a script would send otherwise is not followed")
    func methods() throws {
        let address = try #require(origin.resolving("/x"))
        #expect(rules.refusal(of: address, method: "delete") == .harmful)
        #expect(rules.refusal(of: address, method: "GET") == nil)
    }
}

@Suite("What a crawler does next")
struct CrawlFrontierTests {
    private let start: WebAddress
    private let now = Instant(milliseconds: 1_000_000)

    init() throws { start = try #require(WebAddress("https://example.com/")) }

    private func frontier(
        _ limits: CrawlFrontier.Limits = CrawlFrontier.Limits(), pace: Period = .zero, robots: String = ""
    ) -> CrawlFrontier {
        CrawlFrontier(
            from: start, rules: LinkRules(origin: start, robots: RobotsRules(Array(robots.utf8), for: "vouchsafe")),
            limits: limits, pace: pace, at: now)
    }

    private func page(_ step: CrawlFrontier.Step) -> CrawlFrontier.Page? {
        if case .visit(let page) = step { page } else { nil }
    }

    @Test("pages come in the order in which they were found, each once, and then it is done")
    func order() throws {
        var frontier = frontier()
        let first = try #require(page(frontier.next(at: now)))
        for path in ["/b", "/a", "/b", "/", "/a#x"] { frontier.offer(try #require(start.resolving(path)), from: first) }
        #expect(page(frontier.next(at: now))?.address.path == "/b")
        #expect(page(frontier.next(at: now))?.address.path == "/a")
        #expect(frontier.next(at: now) == .finished(.complete))
    }

    @Test("no more pages, and no deeper, than was wanted")
    func caps() throws {
        var frontier = frontier(CrawlFrontier.Limits(pages: 3, depth: 1))
        let first = try #require(page(frontier.next(at: now)))
        for name in "abcd" { frontier.offer(try #require(start.resolving("/\(name)")), from: first) }
        let second = try #require(page(frontier.next(at: now)))
        #expect(frontier.offer(try #require(start.resolving("/deep")), from: second) == .depth)
        #expect(page(frontier.next(at: now)) != nil)
        #expect(frontier.next(at: now) == .finished(.pages))
        #expect(frontier.refused.map(\.reason) == [.pages, .pages, .depth])
    }

    @Test("a few of many pages that are alike are enough")
    func traps() throws {
        var frontier = frontier(CrawlFrontier.Limits(alike: 3))
        let first = try #require(page(frontier.next(at: now)))
        for day in 1...20 { frontier.offer(try #require(start.resolving("/calendar?month=\(day)")), from: first) }
        for item in 1...20 { frontier.offer(try #require(start.resolving("/item-\(item)/x")), from: first) }
        for item in 1...20 {
            frontier.offer(try #require(start.resolving("/o/\(item)a0b1c2d3e4f5a6b7c8d9")), from: first)
        }
        var count = 0
        while page(frontier.next(at: now)) != nil { count += 1 }
        #expect(count == 9)
        #expect(frontier.refused.allSatisfy { $0.reason == .trap })
    }

    @Test("the pace is kept, and a site that asks for more room gets it")
    func pace() {
        var frontier = frontier(pace: .milliseconds(500), robots: "User-agent: *\nCrawl-delay: 2")
        #expect(page(frontier.next(at: now)) != nil)
        frontier.answered(
            CrawlFrontier.Page(start), status: 429, retryAfter: "7", size: 0, at: now)
        #expect(frontier.next(at: now) == .wait(until: now + .seconds(7)))
        #expect(page(frontier.next(at: now + .seconds(7)))?.address == start)
        #expect(frontier.next(at: now + .seconds(7)) == .finished(.complete))
    }

    @Test("a server that says no again and again is left alone")
    func throttled() throws {
        var frontier = frontier()
        let first = try #require(page(frontier.next(at: now)))
        for name in "abcd" { frontier.offer(try #require(start.resolving("/\(name)")), from: first) }
        var time = now
        var visits = 0
        while true {
            switch frontier.next(at: time) {
            case .visit(let page):
                visits += 1
                frontier.answered(page, status: 503, retryAfter: nil, size: 0, at: time)
            case .wait(let until): time = until
            case .finished(let end):
                #expect(end == .throttled)
                #expect(visits == 3)
                return
            }
        }
    }

    @Test("time and bytes end it, and what robots.txt closes is not begun")
    func ends() throws {
        var slow = frontier(CrawlFrontier.Limits(time: .minutes(1)))
        #expect(slow.next(at: now + .minutes(1)) == .finished(.time))
        var large = frontier(CrawlFrontier.Limits(bytes: 100))
        let first = try #require(page(large.next(at: now)))
        large.offer(try #require(start.resolving("/a")), from: first)
        large.answered(first, status: 200, retryAfter: nil, size: 100, at: now)
        #expect(large.next(at: now) == .finished(.bytes))
        var closed = frontier(robots: "User-agent: *\nDisallow: /")
        #expect(closed.next(at: now) == .finished(.complete))
        #expect(closed.refused.map(\.reason) == [.robots])
    }
}

extension Period {
    fileprivate static func milliseconds(_ count: Int64) -> Period { Period(milliseconds: count) }
}
