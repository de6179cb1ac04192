import Kernel
import Posture

/// A host in memory: files, links and answers of commands, all set by a test.
struct FakeHost {
    var files: [String: String] = [:]
    var bytes: [String: [UInt8]] = [:]
    var links: [String: String] = [:]
    var directories: Set<String> = []
    var denied: Set<String> = []
    var modified: [String: Instant] = [:]
    var outcomes: [HostCommand: HostReader.CommandOutcome] = [:]
    var clock: HostReader.ClockDiscipline?
    var isRoot = true
    var isCaptured = false
    var now = FakeHost.noon

    static let noon = Instant("2026-11-21T12:00:00Z") ?? .distantPast

    init(_ files: [String: String] = [:], outputs: [HostCommand: String] = [:]) {
        self.files = files
        for (command, text) in outputs { outcomes[command] = .finished(exitCode: 0, output: Array(text.utf8)) }
    }

    func run(_ id: CheckID, options: PostureOptions = PostureOptions()) -> Measurement {
        PostureCatalogue.run([id], on: reader, options: options).first?.1 ?? Measurement(.error, value: "no such check")
    }

    var reader: HostReader {
        let host = self
        return HostReader(
            read: { host.read($0, limit: $1, isWhole: true) }, head: { host.read($0, limit: $1, isWhole: false) },
            list: { host.list($0) }, linkTarget: { host.links[host.resolved($0, followLast: false)] },
            status: { host.status($0) },
            run: { host.outcomes[$0] ?? .absent }, clockDiscipline: { host.clock }, isRoot: isRoot,
            isCaptured: isCaptured,
            now: { host.now })
    }

    private var paths: Set<String> {
        Set(files.keys).union(bytes.keys).union(links.keys).union(directories).union(denied)
    }

    /// Follows links, `.` and `..` as a kernel does.
    private func resolved(_ path: String, followLast: Bool = true) -> String {
        var rest = Array(path.split(separator: "/").map(String.init).reversed())
        var reached: [String] = []
        var budget = 40
        while let component = rest.popLast() {
            if component == "." { continue }
            if component == ".." {
                _ = reached.popLast()
                continue
            }
            let candidate = "/" + (reached + [component]).joined(separator: "/")
            guard followLast || !rest.isEmpty, let target = links[candidate], budget > 0 else {
                reached.append(component)
                continue
            }
            budget -= 1
            if target.hasPrefix("/") { reached = [] }
            rest.append(contentsOf: target.split(separator: "/").map(String.init).reversed())
        }
        return "/" + reached.joined(separator: "/")
    }

    private func content(_ path: String) -> [UInt8]? {
        bytes[path] ?? files[path].map { Array($0.utf8) }
    }

    private func read(_ path: String, limit: Int, isWhole: Bool) -> HostReader.Reading {
        let path = resolved(path)
        if denied.contains(path) { return .denied }
        if let content = content(path) {
            if isWhole { return content.count > limit ? .tooLarge(limit: limit) : .contents(content) }
            return .contents(Array(content.prefix(limit)))
        }
        return hasChildren(path) ? .notAFile : .missing
    }

    private func hasChildren(_ path: String) -> Bool {
        directories.contains(path) || paths.contains { $0.hasPrefix(path == "/" ? "/" : path + "/") }
    }

    private func list(_ path: String) -> HostReader.Listing {
        let path = resolved(path)
        if denied.contains(path) { return .denied }
        if content(path) != nil { return .notADirectory }
        guard hasChildren(path) else { return .missing }
        let start = path == "/" ? "/" : path + "/"
        let names = paths.filter { $0.hasPrefix(start) && $0 != start }.compactMap {
            $0.dropFirst(start.count).split(separator: "/").first.map(String.init)
        }
        return .names(Set(names).sorted())
    }

    private func status(_ path: String) -> HostReader.StatusReading {
        let path = resolved(path)
        let isFile = content(path) != nil || denied.contains(path)
        guard isFile || hasChildren(path) else { return .missing }
        return .found(
            HostReader.FileStatus(
                kind: isFile ? .file : .directory, mode: 0o644, owner: 0, modified: modified[path] ?? FakeHost.noon,
                device: DeviceNumber(major: 8, minor: 1)))
    }
}

/// A small generator whose numbers are the same in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
