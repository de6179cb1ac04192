import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A server on loopback that answers each request with the bytes of a script, however wrong they are.
final class ScriptedServer: Sendable {
    /// What it does with one request.
    enum Answer: Sendable, CustomTestStringConvertible {
        /// These bytes, then the end of the connection.
        case bytes([UInt8])
        /// These bytes, and then nothing more while the connection stays.
        case silence(after: [UInt8])
        /// These bytes, then others again and again for as long as somebody reads.
        case endless(after: [UInt8], piece: [UInt8])
        /// These bytes, then the end of its own half only.
        case halfClosed(after: [UInt8])

        /// A few of the bytes, so that a report stays readable.
        var testDescription: String {
            switch self {
            case .bytes(let bytes): "bytes \(Self.beginning(bytes))"
            case .silence(let bytes): "silence after \(Self.beginning(bytes))"
            case .endless(let bytes, let piece): "endless \(Self.beginning(bytes))\(Self.beginning(piece))"
            case .halfClosed(let bytes): "half closed after \(Self.beginning(bytes))"
            }
        }

        private static func beginning(_ bytes: [UInt8]) -> String {
            "\(bytes.count): \(String(decoding: bytes.prefix(40), as: UTF8.self).debugDescription)"
        }

        static func text(_ text: String) -> Answer { .bytes(Array(text.utf8)) }

        /// A well-formed answer.
        static func page(_ body: String, headers: String = "Content-Type: text/html\r\n", status: String = "200 OK")
            -> Answer
        {
            .text("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    let port: Int
    private let channel: any Channel
    private let seen: Requests

    /// The first lines of the requests that came, in their order.
    var requests: [String] {
        seen.lines.withLock { $0 }.map { String($0.prefix { $0 != "\r\n" && $0 != "\r" && $0 != "\n" }) }
    }
    /// The requests in full.
    var texts: [String] { seen.lines.withLock { $0 } }

    private final class Requests: Sendable { let lines = Mutex<[String]>([]) }

    init(host: String = "127.0.0.1", _ answer: @escaping @Sendable (_ target: String) -> Answer) async throws {
        let seen = Requests()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Script(answer) { text in seen.lines.withLock { $0.append(text) } })
                }
            }
            .bind(host: host, port: 0).get()
        port = channel.localAddress?.port ?? 0
        self.seen = seen
    }

    func stop() async throws { try await channel.close() }

    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: @Sendable (String) -> Answer
        private let note: @Sendable (String) -> Void
        private var request: [UInt8] = []
        private var isAnswered = false

        init(_ answer: @escaping @Sendable (String) -> Answer, note: @escaping @Sendable (String) -> Void) {
            self.answer = answer
            self.note = note
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            request += unwrapInboundIn(data).readableBytesView
            guard !isAnswered, request.suffix(4) == [13, 10, 13, 10] else { return }
            isAnswered = true
            let text = String(decoding: request, as: UTF8.self)
            note(text)
            let parts = text.split(separator: " ", maxSplits: 2)
            run(answer(parts.count > 1 ? String(parts[1]) : "/"), context)
        }

        private func run(_ answer: Answer, _ context: ChannelHandlerContext) {
            switch answer {
            case .bytes(let bytes):
                let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                send(bytes, context).whenComplete { _ in bound.value.close(promise: nil) }
            case .silence(let bytes): _ = send(bytes, context)
            case .halfClosed(let bytes):
                let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                send(bytes, context).whenComplete { _ in bound.value.close(mode: .output, promise: nil) }
            case .endless(let bytes, let piece):
                _ = send(bytes, context)
                pour(piece, context)
            }
        }

        /// One piece after the other, each when the last has gone.
        private func pour(_ piece: [UInt8], _ context: ChannelHandlerContext) {
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            send(piece, context).whenSuccess {
                // Anew from the loop: a write that is done at once must not nest.
                bound.eventLoop.execute { bound.value.0.pour(piece, bound.value.1) }
            }
        }

        private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)))
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
