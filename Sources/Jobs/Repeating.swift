import Kernel
import Logging
import ServiceLifecycle

/// A service that does one thing again and again until the server stops. What goes wrong once is logged and tried again later.
public struct Repeating: Service, CustomStringConvertible {
    /// Short, because the service group logs it with every step of a service's life.
    public var description: String { "repeating \(name)" }

    private let name: String
    private let pause: Duration
    private let logger: Logger
    private let work: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - name: What it does, for the log.
    ///   - pause: How long to wait between two rounds.
    public init(
        _ name: String, every pause: Duration, logger: Logger, work: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.pause = pause
        self.logger = logger
        self.work = work
    }

    /// Does the work, pauses, and begins again, until the server shuts down or the task is cancelled.
    public func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await work()
                } catch is CancellationError {
                    return
                } catch {
                    logger.error(
                        "A job failed and will be tried again.",
                        metadata: ["job": "\(name)", "error": "\(error.forTheLog)"])
                }
                do { try await Task.sleep(for: pause) } catch { return }
            }
        }
    }
}
