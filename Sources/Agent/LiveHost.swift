import Foundation
import Kernel
import Posture

extension HostReader {
    /// The machine that this runs on, or a file tree captured from one.
    ///
    /// - Parameters:
    ///   - root: `/` for the running machine, where commands really run. Anything else is a captured tree: paths and links are
    ///     resolved inside it and never lead out, and a command's output comes from `ROOT/.commands/NAME`.
    ///   - clock: tells the present moment.
    public static func live(root: String = "/", clock: WallClock = .system) -> HostReader {
        let place = trimmed(root)
        let isCaptured = place != "/"
        let tree = HostTree(root: place)
        return HostReader(
            read: { path, limit in tree.read(path, limit: limit, isWhole: true) },
            head: { path, count in tree.read(path, limit: count, isWhole: false) },
            list: { tree.list($0) },
            linkTarget: { tree.linkTarget($0) },
            status: { tree.status($0) },
            run: { isCaptured ? CapturedCommands.outcome(of: $0, in: tree) : HostProcess.run($0) },
            clockDiscipline: { isCaptured ? nil : KernelClock.discipline() },
            isRoot: geteuid() == 0, isCaptured: isCaptured, now: clock.now)
    }

    private static func trimmed(_ root: String) -> String {
        var root = root.isEmpty ? "/" : root
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        return root
    }
}

/// The outputs of commands that were kept with a captured tree.
enum CapturedCommands {
    /// Output is cut off with an error above this, as that of a running command is.
    static let limit = 8 << 20

    static func outcome(of command: HostCommand, in tree: HostTree) -> HostReader.CommandOutcome {
        for name in command.capturedNames {
            switch tree.read("/.commands/\(name)", limit: limit, isWhole: true) {
            case .contents(let bytes): return .finished(exitCode: 0, output: bytes)
            case .missing: continue
            case .denied: return .denied
            case .tooLarge: return .failed("the captured output of \(name) is too large")
            case .notAFile: return .failed(".commands/\(name) is not a file")
            case .failed(let reason): return .failed(reason)
            }
        }
        return .absent
    }
}
