import Foundation

/// Where "now" comes from. Injected, so that tests move it and nothing ever waits for it.
public struct WallClock: Sendable {
    /// The present moment.
    public let now: @Sendable () -> Instant

    /// A clock that asks `now` each time.
    public init(now: @escaping @Sendable () -> Instant) {
        self.now = now
    }

    /// The system's clock.
    public static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Where random bytes come from. Injected, so that tests can repeat themselves.
public struct Randomness: Sendable {
    /// `count` bytes that nobody can predict.
    public let bytes: @Sendable (_ count: Int) -> [UInt8]

    /// A source that asks `bytes` each time.
    public init(bytes: @escaping @Sendable (_ count: Int) -> [UInt8]) {
        self.bytes = bytes
    }

    /// The operating system's cryptographically secure generator.
    public static let system = Randomness { count in
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
