import Kernel
import NIOCore
import TLSPosture

/// Sends one question over one connection and reads until the answer is whole, the bytes are too many or the time is up.
final class FlightHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let question: Question
    private let answered: EventLoopPromise<ServerAnswer>
    private let timeout: TimeAmount
    private var dialog: StartTLSDialog?
    private var reader: FlightReader
    private var isDone = false
    private var deadline: Scheduled<Void>?

    init(
        _ question: Question, dialog: StartTLSDialog?, timeout: TimeAmount, answered: EventLoopPromise<ServerAnswer>
    ) {
        self.question = question
        self.dialog = dialog
        self.timeout = timeout
        self.answered = answered
        reader = FlightReader(for: question)
    }

    func channelActive(context: ChannelHandlerContext) {
        let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: timeout) {
            let (handler, context) = loop.value
            handler.end(context, timedOut: true)
        }
        if dialog == nil {
            send(question.bytes, context)
        } else {
            goOn(with: [], context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        let bytes = Array(buffer: unwrapInboundIn(data))
        if dialog == nil { take(bytes, context) } else { goOn(with: bytes, context) }
    }

    func channelInactive(context: ChannelHandlerContext) { end(context, timedOut: false) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context, timedOut: false) }

    func handlerRemoved(context: ChannelHandlerContext) { end(context, timedOut: false) }

    private func take(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        reader.take(bytes)
        if let answer = reader.answer { finish(context, .success(answer)) }
    }

    private func goOn(with bytes: [UInt8], _ context: ChannelHandlerContext) {
        var bytes = bytes
        while var talk = dialog {
            let step = talk.take(bytes)
            dialog = talk
            bytes = []
            switch step {
            case .send(let words): send(words, context)
            case .wait: return
            case .ready:
                dialog = nil
                send(question.bytes, context)
            case .refused:
                finish(
                    context,
                    .failure(
                        Problem(
                            .unavailable, code: "probe.no-starttls",
                            "The server does not go over to TLS in this protocol.",
                            hint: "Check the port and --starttls; without it TLS begins at once.")))
                return
            }
        }
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    private func end(_ context: ChannelHandlerContext, timedOut: Bool) {
        guard !isDone else { return }
        finish(context, .success(reader.end(timedOut: timedOut)))
    }

    private func finish(_ context: ChannelHandlerContext, _ result: Result<ServerAnswer, any Error>) {
        isDone = true
        deadline?.cancel()
        answered.completeWith(result)
        context.close(promise: nil)
    }
}
