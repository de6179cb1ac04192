import AsyncHTTPClient
import Foundation
import NIOSSL
import Testing

/// Where the project lies, and what the tests need beside it.
enum Checkout {
    /// The folder that holds the manifest, found from this file upwards.
    static let root: URL = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path)
        {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// The built program; `VOUCHSAFE_BINARY` names another one.
    static let program: URL = {
        let other = ProcessInfo.processInfo.environment["VOUCHSAFE_BINARY"]
        return other.map { URL(filePath: $0) } ?? root.appending(path: ".build/debug/vouchsafe")
    }()

    static let chromedriver: URL? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { URL(filePath: String($0)).appending(path: "chromedriver") }
        .first { FileManager.default.isExecutableFile(atPath: $0.path) }

    static var hasProgram: Bool { FileManager.default.isExecutableFile(atPath: program.path) }
}

/// One server, one browser and the owner who has signed in, for the whole suite.
struct Stage: Sendable {
    static let name = "Mira Hazel"
    static let email = "mira@hazelbrook.example"
    static let password = "walking by the brook in may"
    static let trustPage = "/trust/hazelbrook-maps"
    static let policy = "hazelbrook-security"

    @TaskLocal static var current: Stage?

    let server: RunningServer
    let browser: WebDriver
    /// Where the browser puts what it downloads.
    let downloads: URL
    /// The owner's session, as the browser was given it.
    let session: JSON

    /// The stage of the suite that runs.
    static func now() throws -> Stage {
        guard let current else { throw Unmet(what: "The test stands outside the suite that starts the server.") }
        return current
    }

    var cookie: String { "__Host-session=\(session["value"].string ?? "")" }

    // MARK: - Signed in, signed out

    /// Opens a page as nobody.
    func openSignedOut(_ path: String) async throws {
        try await browser.open(server.base + "/health/live")
        try await browser.deleteCookies()
        try await browser.open(server.base + path)
    }

    /// Opens a page as the owner.
    func open(_ path: String) async throws {
        try await openSignedOut("/health/live")
        try await browser.add(cookie: session)
        try await browser.open(server.base + path)
    }

    /// Fills the sign-in form and sends it.
    func signIn(email: String = Stage.email, password: String = Stage.password) async throws {
        try await browser.type(email, into: "[name=email]")
        try await browser.type(password, into: "[name=password]")
        try await browser.click("main form button[type=submit]")
    }
}

/// Starts server and browser before the suite, and ends both after it, whatever happened.
struct StageTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vouchsafe-browser-\(UUID().uuidString)")
        let downloads = folder.appending(path: "downloads")
        try FileManager.default.createDirectory(at: downloads, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var tls = TLSConfiguration.makeClientConfiguration()
        // The certificate is self-made; the connection does not leave this machine.
        tls.certificateVerification = .none
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        let client = HTTPClient(configuration: configuration)
        do {
            try await play(in: folder, downloads: downloads, client: client, function)
            try await client.shutdown()
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func play(
        in folder: URL, downloads: URL, client: HTTPClient, _ function: @Sendable () async throws -> Void
    ) async throws {
        guard let chromedriver = Checkout.chromedriver else { throw Unmet(what: "chromedriver is not installed.") }
        let server = try await RunningServer(Checkout.program, in: folder, client: client)
        let ended = await result {
            let driver = try ChildProcess(chromedriver, ["--port=0"], in: folder)
            let ended = await result {
                let port = try await driver.says(/started successfully on port (\d+)/)
                let browser = try await WebDriver(port: Int(port) ?? 0, client: client)
                let ended = await result {
                    let stage = try await Self.enter(server, browser, downloads: downloads)
                    try await Stage.$current.withValue(stage) { try await function() }
                }
                try await browser.quit()
                try ended.get()
            }
            await driver.end()
            try ended.get()
        }
        await server.end()
        try ended.get()
    }

    private func result(_ work: () async throws -> Void) async -> Result<Void, any Error> {
        do { return .success(try await work()) } catch { return .failure(error) }
    }

    /// Makes the owner's account through the set-up form, as a person would.
    private static func enter(_ server: RunningServer, _ browser: WebDriver, downloads: URL) async throws -> Stage {
        guard let link = server.setUpLinks["hazelbrook-maps"] else {
            throw Unmet(what: "No set-up link: \(server.said)")
        }
        try await browser.command(
            "Browser.setDownloadBehavior", ["behavior": "allow", "downloadPath": .text(downloads.path)])
        try await browser.widen(to: 1280)
        try await browser.open(server.base + link)
        try await browser.type(Stage.name, into: "[name=name]")
        try await browser.type(Stage.email, into: "[name=email]")
        try await browser.type(Stage.password, into: "[name=password]")
        try await browser.click("main form button[type=submit]")
        let session = try await browser.cookies().first { $0["name"].string == "__Host-session" }
        guard let session else { throw Unmet(what: "The set-up form gave no session: \(try await browser.text())") }
        // Without a domain, as the prefix __Host- demands (RFC 6265bis §4.1.3.2).
        let own = session.members.filter {
            ["name", "value", "path", "secure", "httpOnly", "sameSite"].contains($0.key)
        }
        return Stage(server: server, browser: browser, downloads: downloads, session: .object(own))
    }
}

/// Everything that needs the built program and a real browser.
@Suite(
    .serialized,
    .enabled(if: Checkout.chromedriver != nil, "chromedriver is not installed; scripts/test installs it"),
    .enabled(if: Checkout.hasProgram, "build the program first: swift build --product vouchsafe"),
    StageTrait())
struct BrowserSuite {}
