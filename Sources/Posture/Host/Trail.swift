import Kernel

/// What a check has read so far, in the order in which it read it; it ends as the measurement's evidence.
struct Trail {
    private(set) var evidence: [Evidence] = []

    /// Notes that `content` stood in `source`. At most 12 notes of 200 characters: evidence is for reading, not for keeping copies.
    mutating func note(_ source: String, _ content: String) {
        guard evidence.count < 12 else { return }
        evidence.append(Evidence(source: source, content: content.shortened(to: 200)))
    }

    func pass(_ value: String) -> Measurement {
        Measurement(.pass, value: value, evidence: evidence)
    }

    func fail(_ value: String, fix: String) -> Measurement {
        Measurement(.fail, value: value, evidence: evidence, fix: fix)
    }

    func unknown(_ value: String, fix: String) -> Measurement {
        Measurement(.unknown, value: value, evidence: evidence, fix: fix)
    }

    func notApplicable(_ value: String) -> Measurement {
        Measurement(.notApplicable, value: value, evidence: evidence)
    }

    /// The result where only more rights would tell.
    func needsRoot(_ what: String) -> Measurement {
        unknown(
            "root is needed to read \(what)",
            fix: "Run it as root: sudo vouchsafe check run (the agent's service does).")
    }
}

extension HostReader {
    /// What came of reading a small text file.
    enum TextReading {
        case lines([String])
        case missing
        case denied
        /// It is there and cannot be used; the text says why.
        case unusable(String)
    }

    /// Reads a configuration file or a kernel table of at most `limit` bytes.
    func lines(_ path: String, limit: Int = 1 << 20) -> TextReading {
        switch read(path, limit) {
        case .contents(let bytes): .lines(bytes.lines)
        case .missing: .missing
        case .denied: .denied
        case .tooLarge(let limit): .unusable("\(path) is larger than \(limit) bytes")
        case .notAFile: .unusable("\(path) is not a file")
        case .failed(let reason): .unusable("\(path) could not be read: \(reason)")
        }
    }

    /// The lines of a file, or none where it cannot be read: for facts that only add to a judgement.
    func linesIfAny(_ path: String, limit: Int = 1 << 20) -> [String] {
        if case .lines(let lines) = lines(path, limit: limit) { lines } else { [] }
    }

    /// The first line of a file that holds one word or one sentence.
    func word(_ path: String) -> String? {
        guard case .contents(let bytes) = read(path, 4096) else { return nil }
        return bytes.lines.first?.trimmed
    }

    /// The names in a directory, or none where it cannot be listed.
    func names(in path: String) -> [String] {
        if case .names(let names) = list(path) { names } else { [] }
    }

    func exists(_ path: String) -> Bool {
        switch status(path) {
        case .found, .denied: true
        case .missing, .failed: false
        }
    }

    /// The first of `paths` that is there.
    func first(of paths: [String]) -> String? {
        paths.first { exists($0) }
    }

    func isDirectory(_ path: String) -> Bool {
        if case .found(let status) = status(path) { status.kind == .directory } else { false }
    }

    /// When the file was last changed.
    func modified(_ path: String) -> Instant? {
        if case .found(let status) = status(path) { status.modified } else { nil }
    }

    /// Whether a program is installed in one of the standard directories.
    func hasProgram(_ name: String) -> Bool {
        first(of: ["/usr/sbin/\(name)", "/usr/bin/\(name)", "/sbin/\(name)", "/bin/\(name)"]) != nil
    }

    /// The short names of the running processes, with their numbers.
    func processes() -> [(id: Int, name: String)] {
        names(in: "/proc").compactMap { entry in
            guard let id = Int(entry), let name = word("/proc/\(entry)/comm") else { return nil }
            return (id, name)
        }
    }
}
