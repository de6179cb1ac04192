import Kernel

/// Whether security updates wait to be installed, by lists that apt fetched within the last 48 hours.
enum SecurityUpdates {
    static let check = PostureCheck(
        "endpoint.security-updates", title: "Security updates",
        measures:
            "No installed package has a newer version in a security archive; package lists are at most 48 hours old.",
        keywords: [
            "security updates", "update", "updates", "patch", "patches", "patching", "up to date", "up-to-date",
        ],
        judge: { reader, _ in judge(reader) })

    static let fix = "As root: apt-get update && apt-get dist-upgrade"

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        let lists = PackageLists(on: reader)
        var command = HostCommand.aptUpgradable
        var outcome = reader.run(command)
        if case .finished(0, let output) = outcome, PendingUpgrades(output.lines) != nil {
        } else {
            command = .aptSimulate
            outcome = reader.run(command)
        }
        let suites = Set(lists.releases.filter(\.isSecurity).flatMap { [$0.suite, $0.codename] })
        var pending: [String]?
        var obstacle = "apt could not be asked"
        switch outcome {
        case .finished(0, let output):
            if let upgrades = PendingUpgrades(output.lines, securitySuites: suites) {
                trail.note(command.text, "\(upgrades.security.count) security, \(upgrades.others) other")
                pending = upgrades.security
                if upgrades.security.isEmpty, !upgrades.keptBack.isEmpty {
                    pending = nil
                    obstacle =
                        "\(upgrades.keptBack.count.counted("package")) kept back, which may be security updates (\(upgrades.keptBack.prefix(5).joined(separator: ", ").shortened()))"
                }
            } else {
                obstacle = "apt gave no usable answer"
            }
        case .finished(let code, _): obstacle = "apt-get ended with code \(code)"
        case .timedOut: obstacle = "apt-get took too long"
        case .failed(let reason): obstacle = reason
        case .denied: obstacle = "apt-get was refused"
        case .absent:
            pending = lists.pendingSecurity(on: reader)
            if let pending {
                trail.note("/var/lib/dpkg/status, \(PackageLists.directory)", "\(pending.count) security")
            }
            if pending == nil, !lists.isThere {
                obstacle =
                    "neither apt's answer nor its package lists are here, and no other package manager can be asked yet"
            }
        }
        if let updated = lists.updatedAt { trail.note(PackageLists.directory, "last updated \(updated)") }
        // Known to be pending stays pending, however old the lists are.
        if let pending, !pending.isEmpty {
            let shown = pending.prefix(8).joined(separator: ", ") + (pending.count > 8 ? ", …" : "")
            return trail.fail(
                "\(pending.count.counted("security update")) pending: \(shown.shortened(to: 300))", fix: fix)
        }
        guard pending != nil else { return trail.unknown(obstacle, fix: fix) }
        if let reason = doubt(lists, reader: reader) {
            return trail.unknown(
                "none pending, but \(reason)",
                fix: "As root: apt-get update, then look again. Sources: /etc/apt/sources.list and sources.list.d")
        }
        return trail.pass("no security update pending")
    }

    /// Why an empty list of updates proves nothing.
    private static func doubt(_ lists: PackageLists, reader: HostReader) -> String? {
        // A captured answer without any lists beside it was true when it was captured.
        if reader.isCaptured, !lists.isThere { return nil }
        guard lists.isThere, let updated = lists.updatedAt else { return "apt has no package lists" }
        let now = reader.now()
        if now - updated > .hours(48) { return "the package lists are older than 48 hours (\(updated))" }
        let security = lists.releases.filter(\.isSecurity)
        if !lists.releases.isEmpty, security.isEmpty { return "no security archive is among the sources" }
        if lists.releases.isEmpty, !reader.isCaptured { return "apt has no package lists" }
        if let ended = security.compactMap(\.validUntil).max(), ended < now {
            return "the security archive's list ran out on \(ended)"
        }
        return nil
    }
}
