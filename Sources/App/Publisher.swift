import Commitments
import Flows
import Identity
import Jobs
import Kernel
import Logging
import ServiceLifecycle
import Store

/// Publishes within a second of a change, and when time alone changes a verdict.
struct Publisher: Service, CustomStringConvertible {
    /// Short, because the service group logs it with every step of a service's life.
    var description: String { "publisher" }

    let rooms: Rooms
    /// The right to sign, where several servers share the database.
    let signer: SignerLease?
    let announcements: Announcements
    let logger: Logger

    /// Up to where an organisation was published, and until when there is nothing to do if nothing is written.
    private struct Watched {
        let size: UInt64
        let until: Instant
    }

    func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                group.addTask {
                    for await _ in announcements.listen() { wake.yield() }
                    wake.finish()
                }
                group.addTask {
                    // Also looks up by itself: the clock moves without anyone announcing it, and other processes write too.
                    repeat { wake.yield() } while (try? await Task.sleep(for: .seconds(1))) != nil
                }
                group.addTask {
                    var watched: [Identifier<Organisation>: Watched] = [:]
                    for await _ in wakeups {
                        await publishAll(&watched)
                        // What arrives together is published together.
                        guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return }
                    }
                }
            }
        }
    }

    private func publishAll(_ watched: inout [Identifier<Organisation>: Watched]) async {
        do {
            let tenants = try await rooms.identity.tenants(as: .job(.publish))
            try await EachInTurn.run(tenants.map(\.id)) { try await publish(for: $0, &watched) }
        } catch is CancellationError {
            return
        } catch {
            logger.error("Publishing failed and will be tried again.", metadata: ["error": "\(error.forTheLog)"])
        }
    }

    private func publish(
        for organisation: Identifier<Organisation>, _ watched: inout [Identifier<Organisation>: Watched]
    ) async throws {
        let now = rooms.clock.now()
        // Read first: what is written while this publishes is looked at in the next round.
        let size = try await rooms.database.ledger(of: organisation).size()
        if let seen = watched[organisation], now < seen.until, size == seen.size { return }
        let lease = try await signer?.lease(for: organisation)
        // Another server signs; this one looks again when that has gone silent.
        guard signer == nil || lease != nil else { return }
        do {
            let turnsAt = try await rooms.publishChanges(for: organisation, under: lease)
            watched[organisation] = Watched(size: size, until: min(turnsAt, now + .minutes(1)))
        } catch let problem as Problem where problem.code == "ledger.not-signer" {
            // The right to sign was renewed or taken over while this judged; whoever has it signs.
        }
    }
}
