import Foundation
import Kernel
import NIOCore
import ScanResults
import Synchronization
import Testing
import WebPosture

@testable import Probes

@Suite("Sites that a crawler must survive")
struct HostileSiteTests {
    private func scan(
        _ server: ScriptedServer, limits: CrawlFrontier.Limits = CrawlFrontier.Limits(),
        requestTime: Duration = .seconds(60),
        headers: HeaderFields = [], libraries: KnownLibraries? = nil, path: String = "/"
    ) async throws -> ScanReport<SiteDetails> {
        // Looking through megabytes takes long in a debug build.
        let crawl = SiteCrawl(
            try HTTPProbe(userAgent: "Test/1", limits: HTTPLimits(body: 128 << 10)), libraries: libraries,
            pause: { _ in await Task.yield() })
        let address = try #require(WebAddress("http://127.0.0.1:\(server.port)\(path)"))
        let report = try await crawl.scan(
            address,
            SiteCrawl.Manner(
                headers: headers, reach: .internalAddresses, pace: .zero, requestTime: requestTime, limits: limits))
        try await server.stop()
        return report
    }

    private func targets(_ server: ScriptedServer) -> [String] {
        server.requests.map { String($0.split(separator: " ")[1]) }
    }

    @Test("pages without an end are no more than their cap, in whatever way they go on")
    func traps() async throws {
        let server = try await ScriptedServer { target in
            switch target {
            case "/robots.txt": .page("", status: "404 Not Found")
            default:
                .page(
                    "<a href='deeper/\(target.count)'>a</a><a href='?page=\(target.count)&x=\(target.count)'>b</a>"
                        + "<a href='\(target)/x'>c</a><a href='/cal/2024/\(target.count)'>d</a>")
            }
        }
        let report = try await scan(server, limits: CrawlFrontier.Limits(pages: 60, depth: 30))
        #expect(report.details.pages.count <= 60)
        #expect(report.details.skipped.contains { $0.reason == .trap })
    }

    @Test("nothing leaves the origin, by link, by redirection or by the page's base")
    func origin() async throws {
        let other = try await ScriptedServer { _ in .page("") }
        let port = other.port
        let server = try await ScriptedServer { target in
            switch target {
            case "/robots.txt":
                .page("", headers: "Location: http://127.0.0.1:\(port)/robots.txt\r\n", status: "302 Found")
            case "/away": .page("", headers: "Location: http://127.0.0.1:\(port)/a\r\n", status: "302 Found")
            case "/meta": .page("<meta http-equiv=refresh content='0; url=http://127.0.0.1:\(port)/b'>")
            case "/base": .page("<base href='http://127.0.0.1:\(port)/'><a href='c'>c</a><iframe src=d></iframe>")
            case "/cloud": .page("", headers: "Location: http://169.254.169.254/latest\r\n", status: "302 Found")
            default:
                .page(
                    "<a href=/away>a</a><a href=/meta>b</a><a href=/base>c</a><a href=/cloud>d</a>"
                        + "<form action=/form><button>x</button></form><a href='http://localhost:\(port)/e'>e</a>")
            }
        }
        let report = try await scan(server)
        #expect(Set(targets(server)) == ["/robots.txt", "/", "/away", "/meta", "/base", "/cloud"])
        #expect(other.requests == [])
        #expect(report.details.end == .complete)
        try await other.stop()
    }

    @Test("one page that hangs, lies, never ends or is no HTTP costs its time and not the others")
    func brokenPages() async throws {
        let server = try await ScriptedServer { target in
            switch target {
            case "/hang": .silence(after: [])
            case "/dribble": .silence(after: Array("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n".utf8))
            case "/lie":
                .text(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n<a href=/after-lie>x</a>"
                )
            case "/endless":
                .endless(
                    after: Array("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n".utf8),
                    piece: [UInt8](repeating: 0x61, count: 65536))
            case "/garbage": .text("\u{0}\u{1}\u{2}")
            case "/half":
                .halfClosed(
                    after: Array("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<a href=/after-half>x</a>".utf8))
            case "/loop": .page("", headers: "Location: /loop\r\n", status: "302 Found")
            case "/robots.txt": .page("", status: "404 Not Found")
            case "/":
                .page(
                    ["hang", "lie", "garbage", "half", "dribble", "endless", "loop"].map { "<a href=/\($0)>x</a>" }
                        .joined())
            default: .page("<p>ok</p>")
            }
        }
        let report = try await scan(server, requestTime: .seconds(3))
        #expect(Set(targets(server)).isSuperset(of: ["/after-lie", "/after-half", "/loop"]))
        #expect(targets(server).count { $0 == "/loop" } == 1)
        #expect(
            report.summary.remarks.contains { $0.contains("gave no answer (and 2 more)") }, "\(report.summary.remarks)")
    }

    @Test("a site that has gone away is not asked again and again")
    func gone() async throws {
        let server = try await ScriptedServer { target in
            switch target {
            case "/robots.txt": .page("", status: "404 Not Found")
            case "/": .page((1...9).map { "<a href=/\("abcdefghi".dropFirst($0 - 1).prefix(1))>x</a>" }.joined())
            default: .text("")
            }
        }
        let report = try await scan(server)
        #expect(report.details.end == .unreachable)
        #expect(targets(server).count == 5)
    }

    @Test("a body that unpacks to much more than it is costs no more than its cap")
    func bomb() async throws {
        // Zeros pack a thousandfold; made by gzip itself.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sh", "-c", "head -c 20000000 /dev/zero | gzip -c"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let packed = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        let server = try await ScriptedServer { _ in
            .bytes(
                Array(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n"
                        .utf8) + packed)
        }
        let probe = try HTTPProbe(userAgent: "Test/1", limits: HTTPLimits(body: 1 << 20))
        let address = try #require(WebAddress("http://127.0.0.1:\(server.port)/"))
        let response = try await probe.answer(to: WebRequest(address), reach: .internalAddresses, within: .seconds(20))
        #expect(response.cut == WebResponse.Cut.limit)
        #expect(response.body.count <= 1 << 20)
        try await server.stop()
    }

    @Test("a site whose robots.txt fails is left alone")
    func closed() async throws {
        let server = try await ScriptedServer { target in
            target == "/robots.txt" ? .page("", status: "500 Internal Server Error") : .page("<p>x</p>")
        }
        let problem = await #expect(throws: Problem.self) { _ = try await scan(server) }
        #expect(targets(server) == ["/robots.txt"])
        #expect(problem?.code == "scan.nothing-visited")
        #expect(problem?.message.contains("500") == true)
        try await server.stop()
    }

    @Test("the name that a name resolves to is judged at each request: one that moves inside is not followed there")
    func rebinding() async throws {
        let server = try await ScriptedServer { target in
            target == "/robots.txt" ? .page("", status: "404 Not Found") : .page("<a href=/inside>x</a>")
        }
        let asked = Mutex(0)
        let port = server.port
        // The first two requests go to a place that is allowed; then the name leads to the clouds' secrets.
        let resolver = Resolver { _, _ in
            let count = asked.withLock {
                $0 += 1; return $0
            }
            return [try SocketAddress(ipAddress: count <= 2 ? "127.0.0.1" : "169.254.169.254", port: port)]
        }
        let crawl = SiteCrawl(try HTTPProbe(userAgent: "Test/1", resolver: resolver))
        let address = try #require(WebAddress("http://site.example/"))
        let report = try await crawl.scan(
            address, SiteCrawl.Manner(reach: .internalAddresses, pace: .zero, requestTime: .seconds(60)))
        #expect(targets(server) == ["/robots.txt", "/"])
        #expect(report.summary.remarks.contains { $0.contains("not public") }, "\(report.summary.remarks)")
        try await server.stop()
    }

    @Test("a crawl that is stopped tells what it found so far")
    func stopped() async throws {
        let (reached, signal) = AsyncStream<Void>.makeStream()
        let server = try await ScriptedServer { target in
            switch target {
            case "/robots.txt": return .page("", status: "404 Not Found")
            case "/": return .page("<a href=/hang>x</a>")
            default:
                signal.finish()
                return .silence(after: [])
            }
        }
        let crawl = SiteCrawl(try HTTPProbe(userAgent: "Test/1"))
        let address = try #require(WebAddress("http://127.0.0.1:\(server.port)/"))
        let task = Task {
            try await crawl.scan(
                address, SiteCrawl.Manner(reach: .internalAddresses, pace: .zero, requestTime: .seconds(60)))
        }
        for await _ in reached {}
        task.cancel()
        let report = try await task.value
        #expect(report.details.end == .stopped)
        #expect(report.details.pages.count == 1)
        #expect(!report.summary.findings.isEmpty)
        try await server.stop()
    }

    @Test("what the operator sends goes along, and what the site sets does too")
    func signedIn() async throws {
        let server = try await ScriptedServer { target in
            switch target {
            case "/robots.txt": .page("", status: "404 Not Found")
            case "/": .page("<a href=/b>x</a>", headers: "Set-Cookie: x=1\r\nContent-Type: text/html\r\n")
            default: .page("")
            }
        }
        _ = try await scan(server, headers: [("Authorization", "Bearer t")])
        #expect(server.texts.allSatisfy { $0.contains("Authorization: Bearer t") })
        #expect(server.texts.last?.contains("Cookie: x=1") == true)
    }

    @Test("what every page of a template has is one finding that tells how many")
    func templates() async throws {
        let server = try await ScriptedServer { target in
            switch target {
            case "/robots.txt": .page("", status: "404 Not Found")
            case "/":
                .page((1...5).map { "<a href=/item/\($0)>x</a>" }.joined(), headers: Self.good)
            default: .page("<p>\(target) 10.0.0.1</p>", headers: Self.good)
            }
        }
        let report = try await scan(server)
        #expect(report.summary.findings.map(\.rule) == ["site.2"])
        let finding = try #require(report.summary.findings.first)
        #expect(finding.location.address.hasSuffix("/item/1"))
        #expect(report.details.occurrences[finding.fingerprint]?.pages == 5)
        #expect(report.details.pages.count { $0.rules == [2] } == 5)
    }

    @Test("what the whole site has is one finding of the site")
    func systemic() async throws {
        let names = (0..<15).map { String(UnicodeScalar(UInt8(97 + $0))) }
        let server = try await ScriptedServer { target in
            switch target {
            case "/robots.txt": .page("", status: "404 Not Found")
            case "/": .page(names.map { "<a href=/\($0)>x</a>" }.joined(), headers: Self.good + "X-Powered-By: PHP\r\n")
            default: .page("<p>x</p>", headers: Self.good + "X-Powered-By: PHP\r\n")
            }
        }
        let report = try await scan(server)
        #expect(report.summary.findings.map(\.rule) == ["site.10037"])
        #expect(report.summary.findings.first?.location.address.hasSuffix("/") == true)
        #expect(report.details.occurrences.values.map(\.pages) == [16])
    }

    @Test("scripts of the site are fetched where libraries are looked for, and only there")
    func libraries() async throws {
        let file =
            #"{"lib":{"vulnerabilities":[{"below":"2","severity":"high"}],"extractors":{"filecontent":["lib v(§§version§§)"]}}}"#
        for isWanted in [true, false] {
            let server = try await ScriptedServer { target in
                switch target {
                case "/robots.txt": .page("", status: "404 Not Found")
                case "/": .page("<script src=/l.js></script>", headers: Self.good)
                default:
                    .page(
                        "/* lib v1.2 */",
                        headers: "Content-Type: text/javascript\r\nX-Content-Type-Options: nosniff\r\n")
                }
            }
            let report = try await scan(server, libraries: isWanted ? try KnownLibraries(Array(file.utf8)) : nil)
            #expect(report.summary.findings.map(\.rule) == (isWanted ? ["site.10003"] : []))
            #expect(targets(server).contains("/l.js") == isWanted)
        }
    }

    private static let good = SamplePageHeaders.text
}

private enum SamplePageHeaders {
    static let text =
        "Content-Type: text/html\r\nContent-Security-Policy: default-src 'self'; frame-ancestors 'none'\r\nX-Content-Type-Options: nosniff\r\n"
}
