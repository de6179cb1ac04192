import NIOCore
import NIOHTTP1
import WebPosture

/// Sends one request as soon as it can, and hands what comes back to the collector.
final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let collector: AnswerCollector
    private let isVersion2: Bool
    private var isSent = false

    init(_ head: HTTPRequestHead, to collector: AnswerCollector, isVersion2: Bool) {
        self.head = head
        self.collector = collector
        self.isVersion2 = isVersion2
    }

    func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { send(context) } }

    func channelActive(context: ChannelHandlerContext) {
        send(context)
        context.fireChannelActive()
    }

    private func send(_ context: ChannelHandlerContext) {
        guard !isSent else { return }
        isSent = true
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        // What is only said on the way to the answer is none.
        case .head(let head) where (100..<200).contains(head.status.code) && head.status != .switchingProtocols: break
        case .head(let head): collector.began(head, isVersion2: isVersion2)
        case .body(let bytes): _ = collector.received(bytes)
        case .end: collector.ended()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { collector.failed(error) }

    func channelInactive(context: ChannelHandlerContext) {
        collector.failed(HTTPProblem.closed, cut: .connection)
        context.fireChannelInactive()
    }
}

/// Stands at the front of a connection: counts what arrives, and ends what is more than a probe reads.
final class ByteMeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What a handshake and frames may take besides.
    private static let framing = 128 << 10

    private let collector: AnswerCollector
    private let limits: HTTPLimits
    private var count = 0

    init(_ collector: AnswerCollector, limits: HTTPLimits) {
        self.collector = collector
        self.limits = limits
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count += unwrapInboundIn(data).readableBytes
        if count > limits.transfer || (count > limits.headers + Self.framing && !collector.hasHead) {
            collector.failed(HTTPProblem.headersTooLarge, cut: .limit)
            context.close(promise: nil)
        } else {
            context.fireChannelRead(data)
        }
    }
}

/// Stands behind everything of an encrypted connection, and tells the collector when that ends.
final class ConnectionWatch: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let collector: AnswerCollector

    init(_ collector: AnswerCollector) { self.collector = collector }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        collector.failed(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Those behind may find that the end of the connection is the end of the answer.
        context.fireChannelInactive()
        collector.failed(HTTPProblem.closed, cut: .connection)
    }
}
