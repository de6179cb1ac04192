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
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
            // The system gives at most 256 bytes at a time.
            for start in stride(from: 0, to: count, by: 256) {
                let piece = buffer[start..<min(start + 256, count)]
                let raw = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[piece.indices])
                if getentropy(raw.baseAddress, raw.count) == 0 { continue }
                // It refuses only where the system is too old for it; the standard library's generator then knows another way.
                var generator = SystemRandomNumberGenerator()
                for index in piece.indices { buffer[index] = UInt8.random(in: .min ... .max, using: &generator) }
            }
            initialised = count
        }
    }
}
