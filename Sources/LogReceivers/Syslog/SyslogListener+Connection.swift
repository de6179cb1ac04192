import Kernel
import LogFormats
import NIOCore

/// A connection that was accepted, with who is at its other end once that is known.
struct SyslogConnection: Sendable {
    let stream: NIOAsyncChannel<ByteBuffer, Never>
    /// The other end's address, for what goes wrong before it is known who it is.
    let peer: LogSender
    let sender: EventLoopFuture<LogSender>
}

extension SyslogListener {
    /// Reads a connection to its end.
    func receive(from connection: SyslogConnection) async {
        let channel = connection.stream.channel
        // How a connection ends is not told any further: senders come and go, and what they sent was handed over or counted.
        try? await connection.stream.executeThenClose { pieces in
            let sender: LogSender
            do {
                sender = try await connection.sender.get()
            } catch {
                intake.refused(1, from: connection.peer, because: .brokenGreeting)
                return
            }
            guard intake.knows(sender) else {
                intake.refused(1, from: sender, because: .stranger)
                return
            }
            connections.mark(channel, .listening)
            var framing = SyslogFraming(recordLimit: settings.limits.record)
            var isKnown = true
            do {
                for try await piece in pieces {
                    try await handOver(from: sender, on: channel) { framing.take(piece, into: &$0) }
                    intake.refused(framing.takeFaults(), from: sender)
                    isKnown = intake.knows(sender)
                    guard isKnown else { break }
                }
            } catch let failure as NotHandedOver {
                throw failure
            } catch {
                // It was cut off; what came before that counts.
            }
            if !isKnown { intake.refused(1, from: sender, because: .stranger) }
            try await handOver(from: sender, on: channel) { framing.finish(into: &$0) }
            intake.refused(framing.takeFaults(), from: sender)
        }
    }

    private struct NotHandedOver: Error {}

    /// Hands over what `fill` finds; the sender is not read while there is no room.
    private func handOver(
        from sender: LogSender, on channel: any Channel, _ fill: (inout LogBatch) -> Void
    ) async throws(NotHandedOver) {
        var batch = LogBatch(receivedAt: clock.now())
        fill(&batch)
        if !batch.isEmpty {
            connections.mark(channel, .ours)
            do {
                try await intake.accept(batch, from: sender)
            } catch {
                intake.refused(batch.count, from: sender, because: .notHandedOver)
                throw NotHandedOver()
            }
        }
        connections.mark(channel, .listening)
    }
}
