import Foundation
import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

private let crashFolder = ProcessInfo.processInfo.environment["VOUCHSAFE_CRASH_FOLDER"]

@Suite(.onEveryDatabase) struct CrashTests {
    /// A second process of this very test program writes, tells each acknowledgement, and is killed while it does, at a random
    /// moment; then another takes up the same database.
    @Test(.enabled(if: crashFolder == nil)) func everyAcknowledgedChangeSurvivesFiftyKills() async throws {
        let folder = try TemporaryFolder()
        let told = "\(folder.path)/acknowledged"
        try Data().write(to: URL(fileURLWithPath: told))
        var generator = SeededGenerator(50)
        var seen = 0
        for kill in 1...50 {
            let child = try Self.start(in: folder)
            // Counted in acknowledgements: some die at once, some after many commits.
            let moment = seen + Int.random(in: 1...80, using: &generator)
            var length = 0
            while length < moment, child.isRunning {
                length = try String(contentsOfFile: told, encoding: .utf8).utf8.count { $0 == UInt8(ascii: "\n") }
                await Task.yield()
            }
            #expect(child.isRunning, "the writer ran until it was killed")
            Foundation.kill(child.processIdentifier, SIGKILL)
            child.waitUntilExit()
            // Whole lines only: the last may have been cut by the kill. What was told is never taken back.
            let text = try String(contentsOfFile: told, encoding: .utf8)
            let whole = text.split(separator: "\n", omittingEmptySubsequences: true)
            let acknowledged = Set((text.hasSuffix("\n") ? whole : whole.dropLast()).map(String.init))
            #expect(acknowledged.count >= seen)
            seen = acknowledged.count

            let store = try await TestStore.open(folder, seed: UInt64(1_000 + kill))
            #expect(acknowledged.isSubset(of: Set(try await store.texts())), "after kill \(kill)")
            // The whole walk takes longer each time; what a kill breaks stays broken until the next one.
            if kill.isMultiple(of: 5) { #expect(try await store.problems().isEmpty, "after kill \(kill)") }
            try await store.driver.close()
            // A line that was cut would run into the next one.
            try Data(acknowledged.sorted().map { "\($0)\n" }.joined().utf8).write(to: URL(fileURLWithPath: told))
        }
        #expect(seen > 50)
    }

    private static func start(in folder: TemporaryFolder) throws -> Process {
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
        try child.run()
        return child
    }
}

/// Not a test of its own: what the second process does until it is killed.
@Suite struct CrashingWriter {
    @Test(.enabled(if: crashFolder != nil)) func writesUntilItIsKilled() async throws {
        let path = try #require(crashFolder)
        let folder = TemporaryFolder(at: path)
        let store = try await TestStore.open(folder, seed: UInt64.random(in: 0 ... .max))
        try await store.database.establish(TestStore.one)
        let file = try #require(FileHandle(forWritingAtPath: "\(path)/acknowledged"))
        try file.seekToEnd()
        let diary = Diary(file)
        let run = UInt32.random(in: 0 ... .max)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0..<100_000 {
                        let text = "\(run).\(writer).\(number)"
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
