import Flows
import Jobs
import Kernel
import Ledger
import Logging
import ServiceLifecycle
import Store
import Synchronization
import Witnesses

/// Asks every witness to cosign the operator's log whenever it has grown, each at its own pace.
final class WitnessRounds: Service, CustomStringConvertible {
    /// Short, because the service group logs it with every step of a service's life.
    var description: String { "witness rounds" }

    private let rooms: Rooms
    private let signer: SignerLease?
    private let clock: WallClock
    private let logger: Logger
    private let turns = Mutex<[Identifier<Witness>: Turn]>([:])

    /// When a witness may be asked again, and what it meets until then.
    private struct Turn {
        var isAsked = false
        var failures = 0
        var notBefore = Instant.distantPast
    }

    /// A cosignature of the same tree is asked for again after this long, so that its time says that the witness lives.
    private static let refresh = Period.hours(1)
    /// Where failing witnesses end up: one request in five minutes.
    private static let longestWait = Period.minutes(5)

    /// - Parameter signer: The right to sign, where several servers share the database; whoever has it asks.
    init(rooms: Rooms, signer: SignerLease?, clock: WallClock, logger: Logger) {
        self.rooms = rooms
        self.signer = signer
        self.clock = clock
        self.logger = logger
    }

    func run() async {
        await cancelWhenGracefulShutdown { [self] in
            guard let client = try? OutsideClient() else { return }
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for next in await due() {
                        // One request at a time, however slow the witness is; the others do not wait for it.
                        group.addTask { [self] in
                            let round = WitnessRound(rooms: rooms, client: client, logger: logger)
                            end(await round.ask(next.witness, knownSize: next.size), of: next.witness)
                        }
                    }
                    do { try await Task.sleep(for: .milliseconds(250)) } catch { break }
                }
            }
            await client.close()
        }
    }

    private func due() async -> [(witness: Witness, size: UInt64)] {
        do {
            let witnesses = try await rooms.witnesses.witnesses(as: .job(.witnesses))
            guard !witnesses.isEmpty else { return [] }
            if let signer, try await signer.lease(for: .operatorLog) == nil { return [] }
            guard let note = try await rooms.database.operatorLog.ledger.signedCheckpoint() else {
                return []
            }
            let size = try Checkpoint(parsing: note.text).size
            let extents = try await rooms.database.operatorLog.extents(of: try witnesses.map { try $0.verifier() })
            let now = clock.now()
            return try witnesses.compactMap { witness in
                let key = try witness.verifier().publicKey
                let extent = extents.first { $0.cosignature.witness.publicKey == key }
                if let extent, extent.logSize >= size, now < extent.cosignature.time + Self.refresh { return nil }
                return begin(witness, at: now) ? (witness, extent?.logSize ?? 0) : nil
            }
        } catch is CancellationError {
            // The server stops.
            return []
        } catch {
            logger.error("The witnesses could not be asked.", metadata: ["error": "\(error.forTheLog)"])
            return []
        }
    }

    private func begin(_ witness: Witness, at now: Instant) -> Bool {
        turns.withLock { turns in
            var turn = turns[witness.id] ?? Turn()
            guard !turn.isAsked, turn.notBefore <= now else { return false }
            turn.isAsked = true
            turns[witness.id] = turn
            return true
        }
    }

    private func end(_ outcome: WitnessOutcome, of witness: Witness) {
        let now = clock.now()
        turns.withLock { turns in
            var turn = turns[witness.id] ?? Turn()
            turn.isAsked = false
            turn.failures = outcome == .cosigned ? 0 : turn.failures + 1
            let wait = Period.seconds(1 << min(turn.failures, 9))
            turn.notBefore = outcome == .cosigned ? now : now + min(wait, Self.longestWait)
            turns[witness.id] = turn
        }
    }
}
