import Backups
import Commitments
import Detection
import Endpoints
import Identity
import Kernel
import Scanning
import Store
import Witnesses

/// The rooms that stories cross, each with its desk.
public struct Rooms: Sendable {
    /// The database that all of them share.
    public let database: Database
    /// Accounts, sign-in and organisations.
    public let identity: IdentityDesk
    /// Tokens for programs, and service accounts.
    public let tokens: TokenDesk
    /// The machines whose posture is watched.
    public let hosts: HostDesk<EvidenceDesk>
    /// The sites that are scanned.
    public let sites: SiteDesk<EvidenceDesk>
    /// The log sources, and what came from them.
    public let logs: LogDesk<EvidenceDesk>
    /// The rules that logs are matched with.
    public let detectionRules: RuleDesk
    /// What matched, and who saw to it.
    public let alerts: AlertDesk
    /// The reviews of logs.
    public let logReviews: ReviewDesk<EvidenceDesk>
    /// Where the observations of every room enter.
    public let evidence: EvidenceDesk
    /// The policies in force and what is decided about their commitments.
    public let commitments: CommitmentDesk
    /// Judges the commitments.
    public let verdicts: VerdictDesk
    /// Publishes the verdicts and proves them.
    public let publications: PublicationDesk
    /// The outsiders who are asked to remember.
    public let witnesses: WitnessDesk
    /// The installation's own backups.
    public let backups: BackupDesk
    /// Tells the time to all of them.
    public let clock: WallClock
    /// What this installation can measure, by name.
    public let catalogue: [CheckID: Check]

    /// Opens the rooms over `database`.
    ///
    /// - Parameters:
    ///   - catalogue: Every check that some collector of this installation can run.
    ///   - commonPasswords: What nobody may take as a new password.
    public init(
        database: Database, catalogue: [Check], clock: WallClock, randomness: Randomness,
        commonPasswords: CommonPasswords = CommonPasswords()
    ) {
        self.database = database
        self.clock = clock
        self.catalogue = Dictionary(catalogue.map { ($0.id, $0) }) { first, _ in first }
        evidence = EvidenceDesk()
        identity = IdentityDesk(
            database: database, clock: clock, randomness: randomness, commonPasswords: commonPasswords)
        tokens = TokenDesk(database: database, identity: identity, clock: clock, randomness: randomness)
        hosts = HostDesk(database: database, intake: evidence)
        sites = SiteDesk(database: database, intake: evidence)
        logs = LogDesk(database: database, intake: evidence, clock: clock)
        detectionRules = RuleDesk(database: database)
        alerts = AlertDesk(database: database)
        logReviews = ReviewDesk(database: database, logs: logs)
        witnesses = WitnessDesk(database: database)
        commitments = CommitmentDesk(database: database, catalogue: catalogue)
        verdicts = VerdictDesk(database: database, commitments: commitments, clock: clock)
        publications = PublicationDesk(database: database, commitments: commitments, verdicts: verdicts)
        backups = BackupDesk(database: database, clock: clock, randomness: randomness)
    }

    /// The tables of all rooms.
    public static let tables =
        IdentityDesk.tables + HostDesk<EvidenceDesk>.tables + CommitmentDesk.tables + WitnessDesk.tables
        + BackupDesk.tables + TokenDesk.tables + SiteDesk<EvidenceDesk>.tables + LogDesk<EvidenceDesk>.tables

    /// The schema of all rooms, in order.
    public static let migrations =
        IdentityDesk.migrations + HostDesk<EvidenceDesk>.migrations + CommitmentDesk.migrations + WitnessDesk.migrations
        + BackupDesk.migrations + TokenDesk.migrations + SiteDesk<EvidenceDesk>.migrations
        + LogDesk<EvidenceDesk>.migrations

    /// The organisation that `slug` names in addresses.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func tenant(slug: String) async throws -> Tenant {
        guard let tenant = try await identity.tenants(as: .job(.addresses)).first(where: { $0.slug == slug }) else {
            throw Problem(.notFound, code: "organisation.not-found", "There is no organisation called \(slug) here.")
        }
        return tenant
    }
}
