import Commitments
import Flows
import Kernel
import Routing
import ServiceLifecycle
import Store

/// Tells an open page when its organisation's verdicts may have changed.
struct VerdictEvents: Sendable {
    let installation: Installation

    /// Server-sent events: `verdicts` with the number of the publication. A comment every quarter of a minute keeps the line open.
    var stream: @Sendable (Call) async throws -> AsyncStream<String> {
        { call in
            let organisation = try call.scope().organisation
            return AsyncStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
                let task = Task {
                    // Without this an open page would keep the server from stopping.
                    await cancelWhenGracefulShutdown { await follow(organisation, continuation) }
                    continuation.finish()
                }
                continuation.onTermination = { _ in task.cancel() }
            }
        }
    }

    private func follow(
        _ organisation: Identifier<Organisation>, _ continuation: AsyncStream<String>.Continuation
    ) async {
        let publications = installation.rooms.publications
        await withDiscardingTaskGroup { group in
            group.addTask {
                var edition = (try? await publications.edition(of: organisation)) ?? 0
                continuation.yield("retry: 3000\n\n")
                for await changed in installation.database.announcements.listen() where changed == organisation {
                    guard let newest = try? await publications.edition(of: organisation), newest != edition else {
                        continue
                    }
                    edition = newest
                    continuation.yield("event: verdicts\ndata: \(newest)\n\n")
                }
            }
            group.addTask {
                while (try? await Task.sleep(for: .seconds(15))) != nil { continuation.yield(": still here\n\n") }
            }
        }
    }
}
