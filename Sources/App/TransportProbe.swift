import Kernel
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Looks at our own server from the outside: which TLS versions it speaks, and until when its certificate lasts.
struct TransportProbe: Sendable {
    /// Where the server listens.
    let host: String
    let listening: ListeningPort
    let certificate: ServerCertificate
    let clock: WallClock

    /// Asks for each old version by itself; each must be refused, and a new one must work.
    func measure() async -> Measurement {
        guard let port = try? await listening.port() else {
            return Measurement(.unknown, value: "the server is stopping")
        }
        var evidence: [Evidence] = []
        var spoken: [String] = []
        for (name, version) in [
            ("TLS 1.0", TLSVersion.tlsv1), ("TLS 1.1", .tlsv11), ("TLS 1.2", .tlsv12), ("TLS 1.3", .tlsv13),
        ] {
            let answer = await handshake(version, port)
            evidence.append(
                Evidence(
                    source: "\(name) handshake with \(host):\(port)",
                    content: answer.isSpoken ? "completed" : answer.words))
            if answer.isSpoken { spoken.append(name) }
        }
        let expiresAt = certificate.expiresAt
        evidence.append(Evidence(source: "the server's certificate", content: "valid until \(expiresAt)"))
        let value =
            "speaks \(spoken.isEmpty ? "nothing" : spoken.joined(separator: ", ")); certificate until \(expiresAt)"
        if spoken.contains("TLS 1.0") || spoken.contains("TLS 1.1") {
            return Measurement(
                .fail, value: value, evidence: evidence, fix: "Put no proxy in front that speaks TLS 1.1 or older.")
        }
        guard spoken.contains("TLS 1.2") || spoken.contains("TLS 1.3") else {
            return Measurement(
                .unknown, value: "no handshake with \(host):\(port) succeeded", evidence: evidence,
                fix: "Check that the server is reachable at the address it listens on.")
        }
        guard clock.now() < expiresAt else {
            return Measurement(
                .fail, value: value, evidence: evidence,
                fix: "Replace the certificate files; the server takes the new ones without a restart.")
        }
        return Measurement(.pass, value: value, evidence: evidence)
    }

    private struct HandshakeAnswer {
        let isSpoken: Bool
        let words: String
    }

    private func handshake(_ version: TLSVersion, _ port: Int) async -> HandshakeAnswer {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            // Only the handshake is of interest; whom the certificate names is checked by others.
            configuration.certificateVerification = .none
            configuration.minimumTLSVersion = version
            configuration.maximumTLSVersion = version
            let context = try NIOSSLContext(configuration: configuration)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(3))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let outcome = HandshakeOutcome(promise: channel.eventLoop.makePromise(of: Void.self))
                        try channel.pipeline.syncOperations.addHandlers([
                            try NIOSSLClientHandler(context: context, serverHostname: nil), outcome,
                        ])
                    }
                }
                .connect(host: host, port: port).get()
            let outcome = try await channel.pipeline.handler(type: HandshakeOutcome.self).map { $0.finished }.get()
            channel.eventLoop.scheduleTask(in: .seconds(3)) { channel.close(promise: nil) }
            defer { channel.close(promise: nil) }
            try await outcome.get()
            return HandshakeAnswer(isSpoken: true, words: "completed")
        } catch {
            return HandshakeAnswer(isSpoken: false, words: "refused")
        }
    }
}

/// Tells when a handshake ended, and how.
private final class HandshakeOutcome: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<Void>
    var finished: EventLoopFuture<Void> { promise.futureResult }

    init(promise: EventLoopPromise<Void>) {
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { promise.succeed(()) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
    }
}
