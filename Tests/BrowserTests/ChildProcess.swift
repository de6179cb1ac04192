import Foundation

/// A program that runs beside the tests and is ended by its id.
final class ChildProcess: Sendable {
    private let process: Process
    private let exit: Task<Int32, Never>
    /// Where everything that it says goes.
    let output: URL

    /// Starts `program`, with its output and its errors in one file in `folder`.
    init(_ program: URL, _ arguments: [String], in folder: URL) throws {
        output = folder.appending(path: "\(program.lastPathComponent)-\(UUID().uuidString).out")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let file = try FileHandle(forWritingTo: output)
        process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        let (exits, exited) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            exited.yield(process.terminationStatus)
            exited.finish()
        }
        try process.run()
        try file.close()
        exit = Task {
            var status: Int32 = -1
            for await value in exits { status = value }
            return status
        }
    }

    /// What it has said so far.
    var said: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Waits until it has ended by itself.
    func status() async -> Int32 { await exit.value }

    /// Waits until it has said something that `pattern` matches.
    ///
    /// - Returns: The first group.
    func says(_ pattern: Regex<(Substring, Substring)>) async throws -> String {
        try await eventually(
            "\(process.executableURL?.lastPathComponent ?? "it") says what was expected; it said: \(said)"
        ) {
            guard self.process.isRunning || self.said.firstMatch(of: pattern) != nil else {
                throw Unmet(what: "The program ended and said: \(self.said)")
            }
            return self.said.firstMatch(of: pattern).map { String($0.1) }
        }
    }

    /// Asks it to end, and insists after ten seconds.
    func end() async {
        guard process.isRunning else { return }
        process.terminate()
        let pid = process.processIdentifier
        let insisting = Task {
            try await Task.sleep(for: .seconds(10))
            kill(pid, SIGKILL)
        }
        _ = await exit.value
        insisting.cancel()
    }
}

/// Something that was waited for did not come.
struct Unmet: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}

/// Looks again and again until `condition` gives something, for at most three minutes: a machine that builds beside it is slow.
func eventually<Value: Sendable>(
    _ what: @autoclosure () -> String, _ condition: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(180)
    while clock.now < end {
        if let value = try await condition() { return value }
        try await Task.sleep(for: .milliseconds(100))
    }
    throw Unmet(what: "Waited three minutes in vain: \(what())")
}
