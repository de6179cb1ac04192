import Kernel
import Mustache
import Verdicts
import Wire

extension PageRenderer {
    /// One commitment with everything behind its verdict.
    ///
    /// - Parameters:
    ///   - verificationKey: the ledger's C2SP `vkey`, for the command that verifies the proof.
    ///   - exceptionForm: what came back with problems from asking for an exception: fields `reason` and `until`.
    public func commitment(
        _ detail: CommitmentDetail, verificationKey: String, exceptionForm: FilledForm = FilledForm(),
        in frame: PageFrame
    ) -> String {
        render(
            CommitmentShowPage(
                detail: detail, verificationKey: verificationKey, exceptionForm: exceptionForm, now: frame.now),
            in: frame)
    }
}

struct CommitmentShowPage: Page {
    static let template = "commitment-show"
    let detail: CommitmentDetail
    let verificationKey: String
    let exceptionForm: FilledForm
    let now: Instant

    var title: String { "\(detail.status.verdict.word): \(detail.status.summary)" }
    var place: Place? { .overview }

    func child(named name: String) -> Any? {
        standing(name) ?? evidence(name) ?? decisions(name)
    }

    private func standing(_ name: String) -> Any? {
        let status = detail.status
        return switch name {
        case "name": status.verdict.rawValue
        case "word": status.verdict.word
        case "summary": status.summary
        case "reason": status.reason
        case "section": status.section
        case "owner": status.owner
        case "commitmentID": status.id
        case "policyTitle": detail.policyTitle
        case "policyAddress": Address.policy(status.policy)
        case "since": moment(status.since)
        case "observed": moment(status.observedAt)
        case "validUntil": moment(status.verdict == .kept ? status.validUntil : nil)
        case "acceptedUntil":
            moment(status.exception.flatMap { $0.approvedBy != nil && now < $0.until ? $0.until : nil })
        case "controls": detail.controls.map(ControlLine.init)
        case "hasWording": !detail.wording.isEmpty
        case "wording": detail.wording
        case "defect": detail.defect ?? false
        default: nil
        }
    }

    private func evidence(_ name: String) -> Any? {
        switch name {
        case "remedies": Remedy.all(in: detail.checks)
        case "hasRemedies": !Remedy.all(in: detail.checks).isEmpty
        case "remedyHeading": detail.status.verdict == .broken ? "How to keep it again" : "What to do"
        case "hasChecks": !detail.checks.isEmpty
        case "checks": detail.checks.enumerated().map { CheckBlock(check: $1, position: $0, now: now) }
        case "noChecks": noChecks
        case "strip": HistoryStrip(history: detail.history, now: now).segments
        case "hasStrip": !detail.history.isEmpty
        case "stripDescription": HistoryStrip(history: detail.history, now: now).description
        case "hasShares": !detail.shares.isEmpty
        case "shares": detail.shares.map(ShareLine.init)
        // What lies before the first change is in no share; say so while the longest window reaches back further.
        case "knownSince": moment(detail.history.last.flatMap { $0.at > now - HistoryStrip.window ? $0.at : nil })
        case "hasHistory": !detail.history.isEmpty
        case "history": detail.history.map { ChangeLine(change: $0, detail: detail, now: now) }
        default: nil
        }
    }

    private func decisions(_ name: String) -> Any? {
        let address = Address.commitment(detail.status.policy, detail.status.id)
        return switch name {
        case "hasExceptions": !detail.exceptions.isEmpty
        case "exceptions": detail.exceptions.map { ExceptionLine(exception: $0, now: now) }
        case "exceptionAddress": address + "/exceptions"
        case "exceptionFormOpen": !exceptionForm.isUntouched
        case "formProblem": exceptionForm.problem ?? false
        case "fields": ExceptionLine.fields(of: exceptionForm)
        case "proof": detail.proof.map { ProofLine(proof: $0, now: now) } ?? false
        case "proofAddress": address + "/proof"
        case "command": "vouchsafe verify \(detail.status.id).proof --key '\(verificationKey)'"
        default: nil
        }
    }

    private var noChecks: String {
        detail.status.verdict == .unprovable
            ? "Nothing is checked: as it is worded, no evidence could ever show it. Word it so that it can be measured."
            : "No check is named for this promise. Name one in the pack, and its results will stand here."
    }

    private func moment(_ instant: Instant?) -> Any {
        instant.map { Moment($0, now: now) } ?? false
    }
}

private struct ControlLine: MustacheParent {
    let control: ControlList

    func child(named name: String) -> Any? {
        switch name {
        case "framework": control.framework
        case "references": control.references.joined(separator: ", ")
        default: nil
        }
    }
}
