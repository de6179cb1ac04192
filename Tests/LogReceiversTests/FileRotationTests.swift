import Foundation
import Kernel
import LogFormats
import Synchronization
import TestSupport
import Testing

@testable import LogReceivers

@Suite("Following a file through rotation", .timeLimit(.minutes(3)))
struct FileRotationTests {
    @Test("renamed: the old file to its end, then the new one")
    func renamed() async throws {
        let log = try TestLog()
        try log.write("one\n")
        try await log.following {
            #expect(await log.has(["one"]))
            try log.write("two\n")
            try log.rename("", ".1")
            try log.write("three\n", to: log.path + ".1")
            try log.write("four\n")
            #expect(await log.has(["one", "two", "three", "four"]))
            // Programs may write to the old one for a while.
            try log.write("late\n", to: log.path + ".1")
            #expect(await log.has(["one", "two", "three", "four", "late"]))
        }
    }

    @Test("a last line without a newline comes once the file was rotated away", arguments: [true, false])
    func partialLine(isMadeAnew: Bool) async throws {
        let log = try TestLog()
        try log.write("one\ntwo without end")
        try await log.following {
            #expect(await log.has(["one"]))
            try log.rename("", ".1")
            if isMadeAnew { try log.write("three\n") }
            #expect(await log.has(["one", "two without end"] + (isMadeAnew ? ["three"] : [])))
        }
        // Once more, and nothing comes twice.
        try await log.following {
            try log.write("four\n")
            #expect(await eventually { log.intake.records.last == "four" })
        }
        #expect(log.intake.count == (isMadeAnew ? 4 : 3))
    }

    @Test("rotated while nobody followed, several times: from where it was, in order")
    func rotatedMeanwhile() async throws {
        let log = try TestLog()
        try log.write("one\n")
        try await log.following { #expect(await log.has(["one"])) }
        try log.write("two\n")
        try log.rename("", ".1")
        try log.write("three\n")
        try log.rename(".1", ".2")
        try log.rename("", ".1")
        try log.write("four\nfive")
        try await log.following { #expect(await log.has(["one", "two", "three", "four"])) }
        try log.write("\n")
        try await log.following { #expect(await log.has(["one", "two", "three", "four", "five"])) }
    }

    @Test("rotated with dates while nobody followed")
    func dated() async throws {
        let log = try TestLog()
        try log.write("one\n")
        try await log.following { #expect(await log.has(["one"])) }
        try log.write("two\n")
        try log.rename("", "-20260101")
        try log.write("three\n")
        try log.rename("", "-20260102.1795341600")
        try log.write("other\n", to: log.path + ".save")
        try log.write("four\n")
        try await log.following { #expect(await log.has(["one", "two", "three", "four"])) }
    }

    @Test("rotated several times between two looks")
    func rotatedQuickly() async throws {
        let log = try TestLog()
        try log.write("one\n")
        var looks = log.looks
        try await looks.look()
        for (number, word) in ["two", "three", "four"].enumerated() {
            for older in (0..<number).reversed() { try log.rename(".\(older + 1)", ".\(older + 2)") }
            try log.rename("", ".1")
            try log.write(word + "\n")
        }
        try await looks.look()
        #expect(log.intake.records == ["one", "two", "three", "four"])
    }

    @Test("what was written to an old file while nobody followed is found, though the new one is known")
    func lateTail() async throws {
        let log = try TestLog()
        var looks = log.looks
        try log.write("one\n")
        try await looks.look()
        try log.rename("", ".1")
        try log.write("two\n")
        try await looks.look()
        try log.rename(".1", ".2")
        try log.rename("", ".1")
        try log.write("three\n")
        try await looks.look()
        try log.write("late\n", to: log.path + ".2")
        var later = log.looks
        try await later.look()
        #expect(log.intake.records == ["one", "two", "three", "late"])
    }

    @Test("files that stood beside the log before it was ever followed are none of ours")
    func strangers() async throws {
        let log = try TestLog()
        try log.write("old\n", to: log.path + ".1")
        try log.write("one\n")
        try await log.following { #expect(await log.has(["one"])) }
        try log.write("two\n")
        try await log.following { #expect(await log.has(["one", "two"])) }
    }

    @Test("copied and emptied", arguments: ["one\n", "the very same line\n"])
    func copied(next: String) async throws {
        let log = try TestLog()
        var looks = log.looks
        try log.write("the very same line\n")
        try await looks.look()
        try log.copy(to: ".1")
        try log.empty()
        // Seen while it is empty: the very same bytes cannot be told from the old ones.
        try await looks.look()
        try log.write(next)
        try await looks.look()
        #expect(log.intake.records == ["the very same line", String(next.dropLast())])
        try log.write("after\n")
        var later = log.looks
        try await later.look()
        #expect(log.intake.records == ["the very same line", String(next.dropLast()), "after"])
    }

    @Test("emptied and filled beyond where it was between two looks: another beginning is seen")
    func filledAgain() async throws {
        let log = try TestLog()
        var looks = log.looks
        try log.write("one\n")
        try await looks.look()
        try log.write("two, written just before\n")
        try log.copy(to: ".1")
        try log.empty()
        try log.write("three\nfour\nfive\nsix, and longer than it was before\n")
        try await looks.look()
        #expect(
            log.intake.records == [
                "one", "two, written just before", "three", "four", "five", "six, and longer than it was before",
            ])
    }

    @Test("a file that is idle for long and rotated then is still read to its end")
    func idle() async throws {
        let log = try TestLog()
        var looks = log.looks
        try log.write("one\ntw")
        for _ in 0..<400 { try await looks.look() }
        try log.rename("", ".1")
        try log.write("three\n")
        try await looks.look()
        try log.write("o\n", to: log.path + ".1")
        for _ in 0..<3 { try await looks.look() }
        #expect(log.intake.records == ["one", "two", "three"])
    }

    @Test("copied and emptied while nobody followed: the rest is in the copy")
    func copiedMeanwhile() async throws {
        let log = try TestLog()
        let first = (0..<100).map { "line \($0)" }
        try log.write(first.map { $0 + "\n" }.joined())
        try await log.following { #expect(await log.has(first)) }
        try log.write("unread\n")
        try log.copy(to: ".1")
        try log.empty()
        try log.write("new\n")
        try await log.following { #expect(await log.has(first + ["unread", "new"])) }
    }

    @Test("deleted and made anew, with the very same line each time")
    func deleted() async throws {
        let log = try TestLog()
        try await log.following {
            for number in 1...6 {
                try log.write("the very same line\n")
                #expect(await eventually { log.intake.count == number })
                try log.remove()
            }
        }
        #expect(log.intake.count == 6)
        #expect(Set(log.intake.state.withLock { $0.batches.compactMap(\.batch.position?.stream) }).count == 6)
    }

    @Test(
        "whatever is done to a log, no line is lost, and followers may end at any moment",
        arguments: 0..<12 as Range<UInt64>)
    func anything(seed: UInt64) async throws {
        var generator = SeededGenerator(seed)
        let log = try TestLog()
        var expected = ["the beginning"]
        var running: Task<Void, any Error>?
        // Once it was followed, everything is ours.
        try log.write("the beginning\n")
        try await log.following { #expect(await log.has(expected)) }
        for step in 0..<60 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                guard FileManager.default.fileExists(atPath: log.path) else { break }
                for older in (1...8).reversed() where FileManager.default.fileExists(atPath: "\(log.path).\(older)") {
                    try log.rename(".\(older)", ".\(older + 1)")
                }
                try log.rename("", ".1")
            case 1:
                running?.cancel()
                _ = await running?.result
                running = nil
            case 2, 3:
                if running == nil {
                    let follower = log.follower
                    running = Task { try await follower.run() }
                }
            case 4: try await Task.sleep(for: .milliseconds(Int.random(in: 0..<25, using: &generator)))
            default:
                let lines = (0..<Int.random(in: 1...40, using: &generator)).map { "step \(step) line \($0)" }
                try log.write(lines.map { $0 + "\n" }.joined())
                expected += lines
            }
            if FileManager.default.fileExists(atPath: log.path + ".9") { break }
        }
        if !FileManager.default.fileExists(atPath: log.path) { try log.write("") }
        running?.cancel()
        _ = await running?.result
        try await log.following { #expect(await eventually { log.intake.count >= expected.count }) }
        #expect(log.intake.records == expected)
    }
}
