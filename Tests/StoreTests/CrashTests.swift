import Foundation
import Kernel
import Store
import StoreSupport
import TestSupport
import Testing

private let crashFolder = ProcessInfo.processInfo.environment["VOUCHSAFE_CRASH_FOLDER"]

@Suite(.onEveryDatabase) struct CrashTests {
    /// A second process of this very test program writes, tells each acknowledgement, and kills itself without warning at a
    /// random one, while seven other writers are at any point of theirs; then another takes up the same database. The
    /// command line's tests do the same to a whole server.
    @Test(.enabled(if: crashFolder == nil)) func everyAcknowledgedChangeSurvivesKills() async throws {
        let folder = try TemporaryFolder()
        let told = URL(fileURLWithPath: "\(folder.path)/acknowledged")
        var seen: Set<String> = []
        var generator = SeededGenerator(50)
        for kill in 1...12 {
            try Data().write(to: told)
            let child = try Self.start(in: folder, dyingAt: Int.random(in: 1...100, using: &generator))
            child.waitUntilExit()
            #expect(child.terminationReason == .uncaughtSignal, "the writer ran until it was killed")
            // Whole lines only: the last may have been cut by the kill.
            let text = try String(contentsOf: told, encoding: .utf8)
            let lines = text.split(separator: "\n").map(String.init)
            let acknowledged = text.hasSuffix("\n") ? lines : lines.dropLast()
            #expect(!acknowledged.isEmpty)
            seen.formUnion(acknowledged)

            let store = try await TestStore.open(folder, seed: UInt64(1_000 + kill))
            #expect(seen.isSubset(of: Set(try await store.texts())), "after kill \(kill)")
            #expect(try await store.problems().isEmpty, "after kill \(kill)")
            try await store.driver.close()
        }
    }

    private static func start(in folder: TemporaryFolder, dyingAt moment: Int) throws -> Process {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments =
            CommandLine.arguments.dropFirst().filter { $0 == "--testing-library" || $0 == "swift-testing" }
            + ["--filter", "CrashingWriter"]
        child.environment = ProcessInfo.processInfo.environment.merging([
            "VOUCHSAFE_CRASH_FOLDER": folder.path, "VOUCHSAFE_CRASH_AT": "\(moment)",
            "VOUCHSAFE_TEST_DATABASE": TestDatabase.current.rawValue,
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
        let moment = try #require(ProcessInfo.processInfo.environment["VOUCHSAFE_CRASH_AT"].flatMap { Int($0) })
        let diary = Diary(file, dyingAt: moment)
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

/// Writes whole lines, one at a time, and kills its process after so many.
private actor Diary {
    private let file: FileHandle
    private var left: Int

    init(_ file: sending FileHandle, dyingAt moment: Int) {
        self.file = file
        left = moment
    }

    func write(_ line: String) {
        file.write(Data("\(line)\n".utf8))
        left -= 1
        if left == 0 { kill(getpid(), SIGKILL) }
    }
}
