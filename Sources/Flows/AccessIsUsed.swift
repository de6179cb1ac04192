import Identity
import Kernel
import Store

extension Rooms {
    /// Whether somebody uses their access: an access that nobody uses is one that nobody would miss, and nobody watches.
    ///
    /// The last use is kept to the minute and is disposable. Where it is lost, as by a restore, it counts as never: the check
    /// then fails until they come, and never passes for want of knowledge.
    static func judge(_ use: AccessUse, at now: Instant) -> Measurement {
        let last = max(use.lastUsedAt ?? use.joinedAt, use.joinedAt)
        let days = max(0, (now - last).milliseconds / 86_400_000)
        // What was noted of an earlier membership is no use of this one.
        let wasHere = use.lastUsedAt.map { $0 >= use.joinedAt } ?? false
        let value = wasHere ? "last used \(days) days ago" : "joined \(days) days ago, and never used"
        let day = String(last.description.prefix(10))
        let evidence = [
            Evidence(
                source: "the last use of the access, or the day of joining",
                content: wasHere ? "last used on \(day)" : "joined on \(day), never used since")
        ]
        guard last + .days(PeopleChecks.unusedDays) < now else {
            return Measurement(.pass, value: value, evidence: evidence)
        }
        return Measurement(
            .fail, value: value, evidence: evidence,
            fix: "Ask whether they still need it; if not, end the access on their page under /people.")
    }
}
