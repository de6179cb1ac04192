import Foundation
import Kernel
import LogFormats
import Synchronization
import TestSupport
import Testing

@testable import LogReceivers

/// A journal that systemd-journal-remote writes, and what follows it.
private final class TestJournal: Sendable {
    static let writer = "/lib/systemd/systemd-journal-remote"
    static let isPossible = TestProcess.isThere(writer) && TestProcess.isThere("/usr/bin/journalctl")

    let folder: TemporaryFolder
    let intake = RecordingIntake()
    let told = Mutex<[Problem]>([])
    private let boots = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"]

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: journal, withIntermediateDirectories: true)
        // It notes who it is, and then becomes journalctl.
        let script = "#!/bin/sh\necho $$ >> \(folder.path)/ids\nexec /usr/bin/journalctl \"$@\"\n"
        try script.write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    }

    var journal: String { folder.path + "/journal" }
    var program: String { folder.path + "/journalctl" }
    var ids: [Int32] {
        ((try? String(contentsOfFile: folder.path + "/ids", encoding: .utf8)) ?? "").split(separator: "\n")
            .compactMap { Int32($0) }
    }

    struct Entry {
        var text: String
        var boot = 0
        /// Microseconds since the boot.
        var uptime: Int
        /// Seconds after 2026-11-22.
        var clock: Int
    }

    func export(_ entries: [Entry]) -> String {
        entries.map { entry in
            "__REALTIME_TIMESTAMP=\(1_795_341_600 + entry.clock)000000\n__MONOTONIC_TIMESTAMP=\(entry.uptime)\n"
                + "_BOOT_ID=\(boots[entry.boot])\n_HOSTNAME=web1\n"
                + (entry.text.utf8.count < 1000 ? "MESSAGE=\(entry.text)\n\n" : long(entry.text))
        }.joined()
    }

    /// The form for values that are no short text: how long it is in eight bytes, which are text here as well.
    private func long(_ text: String) -> String {
        var text = text
        while true {
            let length = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Array($0) }
            if let written = String(validating: length, as: UTF8.self) { return "MESSAGE\n\(written)\(text)\n\n" }
            text += "."
        }
    }

    /// Writes a journal file.
    func write(_ entries: [Entry], to name: String = "one") async throws {
        try export(entries).write(toFile: folder.path + "/in", atomically: true, encoding: .utf8)
        let status = try await TestProcess.run(
            Self.writer, ["--output=\(journal)/\(name).journal", folder.path + "/in"])
        #expect(status == 0)
    }

    func follower(program: String? = nil) -> JournalFollower {
        JournalFollower(
            .folder(journal), intake: intake, program: program ?? self.program,
            pauses: JournalFollower.Pauses(shortest: .milliseconds(10), longest: .milliseconds(100))
        ) { [self] problem in told.withLock { $0.append(problem) } }
    }

    func following(_ body: () async throws -> Void) async throws {
        let follower = follower()
        try await during({ await follower.run() }, body)
    }

    /// The messages that came, in their order.
    var messages: [String] {
        intake.records.compactMap { record in
            (try? JSONSerialization.jsonObject(with: Data(record.utf8)) as? [String: Any])?["MESSAGE"] as? String
        }
    }

    func has(_ messages: [String]) async -> Bool {
        let come = await eventually { self.intake.count >= messages.count }
        if self.messages != messages { print("there are \(self.messages)") }
        return come && self.messages == messages
    }
}

@Suite("Following the journal", .enabled(if: TestJournal.isPossible), .timeLimit(.minutes(3)))
struct JournalFollowerTests {
    private typealias Entry = TestJournal.Entry

    @Test("entries that are there and entries that come, each once, over many starts")
    func resumed() async throws {
        let journal = try TestJournal()
        var expected: [String] = []
        for round in 0..<4 {
            let entries = (0..<25).map {
                Entry(text: "round \(round) entry \($0)", uptime: round * 1000 + $0 * 3, clock: round * 10)
            }
            try await journal.write(entries)
            expected += entries.map(\.text)
            try await journal.following { #expect(await journal.has(expected)) }
        }
        #expect(journal.intake.senders == [.journal])
        let positions = journal.intake.state.withLock { $0.batches.compactMap(\.batch.position) }
        #expect(Set(positions.map(\.stream)) == ["boot-0123456789abcdef0123456789abcdef"])
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(journal.intake.state.withLock { $0.faults } == [:])
        #expect(journal.told.withLock { $0 } == [])
    }

    @Test("entries that are written while it is followed")
    func live() async throws {
        let journal = try TestJournal()
        try await journal.write([Entry(text: "first", uptime: 1, clock: 0)], to: "old")
        let pipe = Pipe()
        let writer = try TestProcess(
            TestJournal.writer, ["--output=\(journal.journal)/live.journal", "-"], input: pipe.fileHandleForReading)
        defer { writer.end() }
        try await journal.following {
            #expect(await journal.has(["first"]))
            for number in 2...4 {
                let entry = Entry(text: "entry \(number)", uptime: number, clock: number)
                try pipe.fileHandleForWriting.write(contentsOf: Data(journal.export([entry]).utf8))
                #expect(await eventually { journal.intake.count == number })
            }
        }
        #expect(journal.messages == ["first", "entry 2", "entry 3", "entry 4"])
    }

    @Test("entries of the same microsecond are not lost where a batch ends between them, and come once")
    func sameMoment() async throws {
        let journal = try TestJournal()
        try await journal.write((0..<3).map { Entry(text: "a\($0)", uptime: 7, clock: 0) })
        try await journal.following { #expect(await journal.has(["a0", "a1", "a2"])) }
        try await journal.write((0..<3).map { Entry(text: "b\($0)", uptime: 7, clock: 0) })
        let expected = ["a0", "a1", "a2", "b0", "b1", "b2"]
        try await journal.following { #expect(await journal.has(expected)) }
        try await journal.following { #expect(await journal.has(expected)) }
        let position = journal.intake.state.withLock { $0.positions[.journal]?.values.first }
        #expect(position == JournalPosition(microseconds: 7, count: 6).number)
    }

    @Test("the clock was set back, and the machine started anew meanwhile")
    func clockJumps() async throws {
        let journal = try TestJournal()
        try await journal.write([Entry(text: "one", uptime: 100, clock: 5000)])
        try await journal.following { #expect(await journal.has(["one"])) }
        try await journal.write([Entry(text: "set back", uptime: 200, clock: 10)])
        try await journal.write(
            [
                Entry(text: "anew, long ago", boot: 1, uptime: 5, clock: -900_000),
                Entry(text: "anew", boot: 1, uptime: 50, clock: 6000),
            ], to: "two")
        let expected: Set = ["one", "set back", "anew, long ago", "anew"]
        try await journal.following { #expect(await eventually { Set(journal.messages) == expected }) }
        try await journal.following { #expect(await eventually { Set(journal.messages) == expected }) }
        #expect(journal.intake.count == 4)
    }

    @Test("an intake that fails gets the same entries again, none twice")
    func failing() async throws {
        let journal = try TestJournal()
        journal.intake.state.withLock { $0.failures = 2 }
        try await journal.write((0..<50).map { Entry(text: "\($0)", uptime: $0, clock: $0) })
        try await journal.following { #expect(await journal.has((0..<50).map { "\($0)" })) }
        #expect(journal.told.withLock { $0.map(\.code) }.contains("logs.not-handed-over"))
    }

    @Test("a journalctl that is killed is started again, and goes on where it was; the last ends with the task")
    func killed() async throws {
        let journal = try TestJournal()
        try await journal.write([Entry(text: "one", uptime: 1, clock: 1)])
        try await journal.following {
            #expect(await journal.has(["one"]))
            #expect(try sockets(of: try #require(journal.ids.last)) == 2, "it has something of ours")
            for (number, word) in ["two", "three"].enumerated() {
                let before = journal.ids
                kill(try #require(before.last), SIGKILL)
                try await journal.write([Entry(text: word, uptime: number + 2, clock: number + 2)])
                #expect(await eventually { journal.messages.last == word && journal.ids.count > before.count })
            }
        }
        #expect(journal.messages == ["one", "two", "three"])
        #expect(journal.intake.faults(.unreadable) > 0)
        #expect(journal.ids.allSatisfy { kill($0, 0) != 0 && errno == ESRCH }, "some journalctl is left")
    }

    /// How many sockets a process holds.
    private func sockets(of id: Int32) throws -> Int {
        let folder = "/proc/\(id)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .count {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasPrefix("socket:")
                    == true
            }
    }

    @Test("a large entry is whole, one beyond 1 MiB is cut and counted")
    func large() async throws {
        let journal = try TestJournal()
        try await journal.write([
            Entry(text: String(repeating: "x", count: 200_000), uptime: 1, clock: 1),
            Entry(text: String(repeating: "y", count: 1_500_000), uptime: 2, clock: 2),
            Entry(text: "after", uptime: 3, clock: 3),
        ])
        try await journal.following { #expect(await eventually { journal.intake.count == 3 }) }
        // The one that was cut is JSON no more, and still there.
        #expect(journal.messages.map { $0.utf8.count / 1000 } == [200, 0])
        #expect(journal.intake.records.map { $0.utf8.count > 1_000_000 } == [false, true, false])
        #expect(journal.intake.faults(.tooLong) == 1)
    }

    @Test(
        "what stands in the way is told once, as long as it stays the same",
        arguments: ["/nowhere/journalctl", "/bin/false"])
    func told(program: String) async throws {
        let journal = try TestJournal()
        let follower = journal.follower(program: program)
        try await during({ await follower.run() }) {
            #expect(await eventually { journal.told.withLock { $0.count } == 1 })
        }
        #expect(journal.told.withLock { $0.map(\.code) } == ["logs.no-journal"])
    }

    @Test(
        "a cursor is read wherever it stands, and nothing else is one",
        arguments: [
            (#"{"__CURSOR":"s=0;i=1;b=0123456789abcdef0123456789abcdef;m=ff;t=1;x=2","M":"a"}"#, 255),
            (#"{"M":"\"__CURSOR\":\"b=x;m=1","__CURSOR":"m=a;b=0123456789abcdef0123456789abcdef"}"#, 10),
            (#"{"__CURSOR":"b=0123456789abcdef;m=ff"}"#, nil),
            (#"{"__CURSOR":"b=0123456789abcdef0123456789abcdef"}"#, nil),
            (#"{"__CURSOR":""#, nil), ("", nil), (#"{"M":"__CURSOR"}"#, nil),
        ])
    func cursors(entry: String, microseconds: UInt64?) {
        #expect(JournalCursor(entry: Array(entry.utf8)[...])?.microseconds == microseconds)
    }
}
