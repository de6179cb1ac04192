import Foundation
import Kernel

/// Follows one log file and hands over its lines, each once if nothing goes wrong, and at least once if something does.
///
/// The path is what is followed, through every way that logs are rotated: renamed and made anew, copied and emptied, deleted. It
/// goes on where the intake has kept the file, and finds the file again under its rotated name if it was renamed meanwhile.
/// A last line without a newline is handed over only once the file was rotated away. A line is at most 1 MiB: of a longer one
/// the rest is left out, and counted.
///
/// Two things cannot be seen: that a file was emptied and filled again, with the same first 256 bytes and beyond where it was
/// read, between two looks; and what was written to a copied file between the copying and the emptying.
public struct FileFollower: Sendable {
    private let path: String
    private let interval: Duration
    private let tell: @Sendable (Problem) -> Void
    private let reader: FileReader

    /// A follower of the file at `path`, which need not be there yet.
    ///
    /// - Parameters:
    ///   - interval: How long to wait before looking again, once everything was read.
    ///   - tell: Told what stands in the way, once as long as it stays the same: `logs.unreadable-file`, or what the intake says.
    ///     It is tried again with each look.
    public init(
        path: String, intake: any LogIntake, clock: WallClock = .system, interval: Duration = .seconds(1),
        tell: @escaping @Sendable (Problem) -> Void = { _ in }
    ) {
        self.path = path
        self.interval = interval
        self.tell = tell
        reader = FileReader(sender: .file(path: path), intake: intake, clock: clock)
    }

    /// Follows until the task is cancelled.
    ///
    /// - Throws: `Problem` (invalid) `logs.no-file` if the path leads to something that is no file: a folder, a pipe, a device.
    public func run() async throws {
        var chain = FileChain(path: path, reader: reader)
        var told: Problem?
        while !Task.isCancelled {
            do {
                try await chain.look()
                told = nil
            } catch is OpenFile.NotRegular {
                throw Problem(
                    .invalid, code: "logs.no-file", "\(path) is no file.",
                    hint: "Only regular files can be followed: no folder, pipe, socket or device.")
            } catch {
                guard !Task.isCancelled else { return }
                let problem = problem(error)
                if problem != told {
                    tell(problem)
                    if error is SystemFailure { reader.intake.refused(1, from: reader.sender, because: .unreadable) }
                }
                told = problem
            }
            guard (try? await Task.sleep(for: interval)) != nil else { return }
        }
    }

    private func problem(_ error: any Error) -> Problem {
        switch error {
        case let failure as SystemFailure where failure.code == EACCES || failure.code == EPERM:
            Problem(
                .unavailable, code: "logs.unreadable-file", "We are not allowed to read \(path).",
                hint: "Let the group of our service read it, such as with `setfacl`; it is tried again by itself.",
                cause: failure.words)
        case let failure as SystemFailure:
            Problem(
                .unavailable, code: "logs.unreadable-file", "\(path) cannot be read: \(failure.words).",
                hint: "It is tried again by itself.")
        case let problem as Problem: problem
        default:
            Problem(
                .unavailable, code: "logs.not-handed-over", "What \(path) says could not be handed over.",
                hint: "It is tried again by itself.", cause: "\(error)")
        }
    }
}
