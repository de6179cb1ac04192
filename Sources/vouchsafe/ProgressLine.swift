import Foundation
import Synchronization

/// One line on the terminal that tells how far something long has come; nothing where there is no terminal.
final class ProgressLine: Sendable {
    private struct State {
        var shownAt: ContinuousClock.Instant
        var isShown = false
    }

    private let state = Mutex(State(shownAt: .now))
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private static let pause = Duration.seconds(1)

    /// Shows `text`, once a second at most, and nothing in the first one.
    func show(_ text: @autoclosure () -> String) {
        guard isTerminal else { return }
        state.withLock { state in
            guard .now - state.shownAt >= Self.pause else { return }
            state = State(shownAt: .now, isShown: true)
            Self.write("\r\u{1B}[K… \(text())")
        }
    }

    /// Takes the line away.
    func end() {
        state.withLock { state in
            if state.isShown { Self.write("\r\u{1B}[K") }
            state.isShown = false
        }
    }

    private static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
