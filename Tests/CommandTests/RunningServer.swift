import Foundation
import Testing

/// A server of a test's own, on a port that the system chose; ended with the test at the latest.
final class RunningServer {
    private let process = Process()
    private let lines: LineReader
    private let log: String
    private let start: String
    /// Everything it printed until it said that it listens.
    private(set) var greeting: [String] = []

    /// Starts the server and returns once it listens.
    convenience init(
        _ folder: Folder, data: String = "data", _ options: String..., log: String = "server.log"
    ) throws {
        try self.init(folder, data: data, options: options, log: log)
    }

    convenience init(_ folder: Folder, data: String = "data", options: [String], log: String = "server.log") throws {
        try self.init(
            folder, ["serve", "--data", folder[data], "--listen", "localhost:0"] + options,
            saying: "Vouchsafe listens on ", log: log)
    }

    /// Starts a witness of the logs with the given keys and returns once it listens.
    static func witness(_ folder: Folder, of keys: String..., name: String = "witness", options: [String] = []) throws
        -> RunningServer
    {
        try RunningServer(
            folder,
            [
                "witness", "serve", "--state", folder[name], "--listen", "localhost:0", "--name",
                "witness.example/\(name)",
            ]
                + keys.flatMap { ["--log", $0] } + options, saying: "The witness listens on ", log: "\(name).log")
    }

    /// Starts the program and returns once it says that it listens.
    private init(_ folder: Folder, _ arguments: [String], saying start: String, log: String) throws {
        self.start = start
        self.log = folder[log]
        try folder.write("", to: log)
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(Program.path))
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: self.log))
        lines = LineReader(pipe.fileHandleForReading)
        try process.run()
        greeting = try wait(for: start)
    }

    deinit {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Its process id.
    var id: Int32 { process.processIdentifier }
    /// `https://localhost:PORT`, or `http` for a witness.
    var address: String { String(greeting.last?.dropFirst(start.count) ?? "") }
    var port: String { String(address.split(separator: ":").last ?? "") }
    /// What it logged so far.
    var logged: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Reads what it prints up to the line that begins with `start`.
    @discardableResult
    func wait(for start: String) throws -> [String] {
        var read: [String] = []
        while let line = lines.next() {
            read.append(line)
            if line.hasPrefix(start) { return read }
        }
        Issue.record("The server ended before it said “\(start)”: \(logged)")
        throw CocoaError(.fileReadUnknown)
    }

    /// Until the first checks have run and their verdicts are published.
    func waitForFirstChecks() throws { try wait(for: "Serving.") }

    /// Asks it to end, and waits until it has.
    func stop(_ signal: Int32 = SIGTERM) -> (status: Int32, isExit: Bool) {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason == .exit)
    }
}

/// The lines of a pipe, one after the other; waits for each.
private final class LineReader {
    private let file: FileHandle
    private var buffer: [UInt8] = []

    init(_ file: FileHandle) {
        self.file = file
    }

    func next() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            let more = file.availableData
            guard !more.isEmpty else { return nil }
            buffer += more
        }
    }
}
