import Flows
import Identity
import Kernel
import Logging
import ServiceLifecycle
import Store

/// Publishes within a second of a change, and when time alone changes a verdict.
struct Publisher: Service {
    let rooms: Rooms
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
                    // Also looks up by itself: the clock moves without anyone announcing it, and other processes write too.
                    repeat { wake.yield() } while (try? await Task.sleep(for: .seconds(1))) != nil
                }
                group.addTask {
                    for await _ in wakeups {
                        await publishAll()
                        // What arrives together is published together.
                        guard (try? await Task.sleep(for: .milliseconds(200))) != nil else { return }
                    }
                }
            }
        }
    }

    private func publishAll() async {
        do {
            for tenant in try await rooms.identity.tenants(as: .job("publish")) {
                try await rooms.publishChanges(for: tenant.id)
            }
            try await rooms.database.ledger(of: .installation).publishCheckpoint()
        } catch is CancellationError {
            return
        } catch {
            logger.error("Publishing failed and will be tried again.", metadata: ["error": "\(error)"])
        }
    }
}
