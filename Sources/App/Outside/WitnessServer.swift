import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTLS
import Kernel
import Ledger
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The witness: a small process for another machine than the log's, which remembers what it saw and cosigns what
/// continues it (c2sp.org/tlog-witness).
public struct WitnessServer: Sendable {
    private let state: WitnessState
    private let logs: [WitnessedLog]
    private let clock: WallClock
    private let logger: Logger

    /// A witness of `logs`, with what it keeps in `state`.
    public init(_ state: WitnessState, logs: [WitnessedLog], clock: WallClock = .system, logger: Logger) {
        self.state = state
        self.logs = logs
        self.clock = clock
        self.logger = logger
    }

    /// Serves until told to stop.
    ///
    /// - Parameters:
    ///   - certificate: What to identify itself with; `nil` for plain HTTP, which is safe because every word of it is
    ///     signed, and which belongs behind a proxy or on loopback.
    ///   - started: Called once with the address that is listened on.
    /// - Throws: `Problem` `listen.failed` if the address cannot be listened on.
    public func run(
        host: String, port: Int, certificate: CertificateFiles?,
        started: @escaping @Sendable (_ address: String) async -> Void
    ) async throws {
        let scheme = certificate == nil ? "http" : "https"
        let tls = try certificate.map { try ServerCertificate($0).configuration() }
        let application = Application(
            router: router(),
            server: try tls.map {
                try .tls(.http1(configuration: .init(idleTimeout: .seconds(60))), tlsConfiguration: $0)
            }
                ?? .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                let name = host.contains(":") ? "[\(host)]" : host
                await started("\(scheme)://\(name):\(channel.localAddress?.port ?? port)")
            }, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: application)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch let error as IOError {
            throw Problem(
                .unavailable, code: "listen.failed", "\(host):\(port) cannot be listened on.",
                hint: "Check the address given with --listen, and whether another program has the port.",
                cause: "\(error)")
        }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("/") { [state, logs] _, _ in
            let lines = ["A witness (c2sp.org/tlog-witness).", "", state.cosigner.verifier.text, "", "It looks after:"]
            return Self.response(
                200, "text/plain; charset=utf-8",
                Array((lines + logs.map(\.origin)).joined(separator: "\n").utf8) + [10])
        }
        router.post("/add-checkpoint") { [self] request, _ in await answer(request) }
        return router
    }

    private func answer(_ request: Request) async -> Response {
        var request = request
        // One byte more than is read, so that what is too long is seen to be.
        guard let buffer = try? await request.collectBody(upTo: WitnessRequest.sizeLimit + 1) else {
            return Self.refusal(400, "The request is too long, or it broke off.")
        }
        let body = [UInt8](buffer: buffer)
        let outcome = await BlockingWork.run { [state, logs, clock] in
            Result { try state.answer(body, logs: logs, at: clock.now()) }
        }
        switch outcome {
        case .success(let outcome):
            report(outcome)
            return Self.response(outcome.answer.status, outcome.answer.contentType, outcome.answer.body)
        case .failure(let error):
            logger.error("A request could not be answered.", metadata: ["error": "\(error.forTheLog)"])
            return Self.refusal(500, "The witness cannot answer now.")
        }
    }

    /// Only what nobody but the log can bring about is an alarm: anyone can send its checkpoint with another proof.
    private func report(_ outcome: WitnessState.Outcome) {
        if let size = outcome.forkedSize {
            logger.critical(
                "A log signed two histories of one size. Both checkpoints are kept.",
                metadata: ["size": "\(size)", "kept": "\(state.folder)"])
        } else if case .inconsistent(let problem) = outcome.judgement {
            logger.warning(
                "A checkpoint came without a proof that it continues the one cosigned before. It was refused.",
                metadata: ["reason": "\(problem.message)"])
        }
    }

    private static func refusal(_ status: Int, _ message: String) -> Response {
        response(status, "text/plain; charset=utf-8", Array("\(message)\n".utf8))
    }

    private static func response(_ status: Int, _ type: String, _ body: [UInt8]) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
