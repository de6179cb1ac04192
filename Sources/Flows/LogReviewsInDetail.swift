import Detection
import Kernel
import Store
import Wire

extension Rooms {
    /// The days that wait for a review, and those that somebody signed.
    public func logReviewOverview(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> LogReviewOverview {
        let digests = try await logReviews.digests(of: organisation, as: principal)
        let people = try await actorNames(
            of: digests.signed.compactMap { $0.signature?.by }, in: organisation, as: principal)
        return LogReviewOverview(
            waiting: digests.waiting.map { DigestSummary($0, people: people) },
            signed: digests.signed.map { DigestSummary($0, people: people) })
    }
}

extension DigestSummary {
    init(_ digest: LogDigest, people: [String: String]) {
        self.init(
            id: digest.id.description, day: digest.day, dueAt: digest.dueAt,
            lines: digest.lines.map {
                DigestLine(
                    source: $0.source.description, name: $0.name, events: $0.events, faults: $0.faults,
                    silentHours: $0.silentHours, alerts: $0.alerts)
            }, signedBy: digest.signature.map { people[$0.by] ?? $0.by }, signedAt: digest.signature?.at,
            findings: digest.signature?.findings, exceptions: digest.signature?.exceptions)
    }
}
