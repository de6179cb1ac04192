import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Synchronization

/// How many connections each network has open.
final class ConnectionCounts: Sendable {
    private let perNetwork: Int
    private let open = Mutex<[String: Int]>([:])

    init(perNetwork: Int) {
        self.perNetwork = perNetwork
    }

    /// Counts one more; `false` if the network has as many as it may.
    func enter(_ network: String) -> Bool {
        open.withLock { open in
            let count = open[network, default: 0]
            guard count < perNetwork else { return false }
            open[network] = count + 1
            return true
        }
    }

    /// Counts one less.
    func leave(_ network: String) {
        open.withLock { open in
            let left = (open[network] ?? 1) - 1
            open[network] = left > 0 ? left : nil
        }
    }
}

/// What one connection may cost: who sends a request slowly, or does not take its answer, is cut off, and one network
/// cannot hold them all. It also sees to it that the few answers which no route gives carry the headers of all others.
///
/// Stands behind the decoder, so a request's head counts as arrived when all of it has. The time for it begins with the
/// connection, and thereby bounds the TLS handshake too. What a malformed or doubly measured request is (request
/// smuggling, RFC 9112 §11.2) is for NIO's decoder to say; it answers 400 and closes.
final class ConnectionCare: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long each part may take.
    struct Deadlines: Sendable {
        /// From the opening to the end of the first request's head.
        var firstHead = TimeAmount.seconds(15)
        /// From one answer to the end of the next request's head, however much of it is there.
        var nextHead = TimeAmount.seconds(60)
        /// From the head to the end of the body.
        var body = TimeAmount.seconds(60)
        /// While the other side takes nothing of an answer that is ready.
        var unread = TimeAmount.seconds(60)
    }

    private let counts: ConnectionCounts
    private let deadlines: Deadlines
    private var network: String?
    private var unanswered = 0
    private var isInBody = false
    private var isLeft = false
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?

    init(counting counts: ConnectionCounts, deadlines: Deadlines = Deadlines()) {
        self.counts = counts
        self.deadlines = deadlines
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard network == nil, reading == nil else { return }
        let name = Network.name(of: context.channel.remoteAddress)
        guard counts.enter(name) else {
            context.close(promise: nil)
            return
        }
        network = name
        expect(deadlines.firstHead, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    private func end() {
        reading?.cancel()
        writing?.cancel()
        if let network { counts.leave(network) }
        network = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            isInBody = true
            expect(deadlines.body, context)
        case .body: break
        case .end:
            isInBody = false
            reading?.cancel()
            reading = nil
            if unanswered == 0 { expect(deadlines.nextHead, context) }
        }
        context.fireChannelRead(data)
    }

    /// Who has hung up gets what they asked for until then, and holds nothing after that.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            isLeft = true
            if unanswered == 0 || isInBody {
                context.close(promise: nil)
                return
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            for field in HTTPFields.onEveryAnswer where head.headerFields[field.name] == nil {
                head.headerFields[field.name] = field.value
            }
            if head.headerFields[.cacheControl] == nil { head.headerFields[.cacheControl] = "no-store" }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
            return
        case .body: break
        case .end:
            unanswered = max(0, unanswered - 1)
            // A body that is still on its way keeps its own deadline.
            if unanswered == 0, !isInBody { expect(deadlines.nextHead, context) }
            if unanswered == 0, isLeft {
                context.writeAndFlush(data, promise: promise)
                context.close(promise: nil)
                return
            }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        writing = context.channel.isWritable ? nil : close(context, in: deadlines.unread)
        context.fireChannelWritabilityChanged()
    }

    private func expect(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        reading?.cancel()
        reading = close(context, in: time)
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
