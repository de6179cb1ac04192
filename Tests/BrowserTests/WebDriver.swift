import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A browser, driven over the W3C WebDriver protocol.
struct WebDriver: Sendable {
    private let base: String
    private let client: HTTPClient

    /// An element of the page; it ends with the page.
    struct Element: Sendable {
        /// The key under which the protocol sends an element's id (W3C WebDriver §12.1).
        static let key = "element-6066-11e4-a52e-4f735466cecf"
        let id: String
        var json: JSON { .object([Self.key: .text(id)]) }
    }

    /// Starts a headless Chromium behind the chromedriver at `port`.
    init(port: Int, client: HTTPClient) async throws {
        var arguments: [JSON] = ["--headless=new", "--disable-dev-shm-usage", "--lang=en-US"]
        // Chromium's sandbox refuses to run as root.
        if geteuid() == 0 { arguments.append("--no-sandbox") }
        let capabilities: JSON = [
            "alwaysMatch": [
                "acceptInsecureCerts": true,
                "goog:chromeOptions": .object(["args": .list(arguments)]),
                "goog:loggingPrefs": ["browser": "ALL"],
            ]
        ]
        let root = "http://127.0.0.1:\(port)"
        let started = try await Self.send(.POST, root + "/session", ["capabilities": capabilities], client)
        guard let id = started["sessionId"].string else { throw Unmet(what: "The browser did not start: \(started)") }
        base = "\(root)/session/\(id)"
        self.client = client
    }

    func quit() async throws { _ = try await send(.DELETE, "") }

    // MARK: - Pages

    func open(_ address: String) async throws { _ = try await send(.POST, "/url", ["url": .text(address)]) }

    /// The address without scheme, host and port.
    func path() async throws -> String {
        let address = try await send(.GET, "/url").string ?? ""
        return URL(string: address)?.path() ?? ""
    }

    func title() async throws -> String { try await send(.GET, "/title").string ?? "" }

    /// What the page says, as a reader sees it.
    func text() async throws -> String { try await run("return document.body.innerText").string ?? "" }

    /// Runs the body of a function in the page and returns its value.
    func run(_ script: String, _ arguments: JSON...) async throws -> JSON {
        try await send(.POST, "/execute/sync", ["script": .text(script), "args": .list(arguments)])
    }

    /// What the browser has logged since it was last asked, warnings and errors only.
    func complaints() async throws -> [String] {
        try await send(.POST, "/se/log", ["type": "browser"]).elements
            .filter { ["WARNING", "SEVERE"].contains($0["level"].string ?? "") }
            .compactMap { $0["message"].string }
    }

    /// Gives a command of the Chrome DevTools Protocol.
    func command(_ name: String, _ parameters: JSON = [:]) async throws {
        _ = try await send(.POST, "/goog/cdp/execute", ["cmd": .text(name), "params": parameters])
    }

    /// Makes the window this wide, in CSS pixels.
    func widen(to width: Int) async throws {
        try await command(
            "Emulation.setDeviceMetricsOverride",
            ["width": .number(Double(width)), "height": 800, "deviceScaleFactor": 1, "mobile": .bool(width < 600)])
    }

    // MARK: - Elements

    /// The first element that the CSS selector finds.
    func find(_ selector: String) async throws -> Element {
        let found = try await send(.POST, "/element", ["using": "css selector", "value": .text(selector)])
        guard let id = found[Element.key].string else { throw Unmet(what: "Not on the page: \(selector)") }
        return Element(id: id)
    }

    func text(of selector: String) async throws -> String {
        try await send(.GET, "/element/\(try await find(selector).id)/text").string ?? ""
    }

    /// Clicks, and waits for the page that this may load.
    func click(_ selector: String) async throws {
        // The driver waits for a page that has begun to come; a form's answer may take its time before it does.
        let sends = try await run(
            """
            const clicked = document.querySelector(arguments[0]);
            const sends = clicked?.type === "submit" && (clicked.form?.noValidate || clicked.form?.checkValidity());
            if (sends) document.documentElement.dataset.before = "";
            return Boolean(sends);
            """, .text(selector))
        _ = try await send(.POST, "/element/\(try await find(selector).id)/click", [:])
        guard sends == .bool(true) else { return }
        _ = try await eventually("\(selector) sends its form and the answer is shown") {
            let isThere = try? await run(
                """
                return document.readyState === "complete" && document.documentElement.dataset.before === undefined;
                """)
            return isThere == .bool(true) ? true : nil
        }
    }

    /// Types into a field that is emptied before.
    func type(_ text: String, into selector: String) async throws {
        let element = try await find(selector)
        _ = try await send(.POST, "/element/\(element.id)/clear", [:])
        _ = try await send(.POST, "/element/\(element.id)/value", ["text": .text(text)])
    }

    /// Presses one key, wherever the focus is.
    func press(_ key: String) async throws {
        let strokes: JSON = [["type": "keyDown", "value": .text(key)], ["type": "keyUp", "value": .text(key)]]
        _ = try await send(
            .POST, "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": strokes]]])
    }

    // MARK: - Cookies

    func cookies() async throws -> [JSON] { try await send(.GET, "/cookie").elements }

    func add(cookie: JSON) async throws { _ = try await send(.POST, "/cookie", ["cookie": cookie]) }

    func deleteCookies() async throws { _ = try await send(.DELETE, "/cookie") }

    // MARK: - Passkeys

    /// Plugs in an authenticator that verifies its holder and always agrees (WebAuthn §11.3).
    ///
    /// - Returns: Its name, to take it out again.
    func addAuthenticator() async throws -> String {
        let added = try await send(
            .POST, "/webauthn/authenticator",
            [
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
                "isUserConsenting": true, "isUserVerified": true,
            ])
        return added.string ?? ""
    }

    func removeAuthenticator(_ name: String) async throws {
        _ = try await send(.DELETE, "/webauthn/authenticator/\(name)")
    }

    // MARK: - Protocol

    private func send(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil) async throws -> JSON {
        try await Self.send(method, base + path, body, client)
    }

    private static func send(
        _ method: HTTPMethod, _ address: String, _ body: JSON?, _ client: HTTPClient
    ) async throws -> JSON {
        var request = HTTPClientRequest(url: address)
        request.method = method
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: try body.bytes))
        }
        let response = try await client.execute(request, timeout: .seconds(90))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        let value = try JSON(parsing: bytes.readableBytesView)["value"]
        guard response.status == .ok else {
            throw Unmet(what: "\(value["error"].string ?? "error"): \(value["message"].string ?? "")")
        }
        return value
    }
}
