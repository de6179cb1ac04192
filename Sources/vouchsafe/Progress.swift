import Foundation
import Synchronization

/// Tells on the terminal how far a long piece of work is, from its second second on.
final class Progress: Sendable {
    private struct State {
        var shownAt: ContinuousClock.Instant?
        var hasShown = false
    }

    private let title: String
    private let isSilent: Bool
    private let begun = ContinuousClock.now
    private let state = Mutex(State())

    /// - Parameter onlyOnTerminal: Whether a log is spared it: for work whose result follows in any case.
    init(_ title: String, onlyOnTerminal: Bool = false) {
        self.title = title
        isSilent = onlyOnTerminal && isatty(STDERR_FILENO) != 1
    }

    /// Shows `done` of `total`, at most a few times a second.
    func show(_ done: Int, of total: Int) {
        show("\(done) of \(total)\(total > 0 ? " (\(done * 100 / total) %)" : "")")
    }

    /// Shows how far it is, at most a few times a second.
    func show(_ text: @autoclosure () -> String) {
        let now = ContinuousClock.now
        guard !isSilent, now - begun > .seconds(1) else { return }
        let isDue = state.withLock { state in
            if let shown = state.shownAt, now - shown < .milliseconds(250) { return false }
            state.shownAt = now
            state.hasShown = true
            return true
        }
        guard isDue else { return }
        let line = "\(title): \(text())"
        // On a terminal the line is written over; in a log each stands by itself.
        Self.write(isatty(STDERR_FILENO) == 1 ? "\r\(line)\u{1B}[K" : "\(line)\n")
    }

    /// Ends the line, if one was shown.
    func end() {
        guard state.withLock(\.hasShown), isatty(STDERR_FILENO) == 1 else { return }
        Self.write("\n")
    }

    private static func write(_ text: String) {
        // A progress line that nobody can see is no loss.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
