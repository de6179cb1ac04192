import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// The daily reviews of logs: the days that wait, each with what it brought, and those that were signed.
    ///
    /// - Parameter form: What was filled in and could not be accepted. Its value `digest` says for which day, by the
    ///   digest's identifier; without it, it is the oldest that waits.
    public func logReviews(
        _ overview: LogReviewOverview, maySign: Bool, form: FilledForm = FilledForm(), in frame: PageFrame
    ) -> String {
        render(LogReviewListPage(overview: overview, maySign: maySign, form: form, now: frame.now), in: frame)
    }
}

struct LogReviewListPage: Page {
    static let template = "log-review-list"
    let title = "Daily reviews of logs"
    let place: Place? = .logs
    let overview: LogReviewOverview
    let maySign: Bool
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "logPlaces": LogPlace.reviews.neighbours
        case "headline": headline
        case "isEmpty": overview.waiting.isEmpty && overview.signed.isEmpty
        case "formProblem": form.problem ?? false
        case "waiting":
            waiting.items.enumerated().map { position, digest in
                WaitingDay(
                    digest: digest, maySign: maySign, isFirst: position == 0, form: form(for: digest, at: position),
                    now: now)
            }
        case "moreWaiting": waiting.rest ?? false
        case "hasSigned": !overview.signed.isEmpty
        case "signed": overview.signed.prefix(60).map { SignedDay(digest: $0, now: now) }
        default: nil
        }
    }

    private var waiting: Shown<DigestSummary> { Shown(overview.waiting, atMost: 14) }

    private var headline: String {
        let (all, overdue) = (overview.waiting.count, overview.waiting.count { $0.dueAt < now })
        if all == 0 { return overview.signed.isEmpty ? "No day to review yet." : "Every day is reviewed." }
        if overdue == 0 { return "\(count(all, "day waits", "days wait")) for a review." }
        return overdue == all
            ? "\(count(all, "day")) of logs \(all == 1 ? "was" : "were") not reviewed in time."
            : "\(grouped(overdue)) of \(grouped(all)) days that wait were not reviewed in time."
    }

    private func form(for digest: DigestSummary, at position: Int) -> FilledForm {
        let isMeant = form.values["digest"].map { $0 == digest.id } ?? (position == 0)
        return isMeant ? form : FilledForm()
    }
}

/// A day that nobody signed yet, with the form that signs it.
private struct WaitingDay: MustacheParent {
    let digest: DigestSummary
    let maySign: Bool
    let isFirst: Bool
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "digestID": digest.id
        case "day": LogText.line(digest.day, longest: 20)
        case "due": Moment(digest.dueAt, now: now)
        case "isLate": digest.dueAt < now
        case "hasLines": !digest.lines.isEmpty
        case "lines": lines.items.map(DigestRow.init)
        case "moreLines": lines.rest ?? false
        case "maySign": maySign
        case "isOpen": isFirst || !form.isUntouched
        case "signatureAddress": "/logs/reviews/\(digest.id.asPathSegment)/signature"
        case "findingsField":
            Field(
                name: "findings", label: "What was found", kind: .long, help: "“Nothing” is an answer too.",
                longest: 4000, within: digest.id, form: form)
        case "exceptionsField":
            Field(
                name: "exceptions", label: "What was left out, and why", kind: .long,
                help: "Sources or hours that could not be looked at.", longest: 4000, within: digest.id,
                isOptional: true, form: form)
        default: nil
        }
    }

    /// Of the oldest day nearly any number, because it is the one to be signed.
    private var lines: Shown<DigestLine> { Shown(digest.lines, atMost: isFirst ? 1000 : 50) }
}

/// What one source brought on that day.
private struct DigestRow: MustacheParent {
    let line: DigestLine

    func child(named name: String) -> Any? {
        switch name {
        case "lineAddress": Address.logSource(line.source)
        case "lineName": LogText.line(line.name, longest: 100)
        case "lineEvents": grouped(line.events)
        case "lineFaults": grouped(line.faults)
        case "hasFaults": line.faults > 0
        case "silence": "\(grouped(line.silentHours)) of 24 hours"
        case "isSilent": line.silentHours > 0
        case "hasAlerts": !LevelMark.counts(line.alerts).isEmpty
        case "lineAlerts": LevelMark.counts(line.alerts)
        default: nil
        }
    }
}

/// A day that was signed.
private struct SignedDay: MustacheParent {
    let digest: DigestSummary
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "digestID": digest.id
        case "day": LogText.line(digest.day, longest: 20)
        case "signedBy": digest.signedBy.map { LogText.line($0) } ?? "–"
        case "signedAt": digest.signedAt.map { Moment($0, now: now) } ?? false
        case "wasLate": digest.signedAt.map { $0 > digest.dueAt } ?? false
        case "brought": brought
        case "findings": digest.findings.map { LogText.block($0) } ?? "–"
        case "exceptions": digest.exceptions.flatMap { $0.isEmpty ? nil : LogText.block($0) } ?? false
        default: nil
        }
    }

    private var brought: String {
        let alerts = digest.lines.flatMap { $0.alerts.values }.reduce(0, +)
        return "\(count(digest.lines.map(\.events).reduce(0, +), "event")) of \(count(digest.lines.count, "source")), "
            + "\(count(alerts, "alert"))"
    }
}
