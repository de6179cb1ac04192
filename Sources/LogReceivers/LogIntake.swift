import LogFormats

/// What receivers hand records over to: the one way from the network, files and the journal into the program.
///
/// It knows who may send, how much room there is and what was kept; receivers only carry.
public protocol LogIntake: Sendable {
    /// Hands over records of a sender who waits: returns when there is room for them (back-pressure), not before.
    func accept(_ batch: LogBatch, from sender: LogSender) async throws
    /// Hands over records of a sender who cannot wait. `false`: there was no room, they are dropped (the intake counts them).
    func offer(_ batch: LogBatch, from sender: LogSender) -> Bool
    /// Whether anything from this sender is wanted: nothing is read from a stranger's connection.
    func knows(_ sender: LogSender) -> Bool
    /// What could not be taken in, by its reason, to be counted and shown.
    func refused(_ count: Int, from sender: LogSender, because fault: ReceivingFault)
    /// Up to where a stream of this source was kept, so that reading goes on from there; `nil` if nothing was.
    func position(of stream: String, from sender: LogSender) async throws -> UInt64?
}

extension LogIntake {
    /// Passes on everything that was counted.
    func refused(_ faults: [ReceivingFault: Int], from sender: LogSender) {
        for (fault, count) in faults where count > 0 { refused(count, from: sender, because: fault) }
    }
}
