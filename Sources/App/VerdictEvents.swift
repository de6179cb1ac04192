import Commitments
import Flows
import Identity
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
            let caller = Follower(call)
            return AsyncStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
                let task = Task {
                    // Without this an open page would keep the server from stopping.
                    await cancelWhenGracefulShutdown { await follow(organisation, for: caller, continuation) }
                    continuation.finish()
                }
                continuation.onTermination = { _ in task.cancel() }
            }
        }
    }

    private func follow(
        _ organisation: Identifier<Organisation>, for follower: Follower,
        _ continuation: AsyncStream<String>.Continuation
    ) async {
        let publications = installation.rooms.publications
        let announcements = installation.database.announcements
        await withDiscardingTaskGroup { group in
            let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                for await changed in announcements.listen() where changed == organisation { wake.yield() }
                wake.finish()
            }
            group.addTask {
                // Another server, or a command, publishes too, and nobody announces that here.
                while (try? await Task.sleep(for: .seconds(1))) != nil { wake.yield() }
            }
            group.addTask {
                var edition = (try? await publications.edition(of: organisation)) ?? 0
                continuation.yield("retry: 3000\n\n")
                for await _ in wakeups {
                    guard let newest = try? await publications.edition(of: organisation), newest != edition else {
                        continue
                    }
                    edition = newest
                    guard await follower.mayStill(installation) else { return continuation.finish() }
                    continuation.yield("event: verdicts\ndata: \(newest)\n\n")
                }
            }
            group.addTask {
                while (try? await Task.sleep(for: .seconds(15))) != nil {
                    guard await follower.mayStill(installation) else { return continuation.finish() }
                    continuation.yield(": still here\n\n")
                }
            }
        }
    }
}

/// Who has a line open: what let them in may end while it is.
private struct Follower: Sendable {
    let signedIn: SignedIn?
    let caller: Caller?

    init(_ call: Call) {
        signedIn = call.signedIn
        caller = call.caller
    }

    /// Whether they still may; not while that cannot be told.
    func mayStill(_ installation: Installation) async -> Bool {
        if let signedIn { return (try? await installation.rooms.identity.isStillIn(signedIn)) ?? false }
        guard case .token(let token) = caller?.principal else { return false }
        return (try? await installation.rooms.tokens.isStillGood(token)) ?? false
    }
}
