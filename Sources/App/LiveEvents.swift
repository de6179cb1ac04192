import Flows
import Identity
import Kernel
import Routing
import ServiceLifecycle
import Store

/// Server-sent events about one number of an organisation's that grows: told whenever it has changed, for as long as whoever
/// listens may.
struct LiveEvents: Sendable {
    let installation: Installation
    let follower: Follower

    /// - Parameters:
    ///   - name: What the events are called.
    ///   - edition: The number as it is now; a failure to tell it looks like no change.
    func stream(
        named name: String, of organisation: Identifier<Organisation>,
        edition: @escaping @Sendable () async -> Int?
    ) -> AsyncStream<String> {
        AsyncStream(bufferingPolicy: .bufferingNewest(16)) { continuation in
            let task = Task {
                // Without this an open page would keep the server from stopping.
                await cancelWhenGracefulShutdown { await follow(name, organisation, edition, continuation) }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func follow(
        _ name: String, _ organisation: Identifier<Organisation>, _ edition: @escaping @Sendable () async -> Int?,
        _ continuation: AsyncStream<String>.Continuation
    ) async {
        let announcements = installation.database.announcements
        await withDiscardingTaskGroup { group in
            let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                for await changed in announcements.listen() where changed == organisation { wake.yield() }
                wake.finish()
            }
            group.addTask {
                // Another server, or a command, changes things too, and nobody announces that here.
                while (try? await Task.sleep(for: .seconds(1))) != nil { wake.yield() }
            }
            group.addTask {
                var known = await edition() ?? 0
                continuation.yield("retry: 3000\n\n")
                for await _ in wakeups {
                    guard let newest = await edition(), newest != known else { continue }
                    known = newest
                    guard await follower.mayStill(installation) else { return continuation.finish() }
                    continuation.yield("event: \(name)\ndata: \(newest)\n\n")
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
struct Follower: Sendable {
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
