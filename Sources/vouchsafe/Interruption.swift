import Foundation
import Synchronization

/// What a command does when it is told to stop before it is done.
enum Interruption {
    /// Does `work`; an interrupt from the keyboard, or a request to end, cancels it, so that it can remove what it began. The
    /// program then ends by that signal, as it would have without this. A second signal ends it at once.
    static func cancelling<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) async throws -> T {
        let task = Task { try await work() }
        let received = Mutex<Int32?>(nil)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                signal(number, SIG_DFL)
                received.withLock { $0 = number }
                task.cancel()
            }
            source.resume()
            return (number, source)
        }
        defer {
            for (number, source) in sources {
                source.cancel()
                signal(number, SIG_DFL)
            }
        }
        do {
            return try await task.value
        } catch {
            guard let number = received.withLock({ $0 }) else { throw error }
            signal(number, SIG_DFL)
            kill(getpid(), number)
            throw error
        }
    }
}
