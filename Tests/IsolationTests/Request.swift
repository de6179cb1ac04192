import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import NIOEmbedded
import Routing
import StoreSupport

@testable import App
@testable import Identity

/// What a server answered.
struct Reply: Sendable {
    let status: Int
    let location: String?
    let challenge: String?
    let body: String
}

/// Asks a world's server as its callers do.
struct Asking {
    let world: World
    private let responder: RouterResponder<ServerContext>

    init(_ world: World) throws {
        self.world = world
        responder = try world.server.router().buildResponder()
    }

    /// - Parameters:
    ///   - path: The path with its query.
    ///   - body: What is sent; a form gets its token by itself.
    ///   - most: After how many pieces of the body to stop reading.
    func ask(
        _ method: Route.Method, _ path: String, as asker: Asker, from organisation: Inhabitants, body: Body = .none,
        readingAtMost most: Int = .max
    ) async throws -> Reply {
        var headers = HTTPFields()
        headers[.secFetchSite] = "same-origin"
        let formToken = try await identify(asker, of: organisation, in: &headers)
        let bytes: String
        switch body {
        case .none:
            bytes = "csrf=\(formToken)"
            headers[.contentType] = "application/x-www-form-urlencoded"
        case .form(let fields):
            bytes = (["csrf=\(formToken)"] + fields.map { "\($0.0)=\(Self.escaped($0.1))" }).joined(separator: "&")
            headers[.contentType] = "application/x-www-form-urlencoded"
        case .json(let text):
            bytes = text
            headers[.contentType] = "application/json"
            if !asker.isProgram { headers[.formToken] = formToken }
        }
        let request = Request(
            head: HTTPRequest(
                method: HTTPRequest.Method(method.rawValue) ?? .get, scheme: "https", authority: "localhost",
                path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: method == .get ? "" : bytes)))
        var logger = world.log.logger
        logger[metadataKey: "hb.request.id"] = "request"
        let context = ServerContext(
            source: ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: logger))
        let response = try await responder.respond(to: request, context: context)
        let collected = Collected(most: most)
        do {
            try await response.body.write(collected)
        } catch is Enough {}
        return Reply(
            status: response.status.code, location: response.headers[.location],
            challenge: response.headers[.wwwAuthenticate], body: collected.text)
    }

    enum Body: Sendable {
        case none
        case form([(String, String)])
        case json(String)
    }

    /// - Returns: What forms must send back.
    private func identify(
        _ asker: Asker, of organisation: Inhabitants, in headers: inout HTTPFields
    ) async throws -> String {
        let visitors = String(repeating: "5a", count: 32)
        switch asker {
        case .session(let member):
            let session = try await Arrival.session(of: member.account.id, in: organisation.tenant, world.installation)
            headers[.cookie] = "__Host-session=\(session.token)"
            return session.formToken
        case .endedSession(let member):
            let session = try await Arrival.session(
                of: member.account.id, in: organisation.tenant, lasting: .seconds(0), world.installation)
            headers[.cookie] = "__Host-session=\(session.token); __Host-form=\(visitors)"
            return visitors
        case .visitor:
            headers[.cookie] = "__Host-form=\(visitors)"
            return visitors
        case .token(let member): headers[.authorization] = "Bearer \(member.token)"
        case .serviceAccount(let organisation): headers[.authorization] = "Bearer \(organisation.serviceToken)"
        case .revokedToken(let organisation): headers[.authorization] = "Bearer \(organisation.revokedToken)"
        }
        return ""
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private struct Enough: Error {}

    private final class Collected: ResponseBodyWriter {
        private var bytes: [UInt8] = []
        private var left: Int
        init(most: Int) { left = most }
        var text: String { String(decoding: bytes, as: UTF8.self) }

        func write(_ buffer: ByteBuffer) async throws {
            bytes += Array(buffer.readableBytesView)
            left -= 1
            if left <= 0 { throw Enough() }
        }

        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}
