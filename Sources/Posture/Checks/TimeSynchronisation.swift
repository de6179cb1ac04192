import Kernel

/// Whether the clock is kept within a second: logs and evidence are worth no more than it.
///
/// `NTPSynchronized` alone is no proof: the kernel calls a clock synchronised while it may be 16 seconds off.
enum TimeSynchronisation {
    static let check = PostureCheck(
        "endpoint.time", title: "Correct time",
        measures: "The clock is disciplined and at most 1 second off, by the kernel, by chrony, or as measured by the server.",
        keywords: ["time", "clock", "ntp", "synchronised", "synchronized", "timestamps"],
        judge: judge)

    static let fix = "As root: apt install chrony (or systemctl enable --now systemd-timesyncd); then: chronyc tracking"

    static func judge(_ reader: HostReader, _ options: PostureOptions) -> Measurement {
        var trail = Trail()
        if let skew = options.measuredClockSkew {
            trail.note("the server's measurement", "\(skew.milliseconds) ms")
            let isClose = (-1000...1000).contains(skew.milliseconds)
            return isClose ? trail.pass("\(skew.milliseconds) ms off, measured by the server") : trail.fail("\(skew.inSeconds) s off, measured by the server", fix: fix)
        }
        if let clock = reader.clockDiscipline() {
            trail.note("adjtimex", "\(clock.isSynchronised ? "synchronised" : "not synchronised"), offset \(clock.offset) µs, estimated error \(clock.estimatedError) µs")
            guard clock.isSynchronised else { return trail.fail("nothing keeps the clock right: the kernel calls it unsynchronised", fix: fix) }
            let worst = max(clock.offset.magnitude, clock.estimatedError.magnitude)
            return worst <= 1_000_000 ? trail.pass("synchronised, off by at most \(worst / 1000) ms") : trail.fail("off by \(worst / 1_000_000) s", fix: fix)
        }
        if case .finished(0, let output) = reader.run(.chronyTracking), let found = chrony(output.lines) {
            trail.note(HostCommand.chronyTracking.text, "offset \(found.offset) s, \(found.isSynchronised ? "synchronised" : "not synchronised")")
            guard found.isSynchronised else { return trail.fail("chrony has no source to follow", fix: fix) }
            return abs(found.offset) <= 1 ? trail.pass("chrony keeps it within \(abs(found.offset)) s") : trail.fail("off by \(abs(found.offset)) s", fix: fix)
        }
        if case .finished(0, let output) = reader.run(.timeStatus) {
            let line = output.lines.first { $0.contains("NTPSynchronized=") || $0.contains("System clock synchronized:") }
            if let line {
                trail.note(HostCommand.timeStatus.text, line)
                guard line.hasSuffix("yes") else { return trail.fail("nothing keeps the clock right: it is not synchronised", fix: fix) }
                return trail.unknown("synchronised, but by how much it is off cannot be told from this", fix: "Let the agent run on the host, or install chrony.")
            }
        }
        return trail.unknown("the kernel's clock cannot be asked here", fix: fix)
    }

    /// `System time     : 0.000012 seconds slow of NTP time` and `Leap status     : Normal`.
    static func chrony(_ lines: [String]) -> (offset: Double, isSynchronised: Bool)? {
        var offset: Double?
        var isSynchronised = false
        for line in lines {
            guard let (key, value) = line.cut(at: ":") else { continue }
            if key == "System time" { offset = value.words.first.flatMap { Double($0) } }
            if key == "Leap status" { isSynchronised = value != "Not synchronised" }
        }
        guard let offset, offset.isFinite else { return nil }
        return (offset, isSynchronised)
    }
}
