import Foundation
import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

private let crashFolder = ProcessInfo.processInfo.environment["VOUCHSAFE_CRASH_FOLDER"]

@Suite(.onEveryDatabase) struct CrashTests {
    /// A second process of this very test program writes, tells each acknowledgement over a pipe, and is killed while it does.
    @Test(.enabled(if: crashFolder == nil), arguments: [40, 137, 400])
    func everyAcknowledgedChangeSurvivesAKill(after acknowledgements: Int) async throws {
        let folder = try TemporaryFolder()
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments =
            CommandLine.arguments.dropFirst().filter { $0 == "--testing-library" || $0 == "swift-testing" }
            + ["--filter", "CrashingWriter"]
        child.environment = ProcessInfo.processInfo.environment.merging([
            "VOUCHSAFE_CRASH_FOLDER": folder.path, "VOUCHSAFE_TEST_DATABASE": TestDatabase.current.rawValue,
        ]) { $1 }
        child.standardOutput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        let told = "\(folder.path)/acknowledged"
        try Data().write(to: URL(fileURLWithPath: told))
        try child.run()
        var lines: [String] = []
        while lines.count < acknowledgements, child.isRunning {
            lines = try String(contentsOfFile: told, encoding: .utf8).split(separator: "\n").map(String.init)
            await Task.yield()
        }
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        // Whole lines only: the last may have been cut by the kill.
        let text = try String(contentsOfFile: told, encoding: .utf8)
        let acknowledged = Set(text.split(separator: "\n").dropLast().map(String.init))
        #expect(acknowledged.count >= acknowledgements - 1, "the writer ran")

        let store = try await TestStore.open(folder, seed: 77)
        #expect(acknowledged.isSubset(of: Set(try await store.texts())))
        #expect(try await store.problems().isEmpty)
        try await store.write("after")
        #expect(try await store.problems().isEmpty)
    }
}

/// Not a test of its own: what the second process does until it is killed.
@Suite struct CrashingWriter {
    @Test(.enabled(if: crashFolder != nil)) func writesUntilItIsKilled() async throws {
        let path = try #require(crashFolder)
        let folder = TemporaryFolder(at: path)
        let store = try await TestStore.open(folder, seed: UInt64.random(in: 0 ... .max))
        try await store.database.establish(TestStore.one)
        let diary = Diary(try #require(FileHandle(forWritingAtPath: "\(path)/acknowledged")))
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<100_000 {
                        let text = "\(writer).\(number)"
                        guard await problem({ try await store.write(text) }) == nil else { return }
                        await diary.write(text)
                    }
                }
            }
        }
    }
}

/// Writes whole lines, one at a time.
private actor Diary {
    private let file: FileHandle

    init(_ file: sending FileHandle) { self.file = file }

    func write(_ line: String) { file.write(Data("\(line)\n".utf8)) }
}
