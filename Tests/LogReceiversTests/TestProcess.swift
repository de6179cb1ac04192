import Foundation

/// A program that a test starts, and ends by its id.
final class TestProcess: Sendable {
    private let id: Int32
    private let process: Process

    /// - Parameter input: What it reads; the far end of a pipe where it is to be fed.
    init(_ program: String, _ arguments: [String], folder: String? = nil, input: FileHandle = .nullDevice) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        id = process.processIdentifier
        self.process = process
    }

    // A test's threads block signals, and what they start inherits that: only SIGKILL ends it. Its end is not waited for: that
    // would hold up a thread that others need.
    func end() { if process.isRunning { kill(id, SIGKILL) } }

    deinit { if process.isRunning { kill(id, SIGKILL) } }

    /// Runs it to its end.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], folder: String? = nil) async throws -> Int32 {
        let started = try TestProcess(program, arguments, folder: folder)
        while started.process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        return started.process.terminationStatus
    }

    static func isThere(_ program: String) -> Bool { FileManager.default.isExecutableFile(atPath: program) }
}
