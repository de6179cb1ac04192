import Kernel

/// Whether the clock is kept within a second: logs and evidence are worth no more than it.
///
/// `NTPSynchronized` alone is no proof: the kernel calls a clock synchronised while it may be 16 seconds off.
enum TimeSynchronisation {
    static let check = PostureCheck(
        "endpoint.time", title: "Correct time",
        measures:
            "The clock is disciplined and at most 1 second off, by the kernel, by chrony, or as measured by the server.",
        keywords: ["time", "clock", "ntp", "synchronised", "synchronized", "timestamps"],
        judge: judge)

    static let fix = "As root: apt install chrony (or systemctl enable --now systemd-timesyncd); then: chronyc tracking"

    static func judge(_ reader: HostReader, _ options: PostureOptions) -> Measurement {
        var trail = Trail()
        if let skew = options.measuredClockSkew {
            trail.note("the server's measurement", "\(skew.milliseconds) ms")
            let isClose = (-1000...1000).contains(skew.milliseconds)
            return isClose
                ? trail.pass("\(skew.milliseconds) ms off, measured by the server")
                : trail.fail("\(skew.inSeconds) s off, measured by the server", fix: fix)
        }
        if let clock = reader.clockDiscipline() ?? printed(reader) {
            trail.note(
                "adjtimex",
                "\(clock.isSynchronised ? "synchronised" : "not synchronised"), offset \(clock.offset) µs, estimated error \(clock.estimatedError) µs"
            )
            guard clock.isSynchronised else {
                return trail.fail("nothing keeps the clock right: the kernel calls it unsynchronised", fix: fix)
            }
            let worst = max(clock.offset.magnitude, clock.estimatedError.magnitude)
            return worst <= 1_000_000
                ? trail.pass("synchronised, off by at most \(worst / 1000) ms")
                : trail.fail("off by \(worst / 1_000_000) s", fix: fix)
        }
        if case .finished(0, let output) = reader.run(.chronyTracking), let found = chrony(output.lines) {
            trail.note(
                HostCommand.chronyTracking.text,
                "offset \(found.offset) s, \(found.isSynchronised ? "synchronised" : "not synchronised")")
            guard found.isSynchronised else { return trail.fail("chrony has no source to follow", fix: fix) }
            return abs(found.offset) <= 1
                ? trail.pass("chrony keeps it within \(abs(found.offset)) s")
                : trail.fail("off by \(abs(found.offset)) s", fix: fix)
        }
        if case .finished(0, let output) = reader.run(.timeStatus) {
            let line = output.lines.first {
                $0.contains("NTPSynchronized=") || $0.contains("System clock synchronized:")
            }
            if let line {
                trail.note(HostCommand.timeStatus.text, line)
                guard line.hasSuffix("yes") else {
                    return trail.fail("nothing keeps the clock right: it is not synchronised", fix: fix)
                }
                if let offset = timesyncOffset(output.lines) {
                    return abs(offset) <= 1
                        ? trail.pass("synchronised, \(offset) s off") : trail.fail("off by \(abs(offset)) s", fix: fix)
                }
                return trail.unknown(
                    "synchronised, but by how much it is off cannot be told from this",
                    fix: "Let the agent run on the host, or install chrony.")
            }
        }
        return trail.unknown("the kernel's clock cannot be asked here", fix: fix)
    }

    /// What the program adjtimex printed, where a tree was captured with it.
    private static func printed(_ reader: HostReader) -> HostReader.ClockDiscipline? {
        guard reader.isCaptured, case .finished(0, let output) = reader.run(.adjtimex) else { return nil }
        var values: [String: Int64] = [:]
        for line in output.lines {
            guard let (key, value) = line.cut(at: ":"), let number = value.words.first.flatMap({ Int64($0) }) else {
                continue
            }
            values[key] = number
        }
        guard let status = values["status"], let offset = values["offset"], let error = values["esterror"] else {
            return nil
        }
        let divisor: Int64 = status & 0x2000 == 0 ? 1 : 1000
        return HostReader.ClockDiscipline(
            isSynchronised: status & 0x40 == 0, offset: offset / divisor, estimatedError: error)
    }

    /// `Offset: +1.234ms`, in seconds, as `timedatectl timesync-status` prints it.
    static func timesyncOffset(_ lines: [String]) -> Double? {
        guard let text = lines.lazy.compactMap({ $0.trimmed.after("Offset:") }).first?.trimmed else { return nil }
        let units = [("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("min", 60), ("s", 1.0)]
        guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }),
            let number = Double(text.dropLast(unit.count)), number.isFinite
        else { return nil }
        return number * factor
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
