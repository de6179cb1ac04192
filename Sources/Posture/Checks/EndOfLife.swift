import Kernel

/// Whether the operating system's publisher still mends security holes in this release.
enum EndOfLife {
    static let check = PostureCheck(
        "endpoint.end-of-life", title: "Supported operating system",
        measures:
            "The operating system's release still gets security fixes, long-term support included, paid extensions not.",
        keywords: ["supported", "end of life", "operating system", "outdated", "unsupported"],
        judge: { reader, _ in judge(reader) })

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        var release: [String: String] = [:]
        for path in ["/etc/os-release", "/usr/lib/os-release"] where release["ID"] == nil {
            release = shellAssignments(reader.linesIfAny(path))
            if let name = release["PRETTY_NAME"] ?? release["ID"] { trail.note(path, name) }
        }
        var version = release["VERSION_ID"] ?? ""
        if release["ID"] == nil, let debian = reader.word("/etc/debian_version"), debian.first?.isNumber == true {
            trail.note("/etc/debian_version", debian)
            release["ID"] = "debian"
            version = debian.split(separator: ".").first.map(String.init) ?? debian
        }
        guard let system = release["ID"]?.lowercased(), !system.isEmpty else {
            return trail.unknown(
                "/etc/os-release does not name the system",
                fix: "Restore /etc/os-release (a link to ../usr/lib/os-release).")
        }
        let name = "\(system) \(version)".shortened(to: 60)
        if SupportCalendar.rolling.contains(system) {
            return trail.pass("\(name) is renewed continuously; see the check of updates")
        }
        guard
            let entry = SupportCalendar.entry(system: system, version: version, codename: release["VERSION_CODENAME"]),
            let end = Instant("\(entry.end)T23:59:59Z")
        else {
            return trail.unknown(
                "\(name) is not in the table of end dates",
                fix: "Look up its end date with the publisher, and update Vouchsafe.")
        }
        let now = reader.now()
        let last = entry.longTermEnd.flatMap { Instant("\($0)T23:59:59Z") } ?? end
        let days = Int((last - now).inSeconds / 86_400)
        let day = entry.longTermEnd ?? entry.end
        if now > last {
            return trail.fail(
                "\(name) has had no security fixes since \(day)",
                fix: "Upgrade to a supported release; on Debian: the release notes, chapter 4.")
        }
        let phase = now > end ? "is in long-term support" : "is supported"
        return trail.pass("\(name) \(phase) until \(day) (\(days.counted("day")) left)")
    }
}
