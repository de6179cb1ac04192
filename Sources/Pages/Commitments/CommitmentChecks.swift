import Kernel
import Mustache
import Verdicts
import Wire

/// One check of a commitment with its whole population.
struct CheckBlock: MustacheParent {
    let check: CheckDetail
    let position: Int
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "checkTitle": check.title
        case "checkID": check.id
        case "mark": VerdictMark(check.verdict)
        case "measures": check.measures
        case "terms": terms
        case "missing": check.missing.map(sentence) ?? false
        case "hasSubjects": !check.subjects.isEmpty
        case "subjects":
            check.subjects.enumerated()
                .sorted { (Self.urgency($0.element), $0.offset) < (Self.urgency($1.element), $1.offset) }
                .map { SubjectRow(standing: $0.element, anchor: "subject-\(position)-\($0.offset)", now: now) }
        case "noSubjects":
            check.missing == nil
                ? "There are no \(check.population) yet, so nothing has been observed."
                : false
        default: nil
        }
    }

    private var terms: String {
        let passing = check.subjects.count { $0.result == .pass && $0.isFresh }
        let applicable = check.subjects.count { $0.result != .notApplicable }
        var text =
            "Must pass on \(check.threshold) of the \(check.population); "
            + "evidence stays fresh for \(words(for: check.freshness))."
        if applicable > 0 { text += " Passes now on \(grouped(passing)) of \(grouped(applicable))." }
        return text
    }

    private static func urgency(_ standing: SubjectStanding) -> Int {
        ResultMark.order.firstIndex(of: ResultMark(standing.result, isFresh: standing.isFresh).name) ?? 0
    }
}

/// What a check lacks, as a sentence. The catalogue names it in a few words: `log collection`.
private func sentence(_ missing: String) -> String {
    missing.hasSuffix(".") ? missing : "It needs \(missing), which this installation does not have yet."
}

/// One subject with the observation that counts for it now.
struct SubjectRow: MustacheParent {
    let standing: SubjectStanding
    /// Unique on the page, so that an open drawer can be found again.
    let anchor: String
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "anchor": anchor
        case "detailsID": anchor + "-evidence"
        case "mark": ResultMark(standing.result, isFresh: standing.isFresh)
        case "subjectName": standing.name
        case "subjectAddress": address ?? false
        case "value": standing.value ?? "Nothing measured"
        case "observedAt": standing.observedAt.map { Moment($0, now: now) } ?? false
        case "expiry": expiry ?? false
        case "fix": standing.fix ?? false
        case "hasEvidence": !standing.evidence.isEmpty
        case "evidence": standing.evidence.map(EvidenceLine.init)
        default: nil
        }
    }

    private var address: String? {
        switch standing.kind {
        case "host": Address.host(standing.subject)
        case "site": Address.site(standing.subject)
        case "person": "/people/\(standing.subject.asPathSegment)"
        default: nil
        }
    }

    private var expiry: String? {
        guard let expiresAt = standing.expiresAt else { return nil }
        let distance = Moment.distance(from: now, to: expiresAt)
        return expiresAt <= now ? "ran out \(distance)" : "runs out \(distance == "just now" ? "now" : distance)"
    }
}

private struct EvidenceLine: MustacheParent {
    let evidence: Evidence

    func child(named name: String) -> Any? {
        switch name {
        case "source": evidence.source
        case "content": evidence.content
        default: nil
        }
    }
}

/// Something a person can do, and the subjects on which it helps.
struct Remedy: MustacheParent {
    private let title: String
    private let subjects: String
    private let text: String

    /// The fixes of everything that does not pass, the same fix named once; then what is missing before a check
    /// can run.
    static func all(in checks: [CheckDetail]) -> [Remedy] {
        let missing = checks.compactMap { check in
            check.missing.map { Remedy(title: check.title, subjects: "cannot run yet", text: sentence($0)) }
        }
        let fixes = checks.flatMap { check in
            check.subjects.filter { $0.fix != nil && $0.result != .pass }.grouped(by: { $0.fix ?? "" }).map {
                fix, standings in
                Remedy(title: check.title, subjects: "on " + enumeration(standings.map(\.name)), text: fix)
            }
        }
        return fixes + missing
    }

    func child(named name: String) -> Any? {
        switch name {
        case "remedyTitle": title
        case "subjects": subjects
        case "remedy": text
        default: nil
        }
    }
}
