import Kernel
import NIOCore
import Synchronization
import Testing
import WebPosture

@testable import Probes

@Suite("Redirections")
struct RedirectTests {
    private let probe: HTTPProbe

    init() throws { probe = try HTTPProbe(userAgent: "Test/1") }

    private func walk(
        _ server: ScriptedServer, headers: HeaderFields = [], secrets: HeaderFields = []
    ) async throws -> RedirectWalk {
        var jar = CookieJar()
        let address = try #require(WebAddress("http://127.0.0.1:\(server.port)/"))
        let walk = try await probe.walk(
            from: WebRequest(address, headers: headers, secrets: secrets), jar: &jar, reach: .internalAddresses,
            within: .seconds(60))
        try await server.stop()
        return walk
    }

    private static func redirect(to location: String, headers: String = "") -> ScriptedServer.Answer {
        .page("", headers: "Location: \(location)\r\n\(headers)", status: "302 Found")
    }

    @Test("each step is kept with its answer, and cookies go along")
    func steps() async throws {
        let server = try await ScriptedServer { target in
            switch target {
            case "/": Self.redirect(to: "a/b", headers: "Set-Cookie: x=1\r\n")
            case "/a/b": Self.redirect(to: "../c?d")
            default: .page("there")
            }
        }
        let walk = try await walk(server)
        #expect(walk.end == .arrived)
        #expect(walk.steps.map(\.request.address.target) == ["/", "/a/b", "/c?d"])
        #expect(walk.steps.map { $0.request.headers.first("Cookie") } == [nil, "x=1", "x=1"])
    }

    @Test("a circle ends after ten steps")
    func circle() async throws {
        let walk = try await walk(try await ScriptedServer { _ in Self.redirect(to: "/") })
        #expect(walk.end == .tooMany)
        #expect(walk.steps.count == 11)
    }

    @Test("a name and a password in a redirection are left behind, as a browser shows them to nobody")
    func credentials() async throws {
        let other = try await ScriptedServer { _ in .page("there") }
        let port = other.port
        let walk = try await walk(
            try await ScriptedServer { _ in Self.redirect(to: "http://me:secret@127.0.0.1:\(port)/") })
        #expect(walk.end == .arrived)
        #expect(walk.last?.request.address.description == "http://127.0.0.1:\(port)/")
        #expect(walk.last?.request.headers.first("Authorization") == nil)
        try await other.stop()
    }

    @Test("what is no address of the web leads nowhere")
    func nowhere() async throws {
        let walk = try await walk(try await ScriptedServer { _ in Self.redirect(to: "mailto:a@example.com") })
        #expect(walk.end == .nowhere("mailto:a@example.com"))
    }

    @Test("the clouds' secrets are never asked for, not even by a site of the organisation's own network")
    func metadata() async throws {
        let walk = try await walk(try await ScriptedServer { _ in Self.redirect(to: "http://169.254.169.254/latest/") })
        guard case .failed(let address, let problem) = walk.end else { return #expect(Bool(false), "\(walk.end)") }
        #expect(address.host == "169.254.169.254")
        #expect(problem.code == "probe.private-address")
    }

    @Test("secrets stay with the origin that they were given for")
    func secrets() async throws {
        let other = try await ScriptedServer { _ in .page("there") }
        let port = other.port
        let walk = try await walk(
            try await ScriptedServer { _ in Self.redirect(to: "http://127.0.0.1:\(port)/") },
            headers: [("X-Other", "1")], secrets: [("Authorization", "Basic x")])
        #expect(walk.end == .arrived)
        #expect(walk.steps.map { $0.request.secrets.first("Authorization") } == ["Basic x", nil])
        #expect(walk.last?.request.headers.first("X-Other") == "1")
        try await other.stop()
    }

    @Test("a public site that sends inside is not followed, and a name that changes its address is judged anew")
    func rebinding() async throws {
        let answers = Mutex(0)
        let rebinding = Resolver { _, port in
            let count = answers.withLock {
                $0 += 1; return $0
            }
            return [try SocketAddress(ipAddress: count == 1 ? "198.51.100.1" : "127.0.0.1", port: port)]
        }
        #expect(!Reach.publicAddresses.allows(try SocketAddress(ipAddress: "127.0.0.1", port: 1)))
        for expected in ["198.51.100.1", "127.0.0.1"] {
            let problem = await #expect(throws: Problem.self) {
                try await rebinding.destination("example.com", port: 80, reach: .publicAddresses)
            }
            #expect(problem?.code == "probe.private-address", "\(expected)")
        }
    }
}
