import Kernel
import NIOCore
import ScanResults
import Testing
import WebPosture

@testable import Probes

@Suite("Many sites at once")
struct ManySitesTests {
    @Test("they share one probe; one that hangs costs its own time and none of the others'")
    func together() async throws {
        let count = 100
        let server = try await ScriptedServer { target in
            switch target {
            case "/robots.txt": .page("", status: "404 Not Found")
            case "/": .page((0..<4).map { "<a href=/page\("abcd".dropFirst($0).prefix(1))>x</a>" }.joined())
            default: .page("<p>\(target) and 10.0.0.1</p>")
            }
        }
        let hanging = try await ScriptedServer { _ in .silence(after: []) }
        let probe = try HTTPProbe(
            userAgent: "Test/1",
            resolver: Resolver { host, _ in
                let port = host.hasPrefix("hanging") ? hanging.port : server.port
                return [try .init(ipAddress: "127.0.0.1", port: port)]
            })
        let crawl = SiteCrawl(probe)
        let pages = await withTaskGroup(of: Int.self) { group in
            for index in 0..<count {
                let name = index.isMultiple(of: 20) ? "hanging\(index)" : "site\(index)"
                group.addTask {
                    guard let address = WebAddress("http://\(name).example/") else { return -1 }
                    let report = try? await crawl.scan(
                        address,
                        SiteCrawl.Manner(
                            reach: .internalAddresses, pace: .zero, requestTime: .seconds(name.hasPrefix("h") ? 1 : 60))
                    )
                    return report?.details.pages.count ?? -1
                }
            }
            return await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(pages.count { $0 == 5 } == 95)
        #expect(pages.count { $0 <= 0 } == 5, "a site whose robots.txt does not come is left alone")
        try await server.stop()
        try await hanging.stop()
    }
}
