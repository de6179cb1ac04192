import Foundation
import Kernel
import Synchronization

/// A PostgreSQL for one test alone, which it may stop, kill and promote; gone with the value.
public final class OwnPostgreSQL: Sendable {
    /// How to reach it as a role, through libpq's own words.
    public let address: String
    private let control: String
    private let process: Mutex<Process>
    private let input: Pipe

    /// Starts one.
    ///
    /// - Parameters:
    ///   - standby: Whether a second server holds a copy of every acknowledged commit.
    ///   - hasSmallDisk: Whether its tables lie on a small file system of their own; needs root.
    public init(standby: Bool = false, hasSmallDisk: Bool = false) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["bash", Self.script] + (standby ? ["--standby"] : []) + (hasSmallDisk ? ["--small-disk"] : [])
            + ["bash", "-c", "echo \"$VOUCHSAFE_TEST_POSTGRESQL\"; echo \"$VOUCHSAFE_TEST_POSTGRESQL_CONTROL\"; cat"]
        let output = Pipe()
        input = Pipe()
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        var text = ""
        while text.filter({ $0 == "\n" }).count < 2 {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
        }
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.count == 2 else {
            throw Problem(.unavailable, code: "test.postgresql", "scripts/with-postgresql did not start.")
        }
        address = lines[0]
        control = lines[1]
        self.process = Mutex(process)
    }

    deinit {
        // Its end is what the script waits for; it then stops the server and removes everything.
        try? input.fileHandleForWriting.close()
        process.withLock { $0.waitUntilExit() }
    }

    /// The address for `role`, without the words that tests add.
    public func address(as role: String) -> String {
        address.replacing("user=vouchsafe_admin", with: "user=\(role)")
    }

    /// One of the verbs of `scripts/with-postgresql`; returns when it is done.
    public func control(_ verb: String...) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: control)
        process.arguments = verb
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        guard status == 0 else {
            throw Problem(.unavailable, code: "test.postgresql", "The server did not \(verb[0]).")
        }
    }

    private static let script: String = {
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let script = folder.appendingPathComponent("scripts/with-postgresql").path
            if FileManager.default.fileExists(atPath: script) { return script }
        }
        return "scripts/with-postgresql"
    }()
}
