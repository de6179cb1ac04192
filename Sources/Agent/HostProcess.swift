import Foundation
import Posture

/// Runs one command of the closed list: no shell, standard directories only, a clean environment, bounded in time and output.
enum HostProcess {
    private static let directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    /// A minimal environment: nothing of the caller's leads a command elsewhere, and answers come in English.
    private static let environment = [
        "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "DEBIAN_FRONTEND=noninteractive",
    ]

    /// - Parameters:
    ///   - seconds: after which the command and its children are killed.
    ///   - limit: bytes of output after which it is killed.
    static func run(_ command: HostCommand, seconds: Int = 15, limit: Int = 8 << 20) -> HostReader.CommandOutcome {
        let (program, arguments) = command.invocation
        guard
            let path = (directories.map { (directory: String) -> String in directory + "/" + program }).first(where: {
                access($0, X_OK) == 0
            })
        else {
            let isThere = directories.contains { access("\($0)/\(program)", F_OK) == 0 }
            return isThere ? .denied : .absent
        }
        guard let ends = channels() else {
            return .failed("no channel to read from: \(String(cString: strerror(errno)))")
        }
        let child = spawn(
            path, [path] + arguments, environment: command == .screenSettings ? environment + session() : environment,
            output: ends[1],
            complaints: ends[3])
        close(ends[1])
        close(ends[3])
        defer {
            close(ends[0])
            close(ends[2])
        }
        let id: pid_t
        switch child {
        case .success(let started): id = started
        case .failure(let failure):
            return failure.code == EACCES || failure.code == EPERM
                ? .denied : .failed("\(program): \(String(cString: strerror(failure.code)))")
        }
        let (outputs, end) = collect([ends[0], ends[2]], seconds: seconds, limit: limit)
        if end != .closed { kill(-id, SIGKILL) }
        let code = reap(id, patience: end == .closed ? 2000 : 100)
        switch end {
        case .timedOut: return .timedOut
        case .tooMuch: return .failed("\(program) printed more than \(limit) bytes")
        case .closed: break
        }
        if code != 0, geteuid() != 0, outputs.contains(where: isRefusal) { return .denied }
        return .finished(exitCode: code, output: outputs[0])
    }

    /// Two pairs of ends, to read from and to write to. Socket pairs, because only they are closed-on-exec from the first
    /// moment: a command started at the same time by another thread must not keep them open.
    private static func channels() -> [Int32]? {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        var first: [Int32] = [-1, -1]
        var second: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, kind, 0, &first) == 0 else { return nil }
        guard socketpair(AF_UNIX, kind, 0, &second) == 0 else {
            for descriptor in first { close(descriptor) }
            return nil
        }
        return first + second
    }

    private struct SpawnFailure: Error {
        let code: Int32
    }

    /// Starts it in a process group of its own, with nothing to read, and each output into a pipe.
    private static func spawn(
        _ path: String, _ arguments: [String], environment: [String], output: Int32, complaints: Int32
    ) -> Result<pid_t, SpawnFailure> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, complaints, 2)
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer {
            for word in words + settings { free(word) }
        }
        var id: pid_t = 0
        let code = posix_spawn(&id, path, &actions, &attributes, words, settings)
        return code == 0 ? .success(id) : .failure(SpawnFailure(code: code))
    }

    private enum End { case closed, timedOut, tooMuch }

    /// Takes both outputs until the child has closed them: what it prints counts, what it complains about only tells a refusal.
    private static func collect(_ descriptors: [Int32], seconds: Int, limit: Int) -> ([[UInt8]], End) {
        var outputs: [[UInt8]] = descriptors.map { _ in [] }
        var open = Set(descriptors.indices)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let deadline = milliseconds() + Int64(seconds) * 1000
        while !open.isEmpty {
            let left = deadline - milliseconds()
            guard left > 0 else { return (outputs, .timedOut) }
            let indices = open.sorted()
            var waiting = indices.map { pollfd(fd: descriptors[$0], events: Int16(POLLIN), revents: 0) }
            let ready = poll(&waiting, nfds_t(waiting.count), Int32(clamping: left))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return (outputs, .timedOut) }
            for (place, index) in indices.enumerated() where waiting[place].revents != 0 {
                let count = buffer.withUnsafeMutableBytes { read(descriptors[index], $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count <= 0 {
                    open.remove(index)
                } else {
                    outputs[index].append(contentsOf: buffer[..<count])
                    if outputs[index].count > limit { return (outputs, .tooMuch) }
                }
            }
        }
        return (outputs, .closed)
    }

    /// Waits for the end of a child that has closed its output or been killed; one that lingers is killed.
    private static func reap(_ id: pid_t, patience: Int) -> Int32 {
        var status: Int32 = 0
        for _ in 0..<max(1, patience / 5) {
            let ended = waitpid(id, &status, WNOHANG)
            if ended == id { return code(status) }
            if ended < 0, errno != EINTR { return -1 }
            usleep(5000)
        }
        kill(-id, SIGKILL)
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return code(status)
    }

    /// The exit code, or 128 and the signal's number (wait(2)).
    private static func code(_ status: Int32) -> Int32 {
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Settings of a desktop are asked of the session's own bus, which only these name.
    private static func session() -> [String] {
        ["HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"].compactMap { name in
            ProcessInfo.processInfo.environment[name].map { "\(name)=\($0)" }
        }
    }

    /// How these commands say that root is needed.
    private static func isRefusal(_ output: [UInt8]) -> Bool {
        let text = String(decoding: output.prefix(4096), as: UTF8.self).lowercased()
        return [
            "permission denied", "operation not permitted", "must be root", "you must be root", "are you root",
            "unable to access interface",
        ].contains { text.contains($0) }
    }
}
