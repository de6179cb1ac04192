import Foundation
import Kernel
import LogFormats
import TestSupport
import Testing

@testable import LogArchive

/// A file system of a few pages, which only root can make; it is gone with the test.
private final class SmallDisk {
    let path: String

    init?(kilobytes: Int) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("vouchsafe-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard try Self.run("mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path]) else {
            try FileManager.default.removeItem(atPath: path)
            return nil
        }
    }

    deinit {
        _ = try? Self.run("umount", ["-l", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    static func run(_ command: String, _ arguments: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

@Suite("A full disk", .enabled(if: geteuid() == 0))
struct DiskFullTests {
    private func noise(_ count: Int, _ generator: inout SeededGenerator) -> LogBatch {
        var batch = LogBatch(receivedAt: moment(0), position: .init(stream: "s", start: 0, end: UInt64(count)))
        batch.append((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        return batch
    }

    @Test("an append that finds no room adds nothing, and the next one that does goes on behind what is whole")
    func append() throws {
        guard let disk = try SmallDisk(kilobytes: 64) else { return }
        let sample = try SegmentSample()
        let path = "\(disk.path)/full.segment"
        var generator = SeededGenerator(4)
        var kept: [LogBatch] = []
        var summary: SegmentSummary?
        do {
            let writer = try SegmentWriter.create(path, id: sample.id, key: sample.key, randomness: sample.randomness)
            var refused = 0
            while refused < 20 {
                let batch = noise(.random(in: 1...9000, using: &generator), &generator)
                let before = (writer.size, writer.newestPositions, writer.blocks)
                if let problem = failure({ _ = try writer.append([batch], of: origin(1)) }) {
                    #expect(problem.code == "archive.disk-full" && problem.place?.file == path)
                    #expect(writer.size == before.0 && writer.newestPositions == before.1 && writer.blocks == before.2)
                    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
                    #expect(size == writer.size)
                    refused += 1
                } else {
                    kept.append(batch)
                }
                try writer.sync()
            }
            // Several blocks of which the first ones find room: none of them stays.
            let many = (0..<3).map { _ in noise(SegmentFormat.usualPlain, &generator) }
            #expect(failure { _ = try writer.append(many, of: origin(1)) }?.code == "archive.disk-full")
            #expect(writer.blocks.count == kept.count)
            // Something takes what is left, so that the index finds no room either.
            let filler = FileManager.default.createFile(atPath: "\(disk.path)/filler", contents: Data(count: 60_000))
            _ = filler
            let closing = failure { summary = try writer.close() }
            if closing != nil {
                #expect(closing?.code == "archive.disk-full")
                #expect(try SegmentReader.open(path, id: sample.id, key: sample.key).blockCount == kept.count)
            }
            #expect(try SmallDisk.run("mount", ["-o", "remount,size=1m", disk.path]))
            if closing != nil {
                let last = noise(5000, &generator)
                _ = try writer.append([last], of: origin(1))
                kept.append(last)
                summary = try writer.close()
            }
        }
        let reader = try SegmentReader.open(path, id: sample.id, key: sample.key, expected: summary)
        #expect(try reader.verify(against: summary) == summary)
        #expect(try reader.blocks.flatMap { try reader.records(of: $0) } == kept)
    }

    @Test("a segment that cannot be begun leaves no file")
    func create() throws {
        guard let disk = try SmallDisk(kilobytes: 4) else { return }
        let sample = try SegmentSample()
        _ = FileManager.default.createFile(atPath: "\(disk.path)/filler", contents: Data(count: 4096))
        let path = "\(disk.path)/full.segment"
        let problem = failure {
            _ = try SegmentWriter.create(path, id: sample.id, key: sample.key, randomness: sample.randomness)
        }
        #expect(problem?.code == "archive.disk-full")
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
