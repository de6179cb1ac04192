import AsyncHTTPClient
import Foundation
import Kernel
import Ledger
import NIOCore
import NIOHTTP1
import NIOSSL

/// Speaks HTTP to other people's machines: bounded in time and size, and following no redirect.
struct OutsideClient: Sendable {
    private let client: HTTPClient

    /// How long one answer may take as a whole.
    private static let patience = TimeAmount.seconds(15)

    /// - Parameter authorities: A PEM file of the only certificates to trust; `nil` for those of the system.
    /// - Throws: `Problem` `tls.certificate` if the file cannot be used.
    init(authorities: String? = nil) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let authorities {
            tls = try TrustedCertificates.configuration(trusting: TrustedCertificates(reading: authorities).pem)
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(10)))
        configuration.httpVersion = .http1Only
        client = HTTPClient(configuration: configuration)
    }

    /// What is at `address`.
    ///
    /// - Parameter limit: The most bytes that make sense; what is longer is cut off somewhere behind them.
    /// - Throws: `Problem`: notFound for 404 and 410, `outside.unreachable` (unavailable) for every other failure.
    func get(_ address: String, limit: Int) async throws -> [UInt8] {
        let answer = try await send(HTTPClientRequest(url: address), limit: limit)
        switch answer.status {
        case 200: return answer.body
        case 404, 410: throw Problem(.notFound, code: "outside.not-found", "There is nothing at \(address).")
        default: throw Self.unreachable(address, "it answers with the status \(answer.status)")
        }
    }

    /// What a witness answers to `body`, whatever its status.
    ///
    /// - Parameter certificates: The only ones to trust, in PEM; `nil` for what this client trusts.
    /// - Throws: `Problem` `outside.unreachable` (unavailable).
    func post(
        _ body: [UInt8], to address: String, limit: Int, trusting certificates: String? = nil
    ) async throws -> WitnessAnswer {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
        request.tlsConfiguration = try certificates.map { try TrustedCertificates.configuration(trusting: $0) }
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await send(request, limit: limit)
    }

    /// What is answered to a form, whatever its status.
    ///
    /// - Parameter authorization: What stands in the header of that name, if anything.
    /// - Throws: `Problem` `outside.unreachable` (unavailable).
    func post(
        form: [UInt8], to address: String, authorization: String?, limit: Int
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "Accept", value: "application/json")
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(bytes: form))
        let answer = try await send(request, limit: limit)
        return (answer.status, answer.body)
    }

    private func send(_ request: HTTPClientRequest, limit: Int) async throws -> WitnessAnswer {
        do {
            let response = try await client.execute(request, timeout: Self.patience)
            var body: [UInt8] = []
            for try await piece in response.body {
                body += piece.readableBytesView
                if body.count > limit { break }
            }
            return WitnessAnswer(
                status: Int(response.status.code), contentType: response.headers.first(name: "Content-Type") ?? "",
                body: body)
        } catch let cancelled as CancellationError {
            throw cancelled
        } catch {
            throw Self.unreachable(request.url, "no answer came", cause: error)
        }
    }

    /// Closes its connections; nothing may be asked afterwards.
    func close() async { try? await client.shutdown() }

    private static func unreachable(_ address: String, _ reason: String, cause: (any Error)? = nil) -> Problem {
        Problem(
            .unavailable, code: "outside.unreachable", "\(address) cannot be read: \(reason).",
            hint: "Check the address and the network, and whether its certificate is one to trust.",
            cause: cause.map { "\($0)" })
    }
}
