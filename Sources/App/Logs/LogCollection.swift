import Commitments
import Detection
import Kernel
import LogFormats
import LogReceivers
import Sigma
import Synchronization

/// Tells of each sender whose records these are, and hands them over to the pipeline.
final class LogCollection: LogIntake {
    private struct Senders {
        var networks: [(range: AddressRange, source: Identifier<WatchedLog>)] = []
        var certificates: [String: Identifier<WatchedLog>] = [:]
        var files: [String: Identifier<WatchedLog>] = [:]
        var journal: Identifier<WatchedLog>?
        /// What was found out for addresses; `nil` for strangers.
        var known: [PeerAddress: Identifier<WatchedLog>?] = [:]
        /// Records of strangers since the last time.
        var refused = 0
        /// How many datagrams came for each source since the last time.
        var datagrams: [Identifier<WatchedLog>: Int] = [:]
    }

    private static let addressLimit = 10_000

    private let pipeline: LogPipeline<EvidenceDesk>
    private let senders = Mutex(Senders())

    init(_ pipeline: LogPipeline<EvidenceDesk>) {
        self.pipeline = pipeline
    }

    /// Takes the sources that are registered now.
    ///
    /// - Returns: Those of the server's own machine, which are to be followed.
    func adopt(_ sources: [WatchedLog]) -> [WatchedLog] {
        var new = Senders()
        // Where two could be meant, it is always the same one: the narrower network, then the source that was there first.
        for source in sources.sorted(by: { ($0.registeredAt, $0.id) < ($1.registeredAt, $1.id) }) {
            switch source.settings.way {
            case .https: break
            case .networks(let networks):
                for network in networks {
                    if let range = AddressRange(network) { new.networks.append((range, source.id)) }
                }
            case .certificate(let fingerprint):
                if new.certificates[fingerprint] == nil { new.certificates[fingerprint] = source.id }
            case .file(let path): if new.files[path] == nil { new.files[path] = source.id }
            case .journal: new.journal = new.journal ?? source.id
            }
        }
        senders.withLock { senders in
            new.refused = senders.refused
            senders = new
        }
        return sources.filter {
            switch $0.settings.way {
            case .file, .journal: true
            default: false
            }
        }
    }

    private func source(of sender: LogSender) -> Identifier<WatchedLog>? {
        senders.withLock { senders in
            switch sender {
            case .certificate(let fingerprint): return senders.certificates[fingerprint]
            case .file(let path): return senders.files[path]
            case .journal: return senders.journal
            case .address(let address, _):
                if let known = senders.known[address] { return known }
                let text = "\(address)"
                let source = senders.networks.filter { $0.range.contains(text) }
                    .enumerated().max { ($0.element.range.bits, -$0.offset) < ($1.element.range.bits, -$1.offset) }?
                    .element.source
                // Addresses over UDP can be made up: who makes up many fills no memory.
                if senders.known.count >= Self.addressLimit { senders.known.removeAll() }
                senders.known[address] = .some(source)
                return source
            }
        }
    }

    /// How many records of strangers were refused since the last time.
    func takeRefused() -> Int {
        senders.withLock { senders in
            defer { senders.refused = 0 }
            return senders.refused
        }
    }

    /// Counts datagrams that the system threw away before they were read. Nobody knows whose they were; most likely of whoever
    /// sends most.
    func lost(_ count: Int) {
        let busiest = senders.withLock { senders in
            defer { senders.datagrams = [:] }
            return senders.datagrams.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        }
        guard let busiest, count > 0 else { return }
        pipeline.lose(
            count, of: busiest,
            because: "thrown away by the system before it was read; counted for whoever sends most over UDP")
    }

    // MARK: - LogIntake

    func accept(_ batch: LogBatch, from sender: LogSender) async throws {
        guard let source = source(of: sender) else { return refused(batch.count, from: sender, because: .stranger) }
        try await pipeline.accept(batch, of: source)
    }

    func offer(_ batch: LogBatch, from sender: LogSender) -> Bool {
        guard let source = source(of: sender) else {
            refused(batch.count, from: sender, because: .stranger)
            return false
        }
        senders.withLock { $0.datagrams[source, default: 0] += batch.count }
        return pipeline.offer(batch, of: source)
    }

    func knows(_ sender: LogSender) -> Bool { source(of: sender) != nil }

    func refused(_ count: Int, from sender: LogSender, because fault: ReceivingFault) {
        guard let source = source(of: sender) else { return senders.withLock { $0.refused += count } }
        pipeline.lose(count, of: source, because: fault.words)
    }

    func position(of stream: String, from sender: LogSender) async throws -> UInt64? {
        guard let source = source(of: sender) else { return nil }
        return try await pipeline.position(of: stream, from: source)
    }
}
