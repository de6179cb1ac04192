import Kernel
import LogFormats
import NIOCore

/// Takes datagrams as they come, and offers those of one read to the intake in one batch per sender.
///
/// It runs on the socket's event loop and never waits: a datagram that is not taken at once is lost anyway, and it is better that
/// the loss is counted here than in the kernel.
final class DatagramReceiver: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    /// Beyond so many bytes a batch goes off before the read has ended.
    private static let batchSize = 256 << 10

    private let intake: any LogIntake
    private let clock: WallClock
    private let limit: Int
    private var batches: [PeerAddress: LogBatch] = [:]
    private var cut: [PeerAddress: Int] = [:]
    private var strangers: [PeerAddress: Int] = [:]

    init(intake: any LogIntake, clock: WallClock, limit: Int) {
        self.intake = intake
        self.clock = clock
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let address = PeerAddress(envelope.remoteAddress) else { return }
        envelope.data.withUnsafeReadableBytes { take($0, from: address) }
    }

    func channelReadComplete(context: ChannelHandlerContext) { offerAll() }

    func channelInactive(context: ChannelHandlerContext) { offerAll() }

    // A datagram that could not be received is no reason to stop: an error that ends the socket closes it as well.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    private func take(_ bytes: UnsafeRawBufferPointer, from address: PeerAddress) {
        let message = bytes.withoutTrailer
        guard !message.isEmpty else { return }
        if strangers[address] != nil {
            strangers[address, default: 0] += 1
            return
        }
        if batches[address] == nil, !intake.knows(.address(address, .udp)) {
            strangers[address] = 1
            return
        }
        let kept = UnsafeRawBufferPointer(rebasing: message.prefix(limit))
        if kept.count < message.count { cut[address, default: 0] += 1 }
        // Through the subscript with a default the batch grows in place.
        batches[address, default: LogBatch(receivedAt: clock.now())].append(kept)
        if let size = batches[address]?.bytes.count, size >= Self.batchSize,
            let batch = batches.removeValue(forKey: address)
        {
            _ = intake.offer(batch, from: .address(address, .udp))
        }
    }

    private func offerAll() {
        for (address, batch) in batches {
            // The intake counts what it has no room for.
            _ = intake.offer(batch, from: .address(address, .udp))
        }
        for (address, count) in cut { intake.refused(count, from: .address(address, .udp), because: .tooLong) }
        for (address, count) in strangers { intake.refused(count, from: .address(address, .udp), because: .stranger) }
        batches.removeAll(keepingCapacity: true)
        cut.removeAll(keepingCapacity: true)
        strangers.removeAll(keepingCapacity: true)
    }
}
