import Kernel
import Synchronization

/// A clock that stands still until a test moves it.
public final class MovableClock: Sendable {
    private let moment: Mutex<Instant>

    /// - Parameter moment: Where it stands; 2026-03-01T00:00Z unless said otherwise.
    public init(_ moment: Instant = Instant(milliseconds: 1_772_323_200_000)) {
        self.moment = Mutex(moment)
    }

    public var now: Instant { moment.withLock { $0 } }

    public func move(by period: Period) { moment.withLock { $0 = $0 + period } }

    /// The clock as the program takes it.
    public var clock: WallClock { WallClock { self.now } }
}
