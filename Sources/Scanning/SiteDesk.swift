import Foundation
import Kernel
import ScanResults
import Store
import WebPosture

/// Registers sites, keeps what scans of them found, and takes them out again.
public struct SiteDesk<Intake: EvidenceIntake>: Sendable where Intake.Change == Change {
    private let database: Database
    private let intake: Intake

    /// The most sites of one organisation.
    public static var limit: Int { 2000 }

    /// A desk over `database` that hands what scans show to `intake`.
    public init(database: Database, intake: Intake) {
        self.database = database
        self.intake = intake
    }

    /// Takes a site into the population: it is scanned from now on, and every commitment about sites is about it too.
    ///
    /// - Throws: `Problem` `site.address`, `site.known` (conflict), `site.too-many`.
    @discardableResult
    public func register(
        _ settings: WatchedSite.Settings, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> WatchedSite {
        let settings = try settings.checked()
        return try await database.scope(organisation, as: principal).change("site.registered") { [intake] change in
            let known = try change.view.list(WatchedSite.self, Query("removed_at IS NULL")).map(\.record)
            guard !known.contains(where: { $0.settings.address == settings.address }) else {
                throw Problem(
                    .conflict, code: "site.known", "This site is registered already.",
                    place: Problem.Place(field: "address"))
            }
            guard known.count < Self.limit else {
                throw Problem(
                    .tooMuch, code: "site.too-many", "There are \(Self.limit) sites already.",
                    hint: "Remove those that are gone.")
            }
            let site = WatchedSite(
                id: change.newIdentifier(), settings: settings, registeredAt: change.now, removedAt: nil)
            try change.insert(site)
            try intake.join(site.subject, at: change.now, in: change)
            return site
        }
    }

    /// Takes a site out of the population; what was observed of it stays.
    ///
    /// - Throws: `Problem` `site.not-found`.
    @discardableResult
    public func remove(
        _ id: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> WatchedSite {
        let site = try await find(id, in: organisation, as: principal)
        return try await database.scope(organisation, as: principal).change("site.removed", on: "site:\(site.id)") {
            [intake] change in
            let stored = try change.view.require(WatchedSite.self, site.id)
            guard stored.record.removedAt == nil else { throw Self.notFound }
            try change.update(stored, to: stored.record.removed(at: change.now))
            try intake.leave(stored.record.subject, at: change.now, in: change)
            return stored.record
        }
    }

    /// Keeps what scans of a site found, and hands over what they show.
    ///
    /// - Returns: The scans that brought a report.
    /// - Throws: `Problem` `site.not-found` for a site that was removed meanwhile.
    @discardableResult
    public func record(
        _ looks: [SiteLook], of site: WatchedSite, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> [SiteScan] {
        try await database.scope(organisation, as: principal).change("site.scanned", on: "site:\(site.id)") {
            [intake] change in
            guard try change.view.require(WatchedSite.self, site.id).record.removedAt == nil else {
                throw Self.notFound
            }
            var scans: [SiteScan] = []
            for look in looks {
                if let summary = look.summary {
                    let scan = SiteScan(summary, id: change.newIdentifier(), of: site.id)
                    try change.insert(scan)
                    try change.insert(SiteReport(id: scan.id, json: look.json))
                    scans.append(scan)
                }
                let observedAt = min(look.observedAt, change.now)
                try intake.receive(
                    SiteChecks.checks(of: look.kind).compactMap { check in
                        look.measurements[check.id].map {
                            Observation(
                                check: check.id, subject: site.subject, measurement: $0, observedAt: observedAt,
                                receivedAt: change.now, expiresAt: observedAt + check.freshness)
                        }
                    }, in: change)
            }
            return scans
        }
    }

    // MARK: - Reading

    /// One scan of a site, and the one of the same kind before it.
    ///
    /// - Throws: `Problem` `scan.not-found`.
    public func scan(
        _ id: String, of site: WatchedSite, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> (scan: SiteScan, before: SiteScan?) {
        try await database.scope(organisation, as: principal).read { view in
            guard let id = Identifier<SiteScan>(id), let scan = try view.find(SiteScan.self, id)?.record,
                scan.site == site.id
            else {
                throw Problem(.notFound, code: "scan.not-found", "There is no such scan of this site here.")
            }
            let upToIt = try view.list(
                SiteScan.self,
                Query(
                    "site = ? AND kind = ? AND finished_at <= ?",
                    [.blob(site.id.bytes), .text(scan.kind.rawValue), .integer(scan.finishedAt.milliseconds)],
                    order: "finished_at DESC", limit: 2))
            return (scan, upToIt.map(\.record).first { $0.finishedAt < scan.finishedAt })
        }
    }

    /// The sites that are registered now, oldest first.
    public func sites(of organisation: Identifier<Organisation>, as principal: Principal) async throws -> [WatchedSite]
    {
        try await database.scope(organisation, as: principal).read { view in
            try view.list(WatchedSite.self, Query("removed_at IS NULL", order: "registered_at")).map(\.record)
        }
    }

    /// Every site that ever was registered: verdicts of the past name those that are gone too.
    public func everySite(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [WatchedSite] {
        try await database.scope(organisation, as: principal).read { try $0.list(WatchedSite.self).map(\.record) }
    }

    /// One registered site, by its identifier or its address.
    ///
    /// - Throws: `Problem` `site.not-found`.
    public func find(
        _ text: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> WatchedSite {
        let spelled = WebAddress(text)?.withoutQuery.description
        let all = try await sites(of: organisation, as: principal)
        guard
            let site = all.first(where: {
                $0.id.description == text || $0.settings.address == spelled || $0.name == text
            })
        else { throw Self.notFound }
        return site
    }

    /// The scans of sites, newest first.
    ///
    /// - Parameter limit: The most of each site and kind.
    public func scans(
        of sites: [WatchedSite], limit: Int, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [SiteScan] {
        try await database.scope(organisation, as: principal).read { view in
            try sites.flatMap { site in
                try ScanSummary.Kind.allCases.flatMap { kind in
                    try view.list(
                        SiteScan.self,
                        Query(
                            "site = ? AND kind = ?", [.blob(site.id.bytes), .text(kind.rawValue)],
                            order: "finished_at DESC", limit: limit)
                    ).map(\.record)
                }
            }
        }
    }

    /// Opens the reports of scans, which the ledger records once.
    ///
    /// - Parameter subject: What is looked at, for the ledger.
    /// - Returns: Each report's bytes by the scan's identifier.
    public func open(
        _ scans: [Identifier<SiteScan>], for subject: String, in organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> [Identifier<SiteScan>: [UInt8]] {
        guard !scans.isEmpty else { return [:] }
        return try await database.scope(organisation, as: principal).change("evidence.opened", on: subject) { change in
            var found: [Identifier<SiteScan>: [UInt8]] = [:]
            for id in scans { found[id] = try change.view.find(SiteReport.self, id)?.record.json }
            return found
        }
    }

    private static var notFound: Problem {
        Problem(
            .notFound, code: "site.not-found", "There is no such site here.",
            hint: "`vouchsafe sites list` names them all.")
    }
}

extension WatchedSite.Settings {
    /// The same with its address spelled as it is compared.
    ///
    /// - Throws: `Problem` `site.address`, `site.kinds`.
    func checked() throws(Problem) -> WatchedSite.Settings {
        let text = address.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let spelled = WebAddress(text.contains("://") ? text : "https://\(text)") else {
            throw Problem(
                .invalid, code: "site.address", "This is no address of a site.",
                hint: "Write it as https://www.example.com, without a name and a password.",
                place: Problem.Place(field: "address"))
        }
        guard !kinds.isEmpty else {
            throw Problem(
                .invalid, code: "site.kinds", "Nothing is to be looked at.", hint: "Choose at least one kind of scan.",
                place: Problem.Place(field: "kinds"))
        }
        return WatchedSite.Settings(
            address: spelled.withoutQuery.description, isInternal: isInternal, kinds: Set(kinds), fields: fields,
            authorities: authorities)
    }
}

extension SiteDesk {
    /// The record tables of this room, for the ledger's verification.
    public static var tables: [RecordTable] { [WatchedSite.table, SiteScan.table, SiteReport.table] }

    /// The schema of this room.
    public static var migrations: [Migration] { [Migration("scanning.1", creates: tables.map(\.definition))] }
}
