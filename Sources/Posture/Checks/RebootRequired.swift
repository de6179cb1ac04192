import Kernel

/// Whether the running kernel is the newest one installed and nothing has asked for a reboot.
///
/// The marker file's absence alone proves nothing: Debian writes it only if a package with the hook is installed.
enum RebootRequired {
    static let check = PostureCheck(
        "endpoint.reboot-required", title: "No reboot pending",
        measures: "No reboot is asked for and the running kernel is the newest installed.",
        keywords: ["reboot", "restart", "kernel", "patches applied"],
        judge: { reader, _ in judge(reader) })

    static let fix = "Restart it at the next occasion: systemctl reboot"

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        if let marker = reader.first(of: ["/run/reboot-required", "/var/run/reboot-required"]) {
            let packages = Set(reader.linesIfAny("\(marker).pkgs").map { $0.trimmed }.filter { !$0.isEmpty }).sorted()
            trail.note(
                marker, packages.isEmpty ? "is there" : "asked for by \(packages.prefix(6).joined(separator: ", "))")
            return trail.fail("a reboot is asked for", fix: fix)
        }
        guard
            let running = reader.word("/proc/sys/kernel/osrelease")
                ?? reader.word("/proc/version")?.words.dropFirst(2).first, !running.isEmpty
        else {
            return trail.unknown("the running kernel's version cannot be read", fix: "Mount /proc and run it again.")
        }
        trail.note("/proc/sys/kernel/osrelease", running)
        let installed = reader.names(in: "/boot").compactMap(kernelRelease)
        let sameKind = installed.filter { flavour($0) == flavour(running) }
        let newest = (sameKind.isEmpty ? installed : sameKind).max {
            DebianVersion(underlined: $0) < DebianVersion(underlined: $1)
        }
        if let newest {
            trail.note("/boot", "newest kernel \(newest)")
            if DebianVersion(underlined: running) < DebianVersion(underlined: newest) {
                return trail.fail(
                    "\(running.shortened(to: 60)) runs, \(newest.shortened(to: 60)) is installed", fix: fix)
            }
        }
        if let change = rebuilt(running, on: reader) {
            trail.note("/var/lib/dpkg/status", change.installed)
            return trail.fail(
                "the running kernel is build \(change.running), build \(change.installed) is installed", fix: fix)
        }
        if case .finished(0, let output) = reader.run(.needrestart), let state = needrestartState(output.lines) {
            trail.note(HostCommand.needrestart.text, "NEEDRESTART-KSTA: \(state)")
            if state >= 2 { return trail.fail("needrestart reports a newer kernel than the running one", fix: fix) }
            if state == 1 {
                return trail.pass("the running kernel, \(running.shortened(to: 60)), is the newest installed")
            }
        }
        guard newest != nil else {
            if let kind = DeviceKind(on: reader).virtualisation {
                return trail.notApplicable(
                    "the kernel is given from outside (\(kind)); no kernel is installed here, and no reboot is asked for"
                )
            }
            return trail.unknown(
                "no installed kernel was found in /boot to compare with",
                fix: "Install needrestart and run: needrestart -b -k")
        }
        if installed.contains(running) {
            return trail.pass("the running kernel, \(running.shortened(to: 60)), is the newest installed")
        }
        return trail.unknown(
            "the running kernel, \(running.shortened(to: 60)), is not among those in /boot",
            fix: "Check where it was started from; install the distribution's kernel and reboot.")
    }

    /// `vmlinuz-6.1.0-28-amd64` → `6.1.0-28-amd64`; rescue images and what packages leave behind are no candidates.
    static func kernelRelease(_ name: String) -> String? {
        guard let release = name.after("vmlinuz-") ?? name.after("kernel-"), release.first?.isNumber == true,
            !release.contains("rescue"),
            ![".old", ".bak", ".dpkg-new", ".dpkg-old", ".dpkg-bak", ".hmac", ".sig"].contains(where: release.hasSuffix)
        else { return nil }
        return release
    }

    /// `amd64`, `cloud-amd64`, `generic`: what follows the numbers.
    static func flavour(_ release: String) -> String {
        release.split(separator: "-").drop { $0.first?.isNumber == true }.joined(separator: "-")
    }

    private static func needrestartState(_ lines: [String]) -> Int? {
        lines.compactMap { $0.after("NEEDRESTART-KSTA:") }.first.flatMap { Int($0.trimmed) }
    }

    /// A kernel package that was updated under the same release name: the running build (`Debian 6.1.129-1` in /proc/version) against dpkg's.
    private static func rebuilt(_ running: String, on reader: HostReader) -> (running: String, installed: String)? {
        guard let version = reader.word("/proc/version"), let place = version.words.firstIndex(of: "Debian"),
            place + 1 < version.words.count,
            case .contents(let status) = reader.read("/var/lib/dpkg/status", 64 << 20)
        else { return nil }
        let build = version.words[place + 1]
        let package = controlParagraphs(status, fields: ["package", "version", "status"]).first {
            $0["package"] == "linux-image-\(running)"
        }
        guard let installed = package?["version"], package?["status"]?.hasSuffix(" installed") == true,
            DebianVersion(build) < DebianVersion(installed)
        else { return nil }
        return (build, installed)
    }
}

extension DebianVersion {
    /// A kernel's release, whose hyphens part no revision off.
    init(underlined release: String) {
        self.init(release.split(separator: "-", omittingEmptySubsequences: false).joined(separator: "."))
    }
}
