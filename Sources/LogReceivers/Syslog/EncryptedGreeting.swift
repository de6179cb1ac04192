import Crypto
import Kernel
import NIOCore
import NIOSSL
import NIOTLS

/// The beginning of a connection with TLS, up to where it is known whose key is at the other end.
final class EncryptedGreeting: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let encryption: NIOSSLServerHandler
    private let sender: EventLoopPromise<LogSender>
    private var isOver = false

    private init(_ encryption: NIOSSLServerHandler, _ sender: EventLoopPromise<LogSender>) {
        self.encryption = encryption
        self.sender = sender
    }

    /// Puts TLS onto a connection. To be called on its event loop.
    ///
    /// - Returns: Who sends, once the certificate was verified; fails if it never is.
    static func add(to channel: any Channel, _ context: NIOSSLContext) throws -> EventLoopFuture<LogSender> {
        let encryption = NIOSSLServerHandler(context: context)
        let sender = channel.eventLoop.makePromise(of: LogSender.self)
        do {
            try channel.pipeline.syncOperations.addHandlers([encryption, EncryptedGreeting(encryption, sender)])
        } catch {
            sender.fail(error)
            throw error
        }
        return sender.futureResult
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent { end(Result { try peer() }) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failure(error))
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failure(ChannelError.eof))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end(.failure(ChannelError.eof)) }

    private func peer() throws -> LogSender {
        guard let certificate = encryption.peerCertificate else { throw NIOSSLError.noCertificateToValidate }
        return .certificate(fingerprint: SHA256.hash(data: try certificate.toDERBytes()).map(\.self).hex)
    }

    private func end(_ result: Result<LogSender, any Error>) {
        guard !isOver else { return }
        isOver = true
        sender.completeWith(result)
    }
}

extension SyslogSettings.Encryption {
    /// TLS as we speak it to senders: 1.2 or newer, and nobody without a certificate of the authority.
    func context() throws -> NIOSSLContext {
        let chain = try read(certificateFile) { try NIOSSLCertificate.fromPEMFile($0) }
        let key = try read(keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) }
        let authorities = try read(clientAuthorityFile) { try NIOSSLCertificate.fromPEMFile($0) }
        guard !chain.isEmpty, !authorities.isEmpty else {
            throw Self.problem(chain.isEmpty ? certificateFile : clientAuthorityFile, cause: nil)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.trustRoots = .certificates(authorities)
        // Names in a client's certificate say nothing about its address: the certificate itself is what is known.
        configuration.certificateVerification = .noHostnameVerification
        configuration.sendCANameList = true
        configuration.shutdownTimeout = .seconds(1)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Problem(
                .invalid, code: "logs.tls-files",
                "The certificate and the key for syslog over TLS do not belong together.",
                hint: "The certificate file begins with the certificate of this key.",
                place: Problem.Place(file: certificateFile), cause: "\(error)")
        }
    }

    private func read<Value>(_ file: String, _ body: (String) throws -> Value) throws -> Value {
        do { return try body(file) } catch { throw Self.problem(file, cause: error) }
    }

    private static func problem(_ file: String, cause: (any Error)?) -> Problem {
        Problem(
            .invalid, code: "logs.tls-files", "There is nothing in this file that syslog over TLS can use.",
            hint: "It must be readable for us, and in PEM form (-----BEGIN …).", place: Problem.Place(file: file),
            cause: cause.map { "\($0)" })
    }
}
