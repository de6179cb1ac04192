import Foundation
import Kernel

/// A program that was started to be read from. It must be ended with ``end(after:)``, and has nothing of our environment.
struct ChildProgram: Sendable {
    private let id: pid_t
    /// Where its output can be read; whoever takes it closes it.
    let output: Int32
    /// Where its complaints can be read.
    private let complaints: Int32

    private static let environment = ["LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER="]

    /// Starts a program in a process group of its own, with nothing to read.
    ///
    /// - Throws: ``SystemFailure``
    init(_ path: String, _ arguments: [String]) throws(SystemFailure) {
        // Socket pairs, because they are closed-on-exec from their first moment: a program that another thread starts at the
        // same time must not hold them open.
        let kind = Self.stream
        var outputs: [Int32] = [-1, -1]
        var words: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, kind, 0, &outputs) == 0 else { throw SystemFailure(code: errno) }
        guard socketpair(AF_UNIX, kind, 0, &words) == 0 else {
            let code = errno
            for end in outputs { close(end) }
            throw SystemFailure(code: code)
        }
        // A program whose complaints nobody takes must not wait for that.
        _ = fcntl(words[1], F_SETFL, O_NONBLOCK)
        let started = Self.spawn(path, arguments, output: outputs[1], complaints: words[1])
        close(outputs[1])
        close(words[1])
        switch started {
        case .success(let id):
            self.id = id
            output = outputs[0]
            complaints = words[0]
        case .failure(let failure):
            close(outputs[0])
            close(words[0])
            throw failure
        }
    }

    /// Waits until the program is gone, and kills it if that takes too long. To be called once, where waiting holds up nobody.
    ///
    /// - Returns: Its exit code, or 128 and the signal's number; and the beginning of its complaints.
    func end(after patience: Period) -> (code: Int32, words: String) {
        var status: Int32 = 0
        var looks = patience.milliseconds / Self.millisecondsBetweenLooks
        while looks > 0, waitpid(id, &status, WNOHANG) == 0 {
            usleep(useconds_t(Self.millisecondsBetweenLooks) * 1000)
            looks -= 1
        }
        if looks <= 0 {
            kill(-id, SIGKILL)
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
        }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = recv(complaints, &buffer, buffer.count, Self.withoutWaiting)
        close(complaints)
        let signal = status & 0x7F
        return (
            signal == 0 ? status >> 8 & 0xFF : 128 + signal,
            String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        )
    }

    private static let millisecondsBetweenLooks: Int64 = 5

    private static func spawn(
        _ path: String, _ arguments: [String], output: Int32, complaints: Int32
    ) -> Result<pid_t, SystemFailure> {
        #if os(Linux)
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #else
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, complaints, 2)
        // It runs for as long as we do: what it would hold open of ours, sockets and files, would never end.
        #if os(Linux)
            _ = Self.closeFrom?(&actions, 3)
            let closing: Int32 = 0
        #else
            let closing = POSIX_SPAWN_CLOEXEC_DEFAULT
        #endif
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | closing))
        let words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        let settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer {
            for word in words + settings { free(word) }
        }
        var id: pid_t = 0
        let code = posix_spawn(&id, path, &actions, &attributes, words, settings)
        return code == 0 ? .success(id) : .failure(SystemFailure(code: code))
    }

    #if os(Linux)
        // In the C library since 2.34; Swift's overlay does not show it.
        private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        private static let closeFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
            unsafeBitCast($0, to: CloseFrom.self)
        }
        private static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        private static let withoutWaiting = Int32(MSG_DONTWAIT)
    #else
        private static let stream = SOCK_STREAM
        private static let withoutWaiting = MSG_DONTWAIT
    #endif
}
