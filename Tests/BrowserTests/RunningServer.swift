import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// The built program, serving an installation of its own on loopback.
struct RunningServer: Sendable {
    let base: String
    let data: URL
    /// The set-up links, by the organisation's name in addresses.
    let setUpLinks: [String: String]
    private let program: URL
    private let folder: URL
    private let process: ChildProcess
    private let client: HTTPClient

    /// What a plain HTTP client got.
    struct Reply: Sendable {
        let status: Int
        let headers: Headers
        let body: String
    }

    /// Every value that a header has, by its name in any case.
    struct Headers: Sendable {
        fileprivate let fields: HTTPHeaders
        subscript(name: String) -> [String] { fields[name] }
    }

    /// Makes an installation in `folder` with the packs of the project, and serves it on a free port.
    init(_ program: URL, in folder: URL, client: HTTPClient) async throws {
        self.program = program
        self.folder = folder
        self.client = client
        data = folder.appending(path: "data")
        let project = Checkout.root
        let packs = ["packs/metadrop.yaml", "packs/metrix.yaml", "examples/policy.yaml"]
            .flatMap { ["--pack", project.appending(path: $0).path] }
        let text = ["--text", project.appending(path: "examples/policy.md").path]
        for arguments in [["Hazelbrook Maps"] + packs + text, ["Second Door"], ["Third Door"]] {
            let made = try ChildProcess(
                program, ["init", "--data", data.path, "--organisation"] + arguments, in: folder)
            guard await made.status() == 0 else { throw Unmet(what: "vouchsafe init failed: \(made.said)") }
        }
        process = try ChildProcess(
            program, ["serve", "--data", data.path, "--listen", "127.0.0.1:0", "--loopback-providers"], in: folder)
        do {
            // The port is the system's choice, and the last line comes when every check has run once.
            base = try await process.says(/listens on (https:\S+)/)
            _ = try await process.says(/(Serving\. Stop with Ctrl-C)/)
        } catch {
            await process.end()
            throw error
        }
        let lines = process.said.split(separator: "\n")
        var links: [String: String] = [:]
        for (trust, setUp) in zip(lines, lines.dropFirst()) {
            if let slug = trust.firstMatch(of: /\/trust\/(\S+)/)?.1, let path = setUp.firstMatch(of: /\/set-up\/\S+/)?.0
            {
                links[String(slug)] = String(path)
            }
        }
        setUpLinks = links
    }

    func end() async { await process.end() }

    /// Everything that it has said, its log among it.
    var said: String { process.said }

    /// Runs another command of the program on the same installation, in a process of its own.
    func command(_ arguments: [String]) async throws -> (status: Int32, said: String) {
        let process = try ChildProcess(program, arguments, in: folder)
        return (await process.status(), process.said)
    }

    /// The path of a link that helps the stage's owner back into their account; it is only looked at.
    func recoveryLink() async throws -> String {
        let (_, said) = try await command([
            "people", "recover", Stage.email, "--reason", "a look at the page", "--data", data.path, "--organisation",
            "hazelbrook-maps",
        ])
        guard let link = said.firstMatch(of: /\/recover\/\S+/)?.0 else {
            throw Unmet(what: "No recovery link was made: \(said)")
        }
        return String(link)
    }

    /// Makes a service account, to be looked at.
    func makeServiceAccount() async throws {
        let (status, said) = try await command([
            "service-accounts", "make", "pipeline", "--purpose", "Pushes scan results", "--permission",
            "commitments.read", "--data", data.path, "--organisation", "hazelbrook-maps",
        ])
        guard status == 0 else { throw Unmet(what: "No service account was made: \(said)") }
    }

    /// Registers this server as a site of its own, unless it is, and scans it.
    func makeScannedSite() async throws {
        let place = ["--data", data.path, "--organisation", "hazelbrook-maps"]
        let (added, words) = try await command(
            ["sites", "add", base, "--internal", "--kind", "web", "--kind", "tls"] + place)
        if words.contains("registered already") { return }
        guard added == 0 else { throw Unmet(what: "No site was registered: \(words)") }
        let (status, said) = try await command(["sites", "scan", base] + place)
        guard status == 0 else { throw Unmet(what: "The site was not scanned: \(said)") }
    }

    // MARK: - Without a browser

    func get(_ path: String, cookie: String? = nil, headers: [(String, String)] = []) async throws -> Reply {
        try await send(.GET, path, cookie: cookie, headers: headers, form: nil)
    }

    func post(
        _ path: String, _ form: String, cookie: String? = nil, headers: [(String, String)] = []
    ) async throws -> Reply {
        try await send(.POST, path, cookie: cookie, headers: headers, form: form)
    }

    private func send(
        _ method: HTTPMethod, _ path: String, cookie: String?, headers: [(String, String)], form: String?
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.headers.add(contentsOf: headers)
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        if let form {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        let body = try await response.body.collect(upTo: 64 << 20)
        return Reply(
            status: Int(response.status.code), headers: Headers(fields: response.headers), body: String(buffer: body))
    }
}
