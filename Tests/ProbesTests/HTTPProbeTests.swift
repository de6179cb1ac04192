import Kernel
import NIOCore
import Synchronization
import TestSupport
import Testing
import WebPosture

@testable import Probes

private func repeated(_ text: String) -> [UInt8] { Array(String(repeating: text, count: 1000).utf8) }

@Suite("HTTP probe")
struct HTTPProbeTests {
    private static func ask(
        _ answer: ScriptedServer.Answer, method: WebRequest.Method = .get, headers: HeaderFields = [],
        limits: HTTPLimits = HTTPLimits(), within time: Duration = .seconds(60)
    ) async throws -> WebResponse {
        let server = try await ScriptedServer { _ in answer }
        let probe = try HTTPProbe(userAgent: "Test/1", limits: limits)
        let address = try #require(WebAddress("http://127.0.0.1:\(server.port)/"))
        do {
            let response = try await probe.answer(
                to: WebRequest(address, method: method, headers: headers), reach: .internalAddresses, within: time)
            try await server.stop()
            return response
        } catch {
            try await server.stop()
            throw error
        }
    }

    @Test("an answer keeps its fields in order, each by itself, and its body")
    func answer() async throws {
        let response = try await Self.ask(
            .text("HTTP/1.1 203 Fine\r\nSet-Cookie: a=1\r\nX-B: 2\r\nset-cookie: c=3\r\nContent-Length: 5\r\n\r\nhello")
        )
        #expect(response.status == 203)
        #expect(response.headers["Set-Cookie"] == ["a=1", "c=3"])
        #expect(response.headers.fields.map(\.name) == ["Set-Cookie", "X-B", "set-cookie", "Content-Length"])
        #expect(response.body == Array("hello".utf8))
        #expect(response.cut == nil)
        #expect(response.version == "1.1")
        #expect(response.certificate == nil)
        #expect(response.peer == "127.0.0.1")
    }

    @Test("what is sent is what was asked for, and who asks")
    func sent() async throws {
        let server = try await ScriptedServer { _ in .page("") }
        let probe = try HTTPProbe(userAgent: "Test/1")
        let address = try #require(WebAddress("http://127.0.0.1:\(server.port)/a%20b?c=d"))
        _ = try await probe.answer(
            to: WebRequest(
                address, method: .head, headers: [("Cookie", "a=b"), ("Host", "evil"), ("Content-Length", "7")]),
            reach: .internalAddresses, within: .seconds(60))
        let lines = try #require(server.texts.first).split(separator: "\r\n").map(String.init)
        #expect(lines.first == "HEAD /a%20b?c=d HTTP/1.1")
        #expect(
            Set(lines.dropFirst()) == [
                "Host: 127.0.0.1:\(server.port)", "User-Agent: Test/1", "Accept: */*", "Accept-Encoding: gzip, deflate",
                "Cookie: a=b", "Connection: close",
            ])
        try await server.stop()
    }

    @Test(
        "a body that is not whole says so, and what came of it is kept",
        arguments: [
            // It promises more than it sends.
            (.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"), "hello", .connection),
            (.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), "hello", .connection),
            (.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"), "hello", .connection),
            // It sends more than it promised.
            (.text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more"), "hello", nil),
            // It says nothing of the length, and ends.
            (.text("HTTP/1.0 200 OK\r\n\r\nhello"), "hello", nil),
            (.halfClosed(after: Array("HTTP/1.1 200 OK\r\n\r\nhello".utf8)), "hello", nil),
            (.text("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"), "", .encoding),
            (.text("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "hi", nil),
        ] as [(ScriptedServer.Answer, String, WebResponse.Cut?)])
    func bodies(answer: ScriptedServer.Answer, body: String, cut: WebResponse.Cut?) async throws {
        let response = try await Self.ask(answer)
        #expect(String(decoding: response.body, as: UTF8.self) == body)
        #expect(response.cut == cut)
        #expect(response.status == 200)
    }

    @Test(
        "what is no answer is told apart",
        arguments: [
            (.text("SSH-2.0-OpenSSH_9.2\r\n"), "probe.not-http"), (.text(""), "probe.closed"),
            (.text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"), "probe.not-http"),
            (.halfClosed(after: []), "probe.closed"),
            (
                .text("HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 300 << 10) + "\r\n\r\n"),
                "probe.headers-too-large"
            ),
            (
                .text("HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 50_000) + "\r\n"),
                "probe.headers-too-large"
            ),
            (
                .endless(after: Array("HTTP/1.1 200 ".utf8), piece: [UInt8](repeating: 0x61, count: 4096)),
                "probe.headers-too-large"
            ),
            (
                .endless(after: Array("HTTP/1.1 200 OK\r\n".utf8), piece: repeated("X-A: b\r\n")),
                "probe.headers-too-large"
            ),
            (.endless(after: [], piece: repeated("HTTP/1.1 100 Continue\r\n\r\n")), "probe.headers-too-large"),
        ] as [(ScriptedServer.Answer, String)])
    func refused(answer: ScriptedServer.Answer, code: String) async throws {
        let problem = await #expect(throws: Problem.self) { try await Self.ask(answer) }
        #expect(problem?.code == code)
    }

    @Test(
        "a server that hangs costs its time and no more",
        arguments: [ScriptedServer.Answer.silence(after: []), .silence(after: Array("HTTP/1.1 200 OK\r\nX-A".utf8))])
    func hanging(answer: ScriptedServer.Answer) async throws {
        let problem = await #expect(throws: Problem.self) { try await Self.ask(answer, within: .milliseconds(200)) }
        #expect(problem?.code == "probe.timed-out")
    }

    @Test("what came before the time was over is kept")
    func late() async throws {
        let response = try await Self.ask(
            .silence(after: Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello".utf8)), within: .seconds(8))
        #expect(response.cut == .deadline)
        #expect(response.body == Array("hello".utf8))
    }

    @Test("a body without an end is cut at its limit")
    func endless() async throws {
        let response = try await Self.ask(
            .endless(after: Array("HTTP/1.1 200 OK\r\n\r\n".utf8), piece: [UInt8](repeating: 0x61, count: 8192)),
            limits: HTTPLimits(body: 100_000))
        #expect(response.cut == WebResponse.Cut.limit)
        #expect(response.body.count == 100_000)
    }

    @Test("an answer to HEAD has no body, whatever length it tells")
    func head() async throws {
        let response = try await Self.ask(.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"), method: .head)
        #expect(response.body.isEmpty)
        #expect(response.cut == nil)
    }

    @Test("a header field that would begin another is not sent")
    func injection() async throws {
        let problem = await #expect(throws: Problem.self) {
            try await Self.ask(.page(""), headers: [("X-A", "b\r\nX-C: d")])
        }
        #expect(problem?.code == "probe.request")
    }

    @Test("where nobody listens there is no answer")
    func nobody() async throws {
        let closed = try ClosedPort()
        let probe = try HTTPProbe(userAgent: "Test/1")
        let address = try #require(WebAddress("http://127.0.0.1:\(closed.number)/"))
        let problem = await #expect(throws: Problem.self) {
            try await probe.answer(to: WebRequest(address), reach: .internalAddresses, within: .seconds(60))
        }
        #expect(problem?.code == "probe.unreachable")
    }

    @Test("a name that nobody answers for does not outlast the deadline")
    func unresolved() async throws {
        let (waiting, never) = AsyncStream<Never>.makeStream()
        let probe = try HTTPProbe(
            userAgent: "Test/1",
            resolver: Resolver { _, _ in
                for await _ in waiting {}; return []
            })
        let address = try #require(WebAddress("http://example.com/"))
        let problem = await #expect(throws: Problem.self) {
            try await probe.answer(to: WebRequest(address), reach: .publicAddresses, within: .milliseconds(100))
        }
        #expect(problem?.code == "probe.timed-out")
        never.finish()
    }

    @Test("a probe that is stopped stops")
    func cancelled() async throws {
        let server = try await ScriptedServer { _ in .silence(after: []) }
        let probe = try HTTPProbe(userAgent: "Test/1")
        let address = try #require(WebAddress("http://127.0.0.1:\(server.port)/"))
        let task = Task {
            try await probe.answer(to: WebRequest(address), reach: .internalAddresses, within: .seconds(60))
        }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        try await server.stop()
    }

    @Test("the first address that answers is taken, and each only if the scan may go there")
    func addresses() async throws {
        let server = try await ScriptedServer { _ in .page("hello") }
        let dead = try ClosedPort()
        let resolver = Resolver { _, _ in
            [
                try SocketAddress(ipAddress: "169.254.169.254", port: 80),
                try SocketAddress(ipAddress: "127.0.0.1", port: dead.number),
                try SocketAddress(ipAddress: "127.0.0.1", port: server.port),
            ]
        }
        let probe = try HTTPProbe(userAgent: "Test/1", resolver: resolver)
        let address = try #require(WebAddress("http://example.com/"))
        let response = try await probe.answer(to: WebRequest(address), reach: .internalAddresses, within: .seconds(60))
        #expect(response.status == 200)
        let problem = await #expect(throws: Problem.self) {
            try await probe.answer(to: WebRequest(address), reach: .publicAddresses, within: .seconds(60))
        }
        #expect(problem?.code == "probe.private-address")
        try await server.stop()
    }
}
