import Kernel
import Store
import Synchronization

/// That this server, of several on one database, signs the checkpoints of an organisation. Renewed while it does; another
/// takes over when it has been silent.
public final class SignerLease: Sendable {
    private struct Held {
        let lease: Lease
        let until: Instant
    }

    private let database: Database
    private let clock: WallClock
    private let holder: LeaseHolder
    private let held = Mutex<[Identifier<Organisation>: Held]>([:])
    private let asking = Mutex<[Identifier<Organisation>: Task<Lease?, any Error>]>([:])

    /// How long others wait for a server that has gone silent.
    private static let length = Period.seconds(10)

    /// The leases of one server.
    public init(database: Database, clock: WallClock, randomness: Randomness) {
        self.database = database
        self.clock = clock
        holder = LeaseHolder(randomness: randomness)
    }

    /// The lease on signing for `organisation`, renewed if it is about to end; `nil` while another server has it.
    public func lease(for organisation: Identifier<Organisation>) async throws -> Lease? {
        // Whoever asks at once gets one answer: a second claim would outdate the first.
        let answer = asking.withLock { asking in
            if let answer = asking[organisation] { return answer }
            let answer = Task { [self] in
                defer { self.asking.withLock { $0[organisation] = nil } }
                return try await claim(organisation)
            }
            asking[organisation] = answer
            return answer
        }
        return try await answer.value
    }

    private func claim(_ organisation: Identifier<Organisation>) async throws -> Lease? {
        let now = clock.now()
        if let held = held.withLock({ $0[organisation] }), now + .seconds(5) < held.until { return held.lease }
        let until = now + Self.length
        let claimed = try await database.scope(organisation, as: .job(.signing)).touch { [holder] touch in
            try touch.claim(["sign"], until: until, at: now, for: holder).first
        }
        held.withLock { $0[organisation] = claimed.map { Held(lease: $0, until: until) } }
        return claimed
    }
}
