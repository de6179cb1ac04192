import Commitments
import Crypto
import Flows
import Identity
import Kernel
import Ledger
import Packs
import ScanResults
import Store
import TestSupport
import Testing
import Verdicts
import WebPosture
import Wire

@testable import Scanning

@Suite("Sites are scanned")
struct SiteScanTests {
    private static let policy = "All our sites get at least an A. All our sites are scanned."
    private static let pack = """
        format: vouchsafe/pack@v1
        policy:
          id: sites
          title: Sites
          issuer: Hazelbrook Maps
          version: "1"
          text: { sha256: \(Array(SHA256.hash(data: Array(policy.utf8))).hex), bytes: \(policy.utf8.count) }
        spans:
          - { at: [0, 32], class: commitment, commitments: [grade-a] }
          - { at: [33, \(policy.utf8.count)], class: commitment, commitments: [scanned] }
        commitments:
          - id: grade-a
            section: Sites
            summary: "Each web property is graded A or better."
            owner: security
            checks:
              - { check: site.web-grade, population: site, threshold: all, freshness: 26h }
          - id: scanned
            section: Sites
            summary: "Each web property is graded at set intervals."
            owner: security
            checks:
              - { check: scanning.observatory, population: site, threshold: all, freshness: 26h }

        """

    /// A page whose headers are as good as they can be, or lack everything.
    private static func report(_ isGood: Bool, at now: Instant) throws -> ScanReport<WebDetails> {
        let good = [
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Strict-Transport-Security", "max-age=63072000"), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ]
        let answer = WebExchange.Response(status: 200, headers: HeaderFields(isGood ? good : []))
        let exchange = WebExchange(
            host: "maps.test", address: "https://maps.test/", answer: answer, overHTTP: nil, overHTTPS: answer,
            preflight: nil)
        return try ScanReport(judging: exchange, target: "https://maps.test/", from: now, to: now)
    }

    private static func scanner(_ isGood: Bool, _ clock: MovableClock) -> SiteScanner {
        { _, kinds in
            guard kinds.contains(.web), let report = try? report(isGood, at: clock.now),
                let look = try? SiteLook(report)
            else { return [] }
            return [look]
        }
    }

    private static let unreachable: SiteScanner = { _, _ in
        let problem = Problem(.unavailable, code: "probe.refused", "maps.test takes no connection.", hint: "Start it.")
        return [SiteLook(.web, failedBy: problem, at: .distantPast)]
    }

    private func verdicts(_ house: TestHouse) async throws -> [String: Verdict] {
        let board = try await house.rooms.verdicts.board(of: house.tenant.id, as: TestHouse.principal)
        return Dictionary(
            uniqueKeysWithValues: zip(board.register.commitments, board.standings).map {
                ($0.definition.id, $1.verdict)
            })
    }

    private func make() async throws -> (house: TestHouse, site: WatchedSite) {
        let house = try await TestHouse.make()
        _ = try await house.rooms.commitments.importPolicy(
            pack: Array(Self.pack.utf8), text: Array(Self.policy.utf8), into: house.tenant.id,
            as: TestHouse.principal)
        let site = try await house.rooms.sites.register(
            WatchedSite.Settings(address: " HTTPS://Maps.Test ", kinds: [.web]), in: house.tenant.id,
            as: TestHouse.principal)
        return (house, site)
    }

    private func scan(_ site: WatchedSite, in house: TestHouse, with scanner: SiteScanner) async throws {
        try await house.rooms.scan(
            site, for: Set(ScanSummary.Kind.allCases), with: scanner, in: house.tenant.id, as: .job(.scans))
    }

    @Test("a good scan keeps the promise, a regression breaks it, and the proof of both verifies")
    func regressionBreaksTheCommitment() async throws {
        let (house, site) = try await make()
        #expect(try await verdicts(house) == ["grade-a": .unproven, "scanned": .unproven])

        try await scan(site, in: house, with: Self.scanner(true, house.clock))
        #expect(try await verdicts(house) == ["grade-a": .kept, "scanned": .kept])

        house.clock.move(by: .hours(12))
        try await scan(site, in: house, with: Self.scanner(false, house.clock))
        #expect(try await verdicts(house) == ["grade-a": .broken, "scanned": .kept])

        try await house.rooms.publishChanges(for: house.tenant.id, under: nil)
        let proof = try await house.rooms.proof(of: "sites", "grade-a", in: house.tenant.id)
        let verifier = try await house.rooms.database.ledger(of: house.tenant.id).verifier()
        let verified = try VerdictProof(parsing: proof).verify(by: verifier, at: house.clock.now)
        #expect("\(verified)".contains("broken"))

        let detail = try await house.rooms.site(site.id.description, of: house.tenant.id, as: TestHouse.principal)
        let newest = try #require(detail.newest.first)
        #expect(newest.comparison?.isWorse == true)
        #expect(newest.comparison?.findings(.new).isEmpty == false)
        #expect(detail.history.map(\.grade) == [newest.summary.grade, .aPlus])
    }

    @Test("a site that does not answer proves nothing, and evidence that is not renewed turns stale")
    func unreachableSitesProveNothing() async throws {
        let (house, site) = try await make()
        try await scan(site, in: house, with: Self.unreachable)
        #expect(try await verdicts(house)["grade-a"] == .unproven)
        try await scan(site, in: house, with: Self.scanner(true, house.clock))
        #expect(try await verdicts(house)["grade-a"] == .kept)
        house.clock.move(by: .hours(27))
        #expect(try await verdicts(house)["grade-a"] == .stale)
    }

    @Test("a site is registered once, spelled as it is compared, and leaves the population when it is removed")
    func registering() async throws {
        let (house, site) = try await make()
        let (organisation, principal) = (house.tenant.id, TestHouse.principal)
        #expect(site.settings.address == "https://maps.test/")
        #expect(site.name == "maps.test")
        let again = await problem {
            try await house.rooms.sites.register(
                WatchedSite.Settings(address: "maps.test"), in: organisation, as: principal)
        }
        #expect(again?.code == "site.known")
        for address in ["", "ftp://maps.test", "https://me:secret@maps.test", "https://"] {
            let refused = await problem {
                try await house.rooms.sites.register(
                    WatchedSite.Settings(address: address), in: organisation, as: principal)
            }
            #expect(refused?.code == "site.address", "\(address)")
            #expect(refused?.description.contains("secret") == false)
        }
        let nothing = await problem {
            try await house.rooms.sites.register(
                WatchedSite.Settings(address: "other.test", kinds: []), in: organisation, as: principal)
        }
        #expect(nothing?.code == "site.kinds")
        try await scan(site, in: house, with: Self.scanner(false, house.clock))
        #expect(try await verdicts(house)["grade-a"] == .broken)
        try await house.rooms.sites.remove("maps.test", in: organisation, as: principal)
        #expect(try await house.rooms.siteList(of: organisation, as: principal).isEmpty)
        #expect(try await verdicts(house)["grade-a"] != .broken)
        let gone = await problem { try await house.rooms.sites.remove("maps.test", in: organisation, as: principal) }
        #expect(gone?.code == "site.not-found")
    }

    @Test("what is sent along for pages behind a sign-in never leaves the store")
    func fieldsStaySealed() async throws {
        let (house, _) = try await make()
        let settings = WatchedSite.Settings(
            address: "https://closed.test", fields: [WatchedSite.Field(name: "Authorization", value: "Bearer quince")])
        _ = try await house.rooms.sites.register(settings, in: house.tenant.id, as: TestHouse.principal)
        let list = try await house.rooms.siteList(of: house.tenant.id, as: TestHouse.principal)
        #expect(list.contains { $0.sendsFields })
        #expect(!"\(list)".contains("quince"))

        try await house.rooms.sites.remove("closed.test", in: house.tenant.id, as: TestHouse.principal)
        let every = try await house.rooms.sites.everySite(of: house.tenant.id, as: TestHouse.principal)
        #expect(every.contains { $0.name == "closed.test" })
        #expect(!"\(every)".contains("quince"))
    }

    @Test("what was found of a site that was removed meanwhile is not kept")
    func removedWhileScanned() async throws {
        let (house, site) = try await make()
        try await house.rooms.sites.remove("maps.test", in: house.tenant.id, as: TestHouse.principal)
        let refused = await problem { try await scan(site, in: house, with: Self.scanner(true, house.clock)) }
        #expect(refused?.code == "site.not-found")
        let scans = try await house.rooms.sites.scans(
            of: [site], limit: 10, in: house.tenant.id, as: TestHouse.principal)
        #expect(scans.isEmpty)
    }

    @Test("one scan is found by its id, beside the one before it, and only under its own site")
    func oneScan() async throws {
        let (house, site) = try await make()
        for isGood in [true, false] {
            try await scan(site, in: house, with: Self.scanner(isGood, house.clock))
            house.clock.move(by: .hours(12))
        }
        let scans = try await house.rooms.sites.scans(
            of: [site], limit: 10, in: house.tenant.id, as: TestHouse.principal)
        let id = try #require(scans.first?.id.description)
        let found = try await house.rooms.siteScan(
            id, of: "maps.test", in: house.tenant.id, as: TestHouse.principal)
        #expect(found.result.comparison?.isWorse == true)
        let other = try await house.rooms.sites.register(
            WatchedSite.Settings(address: "other.test"), in: house.tenant.id, as: TestHouse.principal)
        for (scan, site) in [(id, other.name), ("x", "maps.test"), (other.id.description, "maps.test")] {
            let refused = await problem {
                _ = try await house.rooms.siteScan(scan, of: site, in: house.tenant.id, as: TestHouse.principal)
            }
            #expect(refused?.code == "scan.not-found")
        }
    }

    @Test("each kind of scan serves its own checks, and together they serve all")
    func kindsAndChecks() {
        let served = ScanSummary.Kind.allCases.flatMap { SiteChecks.checks(of: $0).map(\.id) }
        #expect(served.sorted() == SiteChecks.all.map(\.id).sorted())
    }
}
