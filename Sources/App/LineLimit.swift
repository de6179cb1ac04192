import Kernel

/// Bounds how many lines of one kind come into the log, so that whoever causes them can neither fill it nor bury the others.
struct LineLimit: Sendable {
    /// How often something happened that has no line of its own.
    struct LeftOut: Hashable, Sendable {
        let kind: String
        let count: Int
    }

    /// Lines of one kind a minute.
    static let most = 20
    private static let window = Period.minutes(1)

    private struct Window {
        let began: Instant
        var count = 0
    }

    private var windows: [String: Window] = [:]

    /// Counts one of `kind`, and says whether it has a line.
    mutating func admits(_ kind: String, at now: Instant) -> Bool {
        var window = windows[kind] ?? Window(began: now)
        window.count += 1
        windows[kind] = window
        return window.count <= Self.most
    }

    /// Ends the minutes that are over.
    ///
    /// - Returns: What was left out in them.
    mutating func end(at now: Instant) -> [LeftOut] {
        // A clock that was set back ends them too.
        let over = windows.filter { now < $0.value.began || $0.value.began + Self.window <= now }
        for kind in over.keys { windows[kind] = nil }
        return over.filter { $0.value.count > Self.most }.sorted { $0.key < $1.key }
            .map { LeftOut(kind: $0.key, count: $0.value.count - Self.most) }
    }
}
