import Posture
import Testing

@testable import Agent

@Suite struct HostProcessTests {
    @Test func `A command that is there answers, one that is not is absent`() throws {
        if case .finished(let code, let output) = HostProcess.run(.groupEntries) {
            #expect(code == 0 || code == 2)
            #expect(code != 0 || !output.isEmpty)
        } else {
            Issue.record("getent did not answer")
        }
    }

    @Test func `Too much output ends a command`() {
        if case .failed(let reason) = HostProcess.run(.groupEntries, limit: 0) {
            #expect(reason.contains("more than 0 bytes"))
        }
    }

    @Test func `No time at all is a time-out`() {
        #expect(HostProcess.run(.groupEntries, seconds: 0) == .timedOut)
    }

    @Test func `Many commands at once all come back`() async {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    if case .finished = HostProcess.run(.groupEntries) { true } else { false }
                }
            }
            for await isDone in group { #expect(isDone) }
        }
    }
}
