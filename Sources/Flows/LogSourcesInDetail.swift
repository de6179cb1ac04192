import Commitments
import Detection
import Kernel
import LogArchive
import Sigma
import Store
import Verdicts
import Wire

/// What only the server that collects knows: how a source stands now; `nil` where it is not collected here.
public typealias LiveLogs = @Sendable (Identifier<WatchedLog>) -> LiveLog?

extension Rooms {
    /// Every log source, with what came from it and which rules can see something there.
    public func logSources(
        of organisation: Identifier<Organisation>, in archives: ArchiveDesk, live: LiveLogs, isCollecting: Bool,
        as principal: Principal
    ) async throws -> LogSourceOverview {
        let sources = try await logs.sources(of: organisation, as: principal)
        let settings = try await logs.settings(of: organisation, as: principal)
        let size = try await archives.size(in: organisation, as: principal)
        return LogSourceOverview(
            sources: try await summaries(of: sources, live: live, of: organisation, as: principal),
            isCollecting: isCollecting, retentionDays: settings.retentionDays, archivedBytes: size.bytes,
            archivedRecords: size.records)
    }

    /// One log source, with why records could not be read.
    ///
    /// - Parameter showsSamples: Also beginnings of such records, for those who may look into them.
    /// - Throws: `Problem` of kind `notFound`.
    public func logSource(
        _ id: String, of organisation: Identifier<Organisation>, live: LiveLogs, showsSamples: Bool = true,
        as principal: Principal
    ) async throws -> LogSourceDetail {
        let source = try await logs.find(id, in: organisation, as: principal)
        let summary = try await logSourceSummary(id, of: organisation, live: live, as: principal)
        let profile = try await logs.profiles(of: organisation, as: principal)[source.id]
        let coverage = RuleCoverage(
            try await detectionRules.ready(for: organisation, as: principal), profile: profile)
        let board = try await verdicts.board(of: organisation, as: principal)
        return LogSourceDetail(
            source: summary, hours: try await lastHours(of: source, in: organisation, as: principal),
            faults: (live(source.id)?.faults ?? []).map {
                LogFaultCount(reason: $0.reason, count: $0.count, samples: showsSamples ? $0.samples : [])
            }, fields: (profile?.fields ?? []).sorted(),
            blind: coverage.blind.prefix(100).map {
                BlindRule(rule: $0.rule.identity, title: $0.rule.title, missing: $0.missing)
            }, blindCount: coverage.blind.count,
            checks: try await standings(of: source, on: board, in: organisation, as: principal))
    }

    /// One log source as lists show it.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func logSourceSummary(
        _ id: String, of organisation: Identifier<Organisation>, live: LiveLogs, as principal: Principal
    ) async throws -> LogSourceSummary {
        let source = try await logs.find(id, in: organisation, as: principal)
        guard let summary = try await summaries(of: [source], live: live, of: organisation, as: principal).first else {
            throw Problem(.notFound, code: "log-source.not-found", "There is no such log source here.")
        }
        return summary
    }

    private func summaries(
        of sources: [WatchedLog], live: LiveLogs, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [LogSourceSummary] {
        guard !sources.isEmpty else { return [] }
        let now = clock.now()
        let lastSeen = try await logs.lastSeen(of: organisation, as: principal)
        let hours = Dictionary(
            grouping: try await logs.hours(since: now - .hours(23), of: organisation, as: principal), by: \.source)
        let rules = try await detectionRules.ready(for: organisation, as: principal)
        let profiles = try await logs.profiles(of: organisation, as: principal)
        return sources.map { source in
            var counts = LogCounts()
            for hour in hours[source.id] ?? [] { counts += hour.counts }
            let coverage = RuleCoverage(rules, profile: profiles[source.id])
            let seen = lastSeen[source.id]
            return LogSourceSummary(
                id: source.id.description, name: source.settings.name, format: source.settings.format,
                way: source.settings.way.words, registeredAt: source.registeredAt, lastSeen: seen,
                isSilent: now - (seen ?? source.registeredAt) > source.settings.silenceAfter,
                silenceAfter: source.settings.silenceAfter, rate: live(source.id)?.rate ?? 0, events: counts.events,
                faults: counts.faults, lost: counts.lost, applicable: coverage.applicable.count,
                canFire: coverage.canFire.count)
        }
    }

    private func lastHours(
        of source: WatchedLog, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [LogHour] {
        let now = clock.now()
        let known = Dictionary(
            try await logs.hours(since: now - .hours(47), of: organisation, as: principal)
                .filter { $0.source == source.id }.map { ($0.start, $0.counts) }
        ) { first, _ in first }
        let hour = Period.hours(1).milliseconds
        let newest = Instant(milliseconds: now.milliseconds / hour * hour)
        return (0..<48).reversed().map { back in
            let start = newest - .hours(back)
            let counts = known[start] ?? LogCounts()
            return LogHour(start: start, events: counts.events, faults: counts.faults, matches: counts.matches)
        }
    }

    private func standings(
        of source: WatchedLog, on board: Board, in organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [SubjectCheck] {
        let sightings = DetectionChecks.ofSources.compactMap { board.fold.governing($0.id, on: source.subject) }
        let measurements =
            sightings.isEmpty
            ? [:]
            : try await verdicts.openMeasurements(
                sightings, for: "log-source:\(source.id)", in: organisation, as: principal)
        return DetectionChecks.ofSources.map { check in
            let sighting = board.fold.governing(check.id, on: source.subject)
            return SubjectCheck(
                id: check.id.rawValue, title: check.title,
                standing: SubjectStanding(
                    source.subject, named: source.settings.name, sighting,
                    sighting.flatMap { measurements[$0.number] }, freshness: check.freshness, at: board.asOf),
                commitments: board.commitments(with: check.id))
        }
    }

    /// Looks through the archive; the ledger tells that somebody did.
    ///
    /// - Parameter names: Names or identifiers of sources; empty for all.
    /// - Throws: `Problem` `archive.search`, or of kind `notFound` for a source that never was.
    public func searchLogs(
        _ text: String, sources names: [String], from start: Instant, until end: Instant, limit: Int,
        of organisation: Identifier<Organisation>, in archives: ArchiveDesk, as principal: Principal
    ) async throws -> LogSearchResult {
        let all = try await logs.everySource(of: organisation, as: principal)
        let wanted = try names.map { name in
            guard let source = all.last(where: { $0.id.description == name || $0.settings.name == name }) else {
                throw Problem(
                    .notFound, code: "log-source.not-found", "There is no such log source here.",
                    hint: "`vouchsafe logs list` names them all.")
            }
            return source.id
        }
        let search = try LogSearch(
            terms: text.split(separator: " ").map(String.init),
            sources: wanted.isEmpty ? nil : Set(wanted.map { $0.retyped() }), from: start, until: end, limit: limit)
        let answer = try await ArchiveSearch(archives).search(search, in: organisation, as: principal)
        let known = Dictionary(all.map { ($0.id, $0.settings.name) }) { first, _ in first }
        return LogSearchResult(
            records: answer.records.map { record in
                LogRecordFound(
                    source: record.source.description, name: known[record.source.retyped()] ?? "unknown",
                    receivedAt: record.receivedAt, text: String(decoding: record.bytes, as: UTF8.self))
            }, hasMore: answer.hasMore, remarks: answer.remarks)
    }
}
