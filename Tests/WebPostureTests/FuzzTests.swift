import Foundation
import Kernel
import TestSupport
import Testing

@testable import WebPosture

/// Whatever a site sends, readers end, and keep what they promise. `scripts/fuzz-readers` runs many more than the few thousand here.
@Suite("Documents that nobody meant")
struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let rounds = environment["VOUCHSAFE_FUZZ_ROUNDS"].flatMap(Int.init) ?? 20_000
    private static let seed = environment["VOUCHSAFE_FUZZ_SEED"].flatMap(UInt64.init) ?? 1

    /// What documents and fields are made of, so that chance finds the places where readers decide.
    private static let pieces = [
        "<", ">", "</", "<!--", "-->", "--!>", "<!", "<?", "<script", "</script", "<style>", "<title>", "<a ", "<meta ",
        "href=", "src", "=", "\"", "'", " ", "\t", "\n", "/", "\\", "&", "&amp;", "&#", "&#x", "&colon;", ";", "#",
        "http-equiv",
        "content=", "content-security-policy", "referrer", "default-src", "script-src", "img-src", "report-uri",
        "'none'",
        "'unsafe-inline'", "'nonce-", "'strict-dynamic'", "https:", "http://", "*", "%", "%2", "%41", "%zz", ",", "a",
        "Z",
        "é", "\u{FEFF}", "\u{0}", "sid", "Secure", "HttpOnly", "SameSite", "Lax", "None", "Domain", "Path", "Max-Age",
        "Expires", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "99999999999999999999", "[::1]", "127.1", "0x7f", ":", "@",
        "?",
        "..", "xn--", "example.com", "User-agent", "Disallow", "Allow", "$", "**",
    ].map { Array($0.utf8) }

    private static func text(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...24, using: &generator) {
            bytes += Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &generator)]
        }
        if !bytes.isEmpty, Int.random(in: 0..<4, using: &generator) == 0 {
            bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
        }
        return bytes
    }

    @Test("a document is taken apart without a byte being read twice or lost sight of")
    func documents() {
        var generator = SeededGenerator(Self.seed)
        for _ in 0..<Self.rounds {
            let bytes = Self.text(&generator)
            var end = 0
            for token in HTMLTokenizer(bytes) {
                switch token {
                case .text(let range), .comment(let range):
                    if range.lowerBound < end || range.upperBound > bytes.count {
                        Issue.record("\(range) lies wrong in \(bytes.hex).")
                    }
                    end = range.upperBound
                case .start(let tag) where tag.name.isEmpty: Issue.record("A tag without a name in \(bytes.hex).")
                case .start, .end: break
                }
            }
            _ = MetaHeaders.read(bytes)
            _ = PageDocument(bytes)
        }
    }

    @Test("a policy is refused or read, and no directive of it is without sources")
    func policies() {
        var generator = SeededGenerator(Self.seed &+ 1)
        for _ in 0..<Self.rounds {
            let texts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                String(decoding: Self.text(&generator), as: UTF8.self)
            }
            guard let policy = try? ContentSecurityPolicy(ContentSecurityPolicy.split(texts)) else { continue }
            for directive in policy.directives where directive.sources.isEmpty || directive.name.isEmpty {
                Issue.record("\(directive) out of \(texts)")
            }
            if Set(policy.directives.map(\.name)).count != policy.directives.count { Issue.record("Twice in \(texts)") }
        }
    }

    @Test("a cookie is refused or read, and what is kept goes back to nobody else")
    func cookies() throws {
        var generator = SeededGenerator(Self.seed &+ 2)
        let home = try #require(WebAddress("https://shop.example.com/a/b"))
        let stranger = try #require(WebAddress("https://other.example.org/a/b"))
        for _ in 0..<Self.rounds {
            let field = String(decoding: Self.text(&generator), as: UTF8.self)
            _ = CookieJudgement.hasInvalidSameSite(field)
            guard let cookie = Cookie(field) else { continue }
            var jar = CookieJar()
            jar.take(cookie, from: home, at: Instant(milliseconds: 0))
            if jar.field(for: stranger, at: Instant(milliseconds: 0)) != nil { Issue.record("\(field) went elsewhere") }
        }
    }

    @Test("an address is refused, or spelled so that it reads as itself")
    func addresses() throws {
        var generator = SeededGenerator(Self.seed &+ 3)
        let base = try #require(WebAddress("https://example.com/a/b?c"))
        for _ in 0..<Self.rounds {
            let text = String(decoding: Self.text(&generator), as: UTF8.self)
            for address in [WebAddress("https://" + text), base.resolving(text)].compactMap(\.self)
            where WebAddress(address.description) != address {
                Issue.record(
                    "\(text) became \(address), which reads as \(String(describing: WebAddress(address.description)))")
            }
            _ = try? ObservatorySite(text)
            _ = RobotsRules(Array(text.utf8), for: "vouchsafe").allows(text)
        }
    }

    /// Each would take hours if a reader went over it again and again.
    @Test(
        "a long document of one piece is read once",
        arguments: [
            "<", "<a ", "<a b", "<a b=", "<a b='", "&", "&#", "&#x", "&a", "<!--", "<!-", "-", "<script>",
            "<script></scrip",
            "</", "<a>", "\"", "=", "<title>&",
        ])
    func longDocuments(piece: String) {
        let document = [UInt8](repeatElement(Array(piece.utf8), count: 400_000 / piece.utf8.count).joined())
        #expect(HTMLTokenizer(document).reduce(into: 0) { count, _ in count += 1 } <= document.count)
        _ = PageDocument(document)
        let value = "<a title=\"" + String(repeating: piece.filter { $0 != "\"" }, count: 100_000) + "\">"
        #expect(HTMLTokenizer(Array(value.utf8)).reduce(into: 0) { count, _ in count += 1 } <= value.utf8.count)
    }

    @Test(
        "a long field of one piece is read once",
        arguments: [
            ";", ",", " ", "a", "a ", "a;", "img-src a,", "img-src a b;", "'", "=", "=;", "samesite;", "%41/", "/",
        ])
    func longFields(piece: String) {
        let field = String(repeating: piece, count: 100_000 / piece.utf8.count)
        _ = try? ContentSecurityPolicy(ContentSecurityPolicy.split([field]))
        _ = try? ContentSecurityPolicy(["img-src \(field)", "img-src \(field)"])
        _ = CookieJudgement.hasInvalidSameSite(field)
        _ = Cookie("a=b;\(field)")
        _ = WebAddress("https://a/\(field)")
        _ = RobotsRules(Array("user-agent: *\ndisallow: \(field)".utf8), for: "x").allows("/\(field)")
    }
}
