import Kernel
import Synchronization

/// Tells the server's own services that an organisation's data changed; carries no data and may coalesce.
public final class Announcements: Sendable {
    private struct Listeners {
        var next = 0
        var all: [Int: Listener] = [:]
    }

    /// What one listener has not taken yet: each organisation once, however often it changed, the longest waiting first.
    private final class Listener: Sendable {
        private struct Waiting {
            var order: [Identifier<Organisation>] = []
            var members: Set<Identifier<Organisation>> = []
        }

        private let waiting = Mutex(Waiting())
        private let wake: AsyncStream<Void>.Continuation

        init(_ wake: AsyncStream<Void>.Continuation) {
            self.wake = wake
        }

        func add(_ organisation: Identifier<Organisation>) {
            waiting.withLock { waiting in
                if waiting.members.insert(organisation).inserted { waiting.order.append(organisation) }
            }
            wake.yield()
        }

        func take() -> Identifier<Organisation>? {
            waiting.withLock { waiting in
                guard !waiting.order.isEmpty else { return nil }
                let first = waiting.order.removeFirst()
                waiting.members.remove(first)
                return first
            }
        }
    }

    private let listeners = Mutex(Listeners())

    init() {}

    /// A stream of organisations that changed from now on. A slow listener misses repeats, never an organisation.
    public func listen() -> AsyncStream<Identifier<Organisation>> {
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let listener = Listener(wake)
        let number = listeners.withLock { listeners in
            listeners.next += 1
            listeners.all[listeners.next] = listener
            return listeners.next
        }
        wake.onTermination = { [self] _ in _ = listeners.withLock { $0.all.removeValue(forKey: number) } }
        return AsyncStream {
            while true {
                if let organisation = listener.take() { return organisation }
                var iterator = wakeups.makeAsyncIterator()
                guard await iterator.next() != nil else { return nil }
            }
        }
    }

    func announce(_ organisation: Identifier<Organisation>) {
        for listener in listeners.withLock({ Array($0.all.values) }) { listener.add(organisation) }
    }
}
