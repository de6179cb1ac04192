import Identity
import Kernel
import Store
import StoreSupport
import TestSupport
import Vault

/// An installation with one organisation that nobody owns yet.
struct TestInstallation {
    let folder: TemporaryFolder
    let database: Database
    let clock: MovableClock
    let desk: IdentityDesk
    let tenant: Tenant

    static let email = "Ada.Lovelace@Example.org"
    static let password = "seven otters paint the harbour"

    static func make() async throws -> TestInstallation {
        let folder = try TemporaryFolder()
        let clock = MovableClock()
        let database = try await Database.open(
            try await TestDatabase.current.driver(in: folder),
            key: try KeyEncryptionKey(bytes: [UInt8](repeating: 3, count: 32)),
            tables: IdentityDesk.tables + TokenDesk.tables,
            migrations: IdentityDesk.migrations + TokenDesk.migrations, clock: clock.clock,
            randomness: seededRandomness(1))
        let desk = IdentityDesk(database: database, clock: clock.clock, randomness: seededRandomness(2))
        let tenant = try await desk.found("Hazelbrook Maps", as: .operator)
        return TestInstallation(folder: folder, database: database, clock: clock, desk: desk, tenant: tenant)
    }

    /// The same with an owner who is signed in.
    static func owned() async throws -> (TestInstallation, SecretToken, SignedIn) {
        let installation = try await make()
        let (token, signedIn) = try await installation.setUp()
        return (installation, token, signedIn)
    }

    /// The desk of another server on the same database.
    func anotherDesk() -> IdentityDesk {
        IdentityDesk(database: database, clock: clock.clock, randomness: seededRandomness(3))
    }

    func link() async throws -> SecretToken { try await desk.makeSetUpLink(for: tenant.id, as: .operator) }

    func setUp(
        with link: SecretToken? = nil, name: String = "Ada Lovelace", email: String = TestInstallation.email,
        password: String = TestInstallation.password
    ) async throws -> (SecretToken, SignedIn) {
        let own: SecretToken = if let link { link } else { try await self.link() }
        return try await desk.join(with: own, name: name, email: email, password: password, network: "192.0.2.0/24")
    }

    @discardableResult
    func signIn(
        _ email: String = TestInstallation.email, _ password: String = TestInstallation.password,
        from network: String = "192.0.2.0/24", on marks: DeviceMarks = DeviceMarks(presented: nil)
    ) async throws -> (SecretToken, SignedIn) {
        guard case .done(let token, let signedIn) = try await step(email, password, from: network, on: marks) else {
            throw Problem(.unauthenticated, code: "test.second-factor", "A second factor is asked for.")
        }
        return (token, signedIn)
    }

    /// The first step of a sign-in.
    func step(
        _ email: String = TestInstallation.email, _ password: String = TestInstallation.password,
        from network: String = "192.0.2.0/24", on marks: DeviceMarks = DeviceMarks(presented: nil)
    ) async throws -> SignInStep {
        try await desk.signIn(email: email, password: password, network: network, marks: marks)
    }
}
