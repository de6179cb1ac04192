import Foundation
import Kernel
import NIOCore
import NIOPosix

/// Follows the journal of systemd through journalctl, and hands over its entries as JSON, one a record.
///
/// The position is that of each boot on its own, in the time since that boot: it holds when the clock is set, when entries move
/// from memory to disk, and when we start anew. Each entry is handed over once if nothing goes wrong, and at least once if
/// something does. A journal that the intake knows nothing of is read from its beginning.
public struct JournalFollower: Sendable {
    /// Which journal is followed.
    public enum Source: Hashable, Sendable {
        /// That of this machine, as far as we may read it: all of it for members of the group `systemd-journal`.
        case machine
        /// The files in a folder, such as those that systemd-journal-remote writes. Those of one machine: where the clocks of several
        /// differ, journalctl leaves entries out.
        case folder(String)
        /// Some files.
        case files([String])

        fileprivate var arguments: [String] {
            switch self {
            case .machine: []
            case .folder(let path): ["--directory=\(path)"]
            case .files(let paths): paths.map { "--file=\($0)" }
            }
        }

        /// What leaves out the entries of other machines, where there may be some.
        fileprivate var ownEntries: [String] {
            guard self == .machine, let text = try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8) else {
                return []
            }
            let id = text.trimmingCharacters(in: .whitespacesAndNewlines)
            return JournalCursor.isIdentifier(id) ? ["_MACHINE_ID=\(id)"] : []
        }
    }

    /// How long to wait before journalctl is started again after it ended.
    public struct Pauses: Sendable {
        /// The first time.
        public var shortest: Duration
        /// At most; it doubles with each time that journalctl ends sooner than that.
        public var longest: Duration

        /// Pauses from `shortest` to `longest`.
        public init(shortest: Duration = .seconds(1), longest: Duration = .seconds(60)) {
            self.shortest = shortest
            self.longest = max(shortest, longest)
        }
    }

    /// So many boots are caught up with one by one.
    private static let mostBoots = 256

    private let source: Source
    private let intake: any LogIntake
    private let clock: WallClock
    private let program: String
    private let pauses: Pauses
    private let tell: @Sendable (Problem) -> Void

    /// A follower of `source`.
    ///
    /// - Parameters:
    ///   - program: Where journalctl is.
    ///   - tell: Told what stands in the way, once as long as it stays the same: `logs.no-journal`,
    ///     `logs.part-of-journal`, or what the intake says. It is tried again after a pause.
    public init(
        _ source: Source = .machine, intake: any LogIntake, clock: WallClock = .system,
        program: String = "/usr/bin/journalctl", pauses: Pauses = Pauses(),
        tell: @escaping @Sendable (Problem) -> Void = { _ in }
    ) {
        self.source = source
        self.intake = intake
        self.clock = clock
        self.program = program
        self.pauses = pauses
        self.tell = tell
    }

    /// Follows until the task is cancelled; journalctl ends with it.
    public func run() async {
        var reading = JournalReading(intake: intake, clock: clock)
        var pause = pauses.shortest
        var told: Problem?
        while !Task.isCancelled {
            let begun = ContinuousClock.now
            do {
                if reading.cursor == nil { try await catchUp(&reading) }
                try await read(Self.following + source.ownEntries + Self.from(reading.cursor), &reading, mayEnd: false)
            } catch {
                guard !Task.isCancelled else { return }
                let problem = problem(error)
                if problem != told {
                    tell(problem)
                    if error is Ended { intake.refused(1, from: .journal, because: .unreadable) }
                }
                told = problem
            }
            if ContinuousClock.now - begun > pauses.longest {
                pause = pauses.shortest
                told = nil
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            pause = min(pause * 2, pauses.longest)
        }
    }

    /// Since systemd 251 following shows the present boot only, and that is not to be had otherwise than with `--merge`, which some
    /// of those versions take only together with `--boot=all`.
    private static let following = ["--follow", "--no-tail", "--merge", "--boot=all"]

    private static func from(_ cursor: String?) -> [String] { cursor.map { ["--cursor=\($0)"] } ?? [] }

    /// Reads what was written since the intake was last here, boot by boot: only within one boot can journalctl find the place
    /// again without the cursor's other parts.
    private func catchUp(_ reading: inout JournalReading) async throws {
        let boots = try await boots()
        var places: [String: JournalPosition] = [:]
        for boot in boots { places[boot] = try await reading.position(of: boot) }
        // Nothing is known, or too much is: everything is read as it is followed, and what the intake has is left out.
        guard !places.isEmpty, boots.count <= Self.mostBoots else { return }
        for boot in boots {
            let place = places[boot].map { "b=\(boot);m=\(String($0.microseconds, radix: 16))" }
            try await read(Self.from(place) + ["_BOOT_ID=\(boot)"], &reading, mayEnd: true)
        }
    }

    private struct Ended: Error {
        let code: Int32
        let words: String
    }

    /// Reads the entries that journalctl writes, until it ends.
    private func read(_ arguments: [String], _ reading: inout JournalReading, mayEnd: Bool) async throws {
        reading.begin()
        let ended = try await run(["--output=json", "--all", "--quiet"] + arguments) { piece in
            try await reading.take(Array(buffer: piece))
        }
        guard mayEnd, ended.code == 0 else { throw ended }
    }

    private static let longestList = 1 << 20

    /// The boots that the journal has entries of, the oldest first as far as journalctl can tell. Its list of boots has an order, and
    /// leaves boots out where the clock was set back; the values of the field are all of them.
    private func boots() async throws -> [String] {
        let listed = try await words(["--list-boots", "--quiet"]).found.filter { JournalCursor.isIdentifier($0) }
        let (values, complaints) = try await words(["--field=_BOOT_ID"])
        let all = values.filter { JournalCursor.isIdentifier($0) }
        guard !all.isEmpty else {
            throw Problem(
                .unavailable, code: "logs.no-journal", "There is no entry of the journal that we may read.",
                hint: "Our service must be in the group systemd-journal; it is tried again by itself.",
                cause: complaints)
        }
        if complaints.contains("not seeing messages") {
            tell(
                Problem(
                    .unavailable, code: "logs.part-of-journal", "We may read only a part of the journal.",
                    hint: "Put our service into the group systemd-journal.", cause: complaints))
        }
        return Set(all).subtracting(listed).sorted() + listed.filter(Set(all).contains)
    }

    /// What journalctl writes, word by word.
    private func words(_ arguments: [String]) async throws -> (found: [String], complaints: String) {
        var text: [UInt8] = []
        let ended = try await run(arguments) { piece in
            if text.count < Self.longestList { text += piece.readableBytesView }
        }
        let words = String(decoding: text, as: UTF8.self).split { $0 == "\n" || $0 == " " }
        return (words.map(String.init), ended.words)
    }

    /// Runs journalctl and gives `take` what it writes; it is not read, and so waits, while `take` does.
    private func run(_ arguments: [String], take: (ByteBuffer) async throws -> Void) async throws -> Ended {
        let child = try ChildProgram(program, ["--no-pager"] + source.arguments + arguments)
        do {
            let output = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 16 << 10, maximum: 64 << 10)
                )
                .takingOwnershipOfDescriptor(input: child.output) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, Never>(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
                    }
                }
            try await output.executeThenClose { pieces in
                for try await piece in pieces { try await take(piece) }
            }
        } catch {
            _ = try? await Self.end(child, after: .zero)
            throw error
        }
        let (code, words) = try await Self.end(child, after: Task.isCancelled ? .zero : .seconds(2))
        return Ended(code: code, words: words)
    }

    private static func end(_ child: ChildProgram, after patience: Period) async throws -> (code: Int32, words: String)
    {
        try await uncancelled { child.end(after: patience) }
    }

    /// A child must be ended even though our task was.
    private static func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await NIOThreadPool.singleton.runIfActive(eventLoop: MultiThreadedEventLoopGroup.singleton.next(), body)
            .get()
    }

    private func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let ended as Ended:
            Problem(
                .unavailable, code: "logs.no-journal",
                "The journal cannot be followed: journalctl ended (\(ended.code)).",
                hint: "Our service must be in the group systemd-journal; it is tried again by itself.",
                cause: ended.words)
        case let failure as SystemFailure:
            Problem(
                .unavailable, code: "logs.no-journal", "The journal cannot be followed: \(program) does not start.",
                hint: "journalctl is part of systemd; where there is none, do not follow the journal.",
                cause: failure.words)
        default:
            Problem(
                .unavailable, code: "logs.not-handed-over", "What the journal says could not be handed over.",
                hint: "It is tried again by itself.", cause: "\(error)")
        }
    }
}
