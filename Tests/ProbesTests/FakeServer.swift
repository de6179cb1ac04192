import NIOCore
import NIOPosix

/// A server on loopback that says what a test wants, whatever it is asked.
final class FakeServer: Sendable {
    /// What to do with a new connection and with what comes over it.
    struct Manner: Sendable {
        /// What it says as soon as somebody connects.
        var greeting: [UInt8] = []
        /// What it says to each piece that it receives.
        var answer: @Sendable (_ received: [UInt8]) -> [UInt8] = { _ in [] }
        /// Whether it says the answer again and again.
        var isEndless = false
        /// Whether it ends its side after each answer, or at once if there is none.
        var closes = false
        /// Whether it ends only its own side and goes on listening.
        var halfCloses = false
    }

    private let channel: any Channel
    var port: Int { channel.localAddress?.port ?? 0 }

    init(_ manner: Manner) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(manner))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit { channel.close(promise: nil) }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let manner: Manner
        private var more: [UInt8] = []

        init(_ manner: Manner) { self.manner = manner }

        func channelActive(context: ChannelHandlerContext) {
            if !manner.greeting.isEmpty { say(manner.greeting, context) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            more = manner.answer(Array(buffer: unwrapInboundIn(data)))
            if !more.isEmpty { say(more, context) }
            if manner.closes { context.close(promise: nil) }
            if manner.halfCloses { context.close(mode: .output, promise: nil) }
            if manner.isEndless { goOn(context) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func goOn(_ context: ChannelHandlerContext) {
            guard context.channel.isActive else { return }
            let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: more))).whenSuccess {
                let (handler, context) = loop.value
                handler.goOn(context)
            }
        }

        private func say(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
        }
    }
}
