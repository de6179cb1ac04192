import Flows
import Jobs
import Kernel
import Logging
import ServiceLifecycle
import Store

/// Signs within a second of a change: every organisation's ledger, and then the operator's log over them.
///
/// Apart from the ``Publisher``, because judging verdicts may take longer than a signature may wait.
struct LedgerPublisher: Service, CustomStringConvertible {
    /// Short, because the service group logs it with every step of a service's life.
    var description: String { "ledger publisher" }

    let rooms: Rooms
    /// The right to sign, where several servers share the database.
    let signer: SignerLease?
    let announcements: Announcements
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                group.addTask {
                    for await _ in announcements.listen() { wake.yield() }
                    wake.finish()
                }
                group.addTask {
                    // Other processes write too, and nobody announces that here.
                    repeat { wake.yield() } while (try? await Task.sleep(for: .milliseconds(500))) != nil
                }
                group.addTask {
                    var reached = PublishedSizes()
                    for await _ in wakeups {
                        await publish(&reached)
                        // What arrives together is signed together.
                        guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return }
                    }
                }
            }
        }
    }

    private func publish(_ reached: inout PublishedSizes) async {
        do {
            guard let signer else { return try await rooms.publishLedgers(&reached) }
            try await rooms.publishLedgers(&reached) { organisation in try await signer.lease(for: organisation) }
        } catch is CancellationError {
            return
        } catch {
            logger.error("Signing failed and will be tried again.", metadata: ["error": "\(error.forTheLog)"])
        }
    }
}
