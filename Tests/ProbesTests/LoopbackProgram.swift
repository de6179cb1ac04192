import Foundation
import TestSupport
import Testing
import WebPosture

@testable import Probes

/// A web server of others on loopback, on a port that was free a moment ago; if somebody was faster, on another.
enum LoopbackProgram {
    private struct NotStarted: Error {}

    static func running<T>(
        _ program: String, scheme: String, arguments: (_ port: Int) throws -> [String],
        body: (_ port: Int) async throws -> T
    ) async throws -> T {
        for _ in 0..<5 {
            let port = try FreePorts.find(1)[0]
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = try arguments(port)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // Whoever starts a process from a task hands it a mask that holds back gentler signals.
            defer { kill(process.processIdentifier, SIGKILL) }
            let address = try #require(WebAddress("\(scheme)://127.0.0.1:\(port)/"))
            if try await answers(address, process) { return try await body(port) }
        }
        throw NotStarted()
    }

    private static func answers(_ address: WebAddress, _ process: Process) async throws -> Bool {
        let probe = try HTTPProbe(userAgent: "Test/1")
        while process.isRunning {
            do {
                _ = try await probe.answer(to: WebRequest(address), reach: .internalAddresses, within: .seconds(60))
                return process.isRunning
            } catch {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        return false
    }
}
