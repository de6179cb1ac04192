import Backups
import Kernel
import Store

extension Rooms {
    /// Whether a backup of the installation was made in the last 26 hours: one a day, and two hours for it.
    public func judgeBackupAge() async -> Measurement {
        await judge(
            "backup", limit: .hours(26), \.made,
            fix: "Make one with `vouchsafe backup --to FILE --recipient age1…`, or `vouchsafe backup schedule`.")
    }

    /// Whether a backup that was made in the last 35 days was restored elsewhere: one a month, and some days for it.
    public func judgeVerifiedBackupAge() async -> Measurement {
        await judge(
            "verified backup", limit: .days(35), \.verified,
            fix: "Run `vouchsafe backup verify FILE --identity FILE` on another machine, and record its receipt here.")
    }

    private func judge(
        _ name: String, limit: Period, _ moment: KeyPath<(made: Instant?, verified: Instant?), Instant?>, fix: String
    ) async -> Measurement {
        let newest: (made: Instant?, verified: Instant?)
        do { newest = try await backups.newest(as: .job(.checks)) } catch {
            return Measurement(
                .error, value: "The list of backups could not be read.",
                evidence: [Evidence(source: "the list of backups", content: "\(error)")],
                fix: "Run `vouchsafe ledger verify` and follow what it says.")
        }
        guard let made = newest[keyPath: moment] else {
            return Measurement(.fail, value: "there is no \(name)", fix: fix)
        }
        let age = max(0, (clock.now() - made).milliseconds / 3_600_000)
        let evidence = [Evidence(source: "the list of backups", content: "the newest \(name) is of \(made)")]
        let value = "the newest \(name) is \(age < 48 ? "\(age) hours" : "\(age / 24) days") old"
        guard made + limit >= clock.now() else {
            return Measurement(.fail, value: value, evidence: evidence, fix: fix)
        }
        return Measurement(.pass, value: value, evidence: evidence)
    }
}
