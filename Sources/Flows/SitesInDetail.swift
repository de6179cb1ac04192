import Commitments
import Foundation
import Kernel
import ScanResults
import Scanning
import Store
import Verdicts
import Wire

extension Rooms {
    /// The registered sites, oldest first, with their newest scans and how many of their checks stand where.
    public func siteList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [SiteSummary] {
        let board = try await verdicts.board(of: organisation, as: principal)
        let all = try await sites.sites(of: organisation, as: principal)
        let newest = Dictionary(
            grouping: try await sites.scans(of: all, limit: 1, in: organisation, as: principal), by: \.site)
        return all.map {
            summary(of: $0, scans: newest[$0.id] ?? [], on: board)
        }
    }

    /// One registered site with its newest scans and how many of its checks stand where.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func siteSummary(
        _ id: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> SiteSummary {
        let site = try await sites.find(id, in: organisation, as: principal)
        let newest = try await sites.scans(of: [site], limit: 1, in: organisation, as: principal)
        return summary(of: site, scans: newest, on: try await verdicts.board(of: organisation, as: principal))
    }

    /// One site with what its newest scans found. Opens their reports, which the ledger records.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func site(
        _ id: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> SiteDetail {
        let site = try await sites.find(id, in: organisation, as: principal)
        let history = try await sites.scans(of: [site], limit: Self.historyLimit, in: organisation, as: principal)
        let pairs = ScanSummary.Kind.allCases.compactMap { kind in
            let scans = history.filter { $0.kind == kind }
            return scans.first.map { ($0, scans.dropFirst().first) }
        }
        let opened = try await sites.open(
            pairs.flatMap { [$0.0.id] + ($0.1.map { [$0.id] } ?? []) }, for: "site:\(site.id)", in: organisation,
            as: principal)
        let board = try await verdicts.board(of: organisation, as: principal)
        return SiteDetail(
            site: summary(of: site, scans: pairs.map(\.0), on: board),
            checks: try await standings(of: site, on: board, in: organisation, as: principal),
            newest: try pairs.map { try Self.result($0.0, before: $0.1, in: opened) },
            history: history.sorted { $0.finishedAt > $1.finishedAt }.map(ScanEntry.init))
    }

    /// One scan of a site, compared with the one before it. Opens both reports, which the ledger records.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func siteScan(
        _ scan: String, of site: String, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> (site: SiteSummary, result: ScanResult, json: [UInt8]) {
        let site = try await sites.find(site, in: organisation, as: principal)
        let (found, before) = try await sites.scan(scan, of: site, in: organisation, as: principal)
        let opened = try await sites.open(
            [found.id] + (before.map { [$0.id] } ?? []), for: "site:\(site.id)", in: organisation, as: principal)
        let board = try await verdicts.board(of: organisation, as: principal)
        return (
            summary(of: site, scans: [found], on: board), try Self.result(found, before: before, in: opened),
            opened[found.id] ?? []
        )
    }

    /// How many scans of each kind a page tells of.
    private static let historyLimit = 400

    private static func result(
        _ scan: SiteScan, before: SiteScan?, in opened: [Identifier<SiteScan>: [UInt8]]
    ) throws -> ScanResult {
        let summary = try read(scan, in: opened)
        let earlier = try before.map { try read($0, in: opened) }
        return ScanResult(
            scan: ScanEntry(scan), summary: summary,
            comparison: earlier.map { ScanComparison(from: $0, to: summary) }, comparedTo: before?.finishedAt)
    }

    private static func read(
        _ scan: SiteScan, in opened: [Identifier<SiteScan>: [UInt8]]
    ) throws -> ScanSummary {
        guard let json = opened[scan.id], let summary = try? JSONDecoder().decode(ScanSummary.self, from: Data(json))
        else {
            throw Problem(
                .refused, code: "scan.unreadable", "The stored report of a scan cannot be read.",
                hint: "Run `vouchsafe ledger verify`; scan the site anew.")
        }
        return summary
    }

    private func summary(of site: WatchedSite, scans: [SiteScan], on board: Board) -> SiteSummary {
        var results: [String: Int] = [:]
        for check in site.checks {
            guard let sighting = board.fold.governing(check.id, on: site.subject) else { continue }
            let isFresh = board.asOf < sighting.expiry(within: check.freshness)
            results[isFresh ? sighting.result.rawValue : "expired", default: 0] += 1
        }
        return SiteSummary(
            id: site.id.description, name: site.name, address: site.settings.address,
            isInternal: site.settings.isInternal, sendsFields: !site.settings.fields.isEmpty,
            kinds: site.settings.kinds, registeredAt: site.registeredAt,
            scans: scans.map(ScanEntry.init), results: results)
    }

    private func standings(
        of site: WatchedSite, on board: Board, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [SubjectCheck] {
        let sightings = site.checks.compactMap { board.fold.governing($0.id, on: site.subject) }
        let measurements =
            sightings.isEmpty
            ? [:]
            : try await verdicts.openMeasurements(
                sightings, for: "site:\(site.id)", in: organisation, as: principal)
        return site.checks.map { check in
            let sighting = board.fold.governing(check.id, on: site.subject)
            return SubjectCheck(
                id: check.id.rawValue, title: check.title,
                standing: SubjectStanding(
                    site.subject, named: site.name, sighting, sighting.flatMap { measurements[$0.number] },
                    freshness: check.freshness, at: board.asOf),
                commitments: board.commitments(with: check.id))
        }
    }
}

extension ScanEntry {
    init(_ scan: SiteScan) {
        self.init(
            id: scan.id.description, kind: scan.kind, finishedAt: scan.finishedAt, grade: scan.grade,
            score: scan.score, counts: scan.counts)
    }
}
