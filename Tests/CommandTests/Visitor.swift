import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

/// Somebody who has signed in, and stays so wherever the server runs next.
struct Visitor: Sendable {
    /// What the server said to a request.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: String

        /// The code of a refusal (RFC 9457, `application/problem+json`).
        var code: String {
            let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            return object?["code"] as? String ?? "\(status)"
        }
    }

    static let name = "Wilhelmina Quillfeather"
    static let email = "wilhelmina@quillfeather.example"
    static let password = "three geese over the quiet weir"

    let session: String
    let formToken: String

    /// Makes the owner's account through the link that the server prints at its start, as a person does.
    init(
        ownerOf server: RunningServer, name: String = Self.name, email: String = Self.email,
        through client: HTTPClient
    ) async throws {
        let line = try #require(try server.wait(for: "Set up its owner").last)
        let link = try #require(line.range(of: "/set-up/").map { String(line[$0.lowerBound...]) })
        try await self.init(at: server.address, entering: link, name: name, email: email, through: client)
    }

    /// Joins through a link, as a person does.
    init(
        at address: String, entering link: String, name: String, email: String, through client: HTTPClient
    ) async throws {
        let entered = try await Self.fillIn(
            address + link, [("name", name), ("email", email), ("password", Self.password)], through: client)
        session = try #require(Self.cookie("__Host-session", of: entered), "\(entered.status) \(entered.body)")
        let overview = try await Self.send(.GET, address + "/", [("Cookie", session)], nil, through: client)
        formToken = try #require(Self.formToken(in: overview.body))
    }

    /// Opens a form that is there for everyone, fills it in and sends it.
    static func fillIn(
        _ address: String, _ fields: [(name: String, value: String)], through client: HTTPClient
    ) async throws -> Answer {
        let form = try await send(.GET, address, [], nil, through: client)
        let token = try #require(formToken(in: form.body))
        let visitor = try #require(cookie("__Host-form", of: form))
        let body = ([("csrf", token)] + fields)
            .map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
        return try await send(
            .POST, address, [("Cookie", visitor), ("Content-Type", "application/x-www-form-urlencoded")] + ownPage,
            body.joined(separator: "&"), through: client)
    }

    func get(_ address: String, through client: HTTPClient) async throws -> Answer {
        try await Self.send(.GET, address, [("Cookie", session)], nil, through: client)
    }

    /// Sends JSON, as a program does.
    func post(_ address: String, _ body: [String: Any], through client: HTTPClient) async throws -> Answer {
        let json = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        return try await Self.send(
            .POST, address,
            [("Cookie", session), ("X-Form-Token", formToken), ("Content-Type", "application/json")] + Self.ownPage,
            json, through: client)
    }

    /// A client for servers whose certificate is of their own making.
    static func withClient<T>(_ work: (HTTPClient) async throws -> T) async throws -> T {
        var configuration = HTTPClient.Configuration(
            certificateVerification: .none, redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        let client = HTTPClient(configuration: configuration)
        do {
            let result = try await work(client)
            try await client.shutdown()
            return result
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    static let ownPage = [("Sec-Fetch-Site", "same-origin")]

    private static func formToken(in page: String) -> String? {
        page.firstMatch(of: /name="csrf" value="([^"]+)"/).map { String($0.1) }
    }

    private static func cookie(_ name: String, of answer: Answer) -> String? {
        answer.headers["set-cookie"].first { $0.hasPrefix("\(name)=") }?.split(separator: ";").first.map(String.init)
    }

    static func send(
        _ method: HTTPMethod, _ address: String, _ headers: [(String, String)], _ body: String?,
        through client: HTTPClient
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address)
        request.method = method
        request.headers = HTTPHeaders(headers)
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: .seconds(60))
        let read = try await response.body.collect(upTo: 8 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: String(buffer: read))
    }
}
