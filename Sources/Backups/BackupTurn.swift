import Kernel
import Store
import Synchronization

/// That this server, of several on one database, makes the scheduled backup. Renewed while it does, however long that takes;
/// when it dies, another takes over soon.
final class BackupTurn: Sendable {
    private let database: Database
    private let clock: WallClock
    private let principal: Principal
    private let holder: LeaseHolder
    private let lease: Mutex<Lease?>

    /// How long others wait for a server that has gone silent.
    static let length = Period.minutes(3)
    /// How often it tells that it has not.
    private static let pause = Duration.seconds(45)

    /// Takes the turn; `nil` while another has it.
    init?(database: Database, clock: WallClock, randomness: Randomness, as principal: Principal) async throws {
        self.database = database
        self.clock = clock
        self.principal = principal
        // A holder for each attempt, so that two in one process do not share it.
        holder = LeaseHolder(randomness: randomness)
        lease = Mutex(nil)
        guard try await renew() else { return nil }
    }

    /// Extends it.
    ///
    /// - Returns: Whether it is still this server's.
    @discardableResult
    func renew() async throws -> Bool {
        let now = clock.now()
        let claimed = try await database.installation(as: principal).touch { [holder] touch in
            try touch.claim(["backup"], until: now + Self.length, at: now, for: holder).first
        }
        if let claimed { lease.withLock { $0 = claimed } }
        return claimed != nil
    }

    /// Does `work` and extends the turn for as long as it takes.
    func whileRenewing<T: Sendable>(
        every pause: Duration = pause, _ work: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await work() }
            group.addTask { [self] in
                while true {
                    do { try await Task.sleep(for: pause) } catch { return nil }
                    // A database that cannot be reached for a moment is met by the work itself.
                    _ = try? await renew()
                }
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let result = ended { return result }
            }
            throw CancellationError()
        }
    }

    /// Gives it back, at once or after a while.
    func end(after pause: Period = .zero) async throws {
        guard let lease = lease.withLock({ $0 }) else { return }
        let from = clock.now() + pause
        try await database.installation(as: principal).touch { try $0.release(lease, from: from) }
    }
}
