import Logging
import Synchronization

/// Everything that a server logs, at its most talkative.
final class CapturedLog: Sendable {
    private let lines = Mutex<[String]>([])

    /// All of it.
    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    /// The lines since the last time that tell of something that went wrong.
    func takeProblems() -> String {
        lines.withLock { lines in
            defer { lines = [] }
            return lines.filter { $0.contains("could not be served") || $0.contains("failed") }.joined(separator: "\n")
        }
    }

    var logger: Logger {
        Logger(label: "vouchsafe") { _ in Handler(log: self) }
    }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let told = metadata.merging(event.metadata ?? [:]) { $1 }
            log.lines.withLock { $0.append("\(event.level) \(event.message) \(told)") }
        }
    }
}
