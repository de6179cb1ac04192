import Kernel
import Synchronization

/// Tells the server's own services that an organisation's data changed; carries no data and may coalesce.
public final class Announcements: Sendable {
    private struct Listeners {
        var next = 0
        var continuations: [Int: AsyncStream<Identifier<Organisation>>.Continuation] = [:]
    }

    private let listeners = Mutex(Listeners())

    init() {}

    /// A stream of organisations that changed from now on. A slow listener misses repeats, never the last.
    public func listen() -> AsyncStream<Identifier<Organisation>> {
        AsyncStream(bufferingPolicy: .bufferingNewest(256)) { continuation in
            let number = listeners.withLock { listeners in
                listeners.next += 1
                listeners.continuations[listeners.next] = continuation
                return listeners.next
            }
            continuation.onTermination = { [self] _ in
                _ = listeners.withLock { $0.continuations.removeValue(forKey: number) }
            }
        }
    }

    func announce(_ organisation: Identifier<Organisation>) {
        let continuations = listeners.withLock { Array($0.continuations.values) }
        for continuation in continuations { continuation.yield(organisation) }
    }
}
