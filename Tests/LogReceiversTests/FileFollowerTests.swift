import Foundation
import Kernel
import LogFormats
import Synchronization
import TestSupport
import Testing

@testable import LogReceivers

/// A log that a test writes and rotates by hand, and a follower of it.
final class TestLog: Sendable {
    let folder: TemporaryFolder
    let path: String
    let intake = RecordingIntake()
    let told = Mutex<[Problem]>([])

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/app.log"
    }

    func write(_ text: String, to other: String? = nil) throws {
        let path = other ?? path
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw CocoaError(.fileWriteUnknown)
            }
        }
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    func rename(_ from: String, _ to: String) throws {
        guard Foundation.rename(path + from, path + to) == 0 else { throw CocoaError(.fileNoSuchFile) }
    }

    func copy(to ending: String) throws { try FileManager.default.copyItem(atPath: path, toPath: path + ending) }

    func empty() throws {
        guard truncate(path, 0) == 0 else { throw CocoaError(.fileNoSuchFile) }
    }

    func remove(_ ending: String = "") throws { try FileManager.default.removeItem(atPath: path + ending) }

    var follower: FileFollower {
        FileFollower(path: path, intake: intake, interval: .milliseconds(10)) { [self] problem in
            told.withLock { $0.append(problem) }
        }
    }

    /// The follower's own looks, to be taken one by one.
    var looks: FileChain {
        FileChain(
            path: path, reader: FileReader(sender: .file(path: path), intake: intake, clock: .system))
    }

    func following(_ body: () async throws -> Void) async throws {
        let follower = follower
        try await during({ try await follower.run() }, body)
    }

    /// Waits until exactly these records are there.
    func has(_ records: [String]) async -> Bool {
        let come = await eventually { intake.records.count >= records.count }
        if intake.records != records { print("there are \(intake.records)") }
        return come && intake.records == records
    }
}

@Suite("Following a file", .timeLimit(.minutes(3)))
struct FileFollowerTests {
    @Test("lines that are there, and lines that come, blank ones as well")
    func lines() async throws {
        let log = try TestLog()
        try log.write("one\ntwo\n")
        try await log.following {
            #expect(await log.has(["one", "two"]))
            try log.write("three\n\nfive\r\n")
            #expect(await log.has(["one", "two", "three", "", "five\r"]))
        }
        #expect(log.intake.senders == [.file(path: log.path)])
        #expect(log.told.withLock { $0 } == [])
    }

    @Test("a file that is not there yet is waited for")
    func later() async throws {
        let log = try TestLog()
        try await log.following {
            try log.write("one\n")
            #expect(await log.has(["one"]))
        }
    }

    @Test("a last line is handed over when its newline has come")
    func partialLine() async throws {
        let log = try TestLog()
        try log.write("one\ntw")
        try await log.following {
            #expect(await log.has(["one"]))
            try log.write("o")
            try log.write("\n")
            #expect(await log.has(["one", "two"]))
        }
    }

    @Test(
        "a follower that comes back goes on where it was, whether the file is short or long",
        arguments: [1, 5, 40, 5000])
    func resumed(count: Int) async throws {
        let log = try TestLog()
        var expected: [String] = []
        for round in 0..<4 {
            let lines = (0..<count).map { "round \(round) line \($0)" }
            try log.write(lines.map { $0 + "\n" }.joined())
            expected += lines
            try await log.following { #expect(await log.has(expected)) }
        }
    }

    @Test("positions count bytes, and each batch goes on where the one before ended")
    func positions() async throws {
        let log = try TestLog()
        let text = (0..<40_000).map { "line number \($0)\n" }.joined()
        try log.write(text)
        try await log.following { #expect(await eventually { log.intake.count == 40_000 }) }
        let positions = log.intake.state.withLock { $0.batches.compactMap(\.batch.position) }
        #expect(positions.first?.start == 0)
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(positions.last?.end == UInt64(text.utf8.count))
        #expect(Set(positions.map(\.stream)).count == 1)
        #expect(positions.allSatisfy { $0.end - $0.start < 257 << 10 && $0.stream.hasPrefix("256-") })
    }

    @Test("an intake that fails gets the same records again, none twice")
    func failing() async throws {
        let log = try TestLog()
        log.intake.state.withLock { $0.failures = 3 }
        try log.write("one\n")
        try await log.following {
            #expect(await log.has(["one"]))
            log.intake.state.withLock { $0.failures = 2 }
            try log.write("two\n")
            #expect(await log.has(["one", "two"]))
        }
        // Once for each time that it began to fail; those may be one.
        let told = log.told.withLock { $0.map(\.code) }
        #expect((1...2).contains(told.count))
        #expect(Set(told) == ["logs.not-handed-over"])
    }

    @Test("a line of more than 1 MiB is cut and counted, and the next is whole")
    func longLine() async throws {
        let log = try TestLog()
        try log.write(
            String(repeating: "x", count: 3 << 20) + "\n" + String(repeating: "y", count: 1 << 20) + "\nafter\n")
        try await log.following { #expect(await eventually { log.intake.count == 3 }) }
        #expect(log.intake.records.map(\.utf8.count) == [1 << 20, 1 << 20, 5])
        #expect(log.intake.faults(.tooLong) == 1)
    }

    @Test("what is no regular file is refused", arguments: ["folder", "pipe", "device"])
    func noFile(kind: String) async throws {
        let log = try TestLog()
        switch kind {
        case "folder": try FileManager.default.createDirectory(atPath: log.path, withIntermediateDirectories: false)
        case "pipe": #expect(mkfifo(log.path, 0o600) == 0)
        default: try FileManager.default.createSymbolicLink(atPath: log.path, withDestinationPath: "/dev/null")
        }
        let found = await problem { try await log.follower.run() }
        #expect(found?.code == "logs.no-file")
        #expect(found?.message.contains(log.path) == true)
    }

    @Test("a symbolic link is followed, and rotation behind it is seen")
    func link() async throws {
        let log = try TestLog()
        let real = log.folder.path + "/real.log"
        try log.write("one\n", to: real)
        try FileManager.default.createSymbolicLink(atPath: log.path, withDestinationPath: real)
        try await log.following {
            #expect(await log.has(["one"]))
            #expect(Foundation.rename(real, real + ".1") == 0)
            try log.write("two\n", to: real)
            #expect(await log.has(["one", "two"]))
        }
    }

    @Test("a file that may not be read is told once and tried again")
    func unreadable() async throws {
        // Root may read everything; a link that leads to itself may not be read by anyone.
        let log = try TestLog()
        try FileManager.default.createSymbolicLink(atPath: log.path, withDestinationPath: log.path)
        try await log.following {
            #expect(await eventually { log.told.withLock { $0.count } == 1 })
            #expect(log.intake.faults(.unreadable) == 1)
            try log.remove()
            try log.write("one\n")
            #expect(await log.has(["one"]))
        }
        #expect(log.told.withLock { $0.map(\.code) } == ["logs.unreadable-file"])
    }
}
