import Age
import Foundation
import Kernel
import Ledger
import StoreSupport
import TestSupport
import Testing

@testable import Backups
@testable import Store

@Suite(.onEveryDatabase) struct ScheduleTests {
    private func scheduled(keep: Int = 3) async throws -> BackupStage {
        let stage = try await BackupStage()
        try await stage.desk.setSchedule(
            every: .hours(24), to: stage.folder, keep: keep, for: [stage.identity.recipient], as: .operator)
        return stage
    }

    @Test func aBackupIsMadeWhenItIsDueAndOnlyThen() async throws {
        let stage = try await scheduled()
        #expect(try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)) != nil)
        #expect(try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)) == nil)
        stage.clock.move(by: .hours(23))
        #expect(try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)) == nil)
        stage.clock.move(by: .hours(1))
        let second = try #require(try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)))
        #expect(second.reason == .scheduled)
        #expect(try stage.files().count == 2)
        _ = try await stage.open(try #require(second.file))
        #expect(try await stage.problems().isEmpty)
    }

    @Test func severalServersMakeOneBackup() async throws {
        let stage = try await scheduled()
        let made = try await withThrowingTaskGroup(of: Backup?.self) { group in
            for _ in 0..<6 {
                group.addTask { try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)) }
            }
            return try await group.reduce(into: 0) { if $1 != nil { $0 += 1 } }
        }
        #expect(made == 1)
        #expect(try stage.files().count == 1)
    }

    @Test func onlyTheNewestAreKeptAndTheNewestVerifiedOne() async throws {
        let stage = try await scheduled(keep: 2)
        let signer = try NoteSigner(name: "elsewhere", randomness: seededRandomness(70))
        try await stage.desk.trust(signer.verifier.text, as: .operator)
        let asked = try await stage.make("asked.age")
        var files: [String] = []
        for day in 0..<6 {
            let backup = try #require(try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)))
            files.append(URL(fileURLWithPath: try #require(backup.file)).lastPathComponent)
            if day == 0 || day == 1 {
                let receipt = try await stage.open(stage.path(files[day])).receipt(at: stage.clock.now)
                _ = try await stage.desk.record(
                    receipt: try signer.sign(Array(receipt.text.utf8)).encoded, as: .operator)
            }
            stage.clock.move(by: .hours(24))
        }
        #expect(try stage.files() == ["asked.age", files[1], files[4], files[5]])
        let known = try await stage.desk.backups(as: .operator)
        #expect(known.count == 7)
        #expect(known.filter { $0.backup.removedAt != nil }.count == 3)
        #expect(known.contains { $0.backup.id == asked.id && $0.backup.removedAt == nil })
        #expect(try await stage.problems().isEmpty)
    }

    @Test func whatAStoppedServerLeftIsRemovedAndWhatOthersWroteIsNot() async throws {
        let stage = try await scheduled()
        let other = try #require(
            try await stage.desk.makeDue(program: "test", node: "elsewhere", as: .job(.backups))?.file)
        let kept = ["mine.age.01020304.partial", "vouchsafe-1.age.01020304.partial"]
        for name in kept + ["vouchsafe-0.age.01020304.partial"] {
            try Data("half".utf8).write(to: URL(fileURLWithPath: stage.path(name)))
            let age = name.hasPrefix("vouchsafe-1") ? 300.0 : 3600
            let moment = Date(timeIntervalSince1970: Double((stage.clock.now + .hours(96)).milliseconds) / 1000 - age)
            try FileManager.default.setAttributes([.modificationDate: moment], ofItemAtPath: stage.path(name))
        }
        for _ in 0..<4 {
            stage.clock.move(by: .hours(24))
            _ = try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups))
        }
        let files = try stage.files()
        #expect(files.filter { $0.hasSuffix(".partial") } == kept)
        #expect(FileManager.default.fileExists(atPath: other), "another server's file is that server's to remove")
    }

    @Test func whatWasLeftIsRemovedBeforeItCanFillTheDisk() async throws {
        let stage = try await scheduled()
        let left = stage.path("vouchsafe-0.age.01020304.partial")
        try Data("half".utf8).write(to: URL(fileURLWithPath: left))
        let moment = Date(timeIntervalSince1970: Double(stage.clock.now.milliseconds) / 1000 - 3600)
        try FileManager.default.setAttributes([.modificationDate: moment], ofItemAtPath: left)
        // This one fails.
        try stage.refuseRecords()
        #expect(await problem { try await stage.makeDue() } != nil)
        #expect(try stage.files().isEmpty)
    }

    @Test func anotherServerTakesOverSoonFromOneThatDied() async throws {
        let stage = try await scheduled()
        let dead = try #require(try await stage.turn(3))
        #expect(try await stage.makeDue() == nil)
        stage.clock.move(by: .minutes(2))
        #expect(try await dead.renew(), "not dead yet")
        stage.clock.move(by: .minutes(2))
        #expect(try await stage.makeDue() == nil, "its turn was renewed")
        stage.clock.move(by: .minutes(2))
        #expect(try await stage.makeDue() != nil)
    }

    @Test func aTurnThatAnotherTookIsNotRenewed() async throws {
        let stage = try await scheduled()
        let slow = try #require(try await stage.turn(3))
        stage.clock.move(by: .minutes(4))
        let next = try #require(try await stage.turn(4))
        #expect(try await !slow.renew())
        try await slow.end()
        #expect(try await stage.turn(5) == nil, "what was lost is not given back")
        try await next.end()
        #expect(try await stage.turn(6) != nil)
    }

    @Test func aTurnIsRenewedForAsLongAsTheWorkTakes() async throws {
        let stage = try await scheduled()
        let (looks, looked) = AsyncStream.makeStream(of: Void.self)
        let clock = WallClock {
            looked.yield()
            return stage.clock.now
        }
        let turn = try #require(
            try await BackupTurn(
                database: stage.database, clock: clock, randomness: seededRandomness(3), as: .job(.backups)))
        let renewals = try await turn.whileRenewing(every: .milliseconds(1)) {
            // The first was the claim.
            var count = -1
            for await _ in looks {
                count += 1
                if count == 3 { break }
            }
            return count
        }
        #expect(renewals == 3)
        try await turn.end()
        #expect(try await stage.makeDue() != nil)
    }

    @Test func whatFailedIsTriedAgainAfterAWhileAndNotAtOnce() async throws {
        let stage = try await scheduled()
        try FileManager.default.removeItem(atPath: stage.folder)
        let failure = await problem {
            _ = try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups))
        }
        #expect(failure?.code == "backup.unwritable")
        try FileManager.default.createDirectory(atPath: stage.folder, withIntermediateDirectories: true)
        #expect(try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)) == nil)
        stage.clock.move(by: .minutes(11))
        #expect(try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)) != nil)
    }

    @Test func anOldFileOnADiskThatIsNotThereIsNotForgotten() async throws {
        let stage = try await scheduled(keep: 1)
        _ = try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups))
        let elsewhere = try TemporaryFolder()
        try await stage.desk.setSchedule(
            every: .hours(24), to: elsewhere.path, keep: 1, for: [stage.identity.recipient], as: .operator)
        try FileManager.default.moveItem(atPath: stage.folder, toPath: stage.folder + "-unmounted")
        defer { try? FileManager.default.removeItem(atPath: stage.folder + "-unmounted") }
        stage.clock.move(by: .hours(24))
        _ = try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups))
        #expect(try await stage.desk.backups(as: .operator).allSatisfy { $0.backup.removedAt == nil })
        try FileManager.default.moveItem(atPath: stage.folder + "-unmounted", toPath: stage.folder)
        stage.clock.move(by: .hours(24))
        _ = try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups))
        #expect(try stage.files().isEmpty)
    }

    @Test func aScheduleThatCannotWorkIsRefusedAndOneThatEndedMakesNothing() async throws {
        let stage = try await scheduled()
        let recipients = [stage.identity.recipient]
        let unfit: [(Period, String, Int, [AgeRecipient])] = [
            (.minutes(14), stage.folder, 1, recipients), (.days(32), stage.folder, 1, recipients),
            (.days(1), stage.folder, 0, recipients), (.days(1), "/nowhere/at/all", 1, recipients),
            (.days(1), stage.folder, 1, []),
        ]
        for (every, folder, keep, recipients) in unfit {
            let refusal = await problem {
                try await stage.desk.setSchedule(every: every, to: folder, keep: keep, for: recipients, as: .operator)
            }
            #expect(refusal?.code == "backup.schedule")
        }
        try await stage.desk.dropSchedule(as: .operator)
        #expect(try await stage.desk.makeDue(program: "test", node: "here", as: .job(.backups)) == nil)
        #expect(try await stage.desk.schedule(as: .operator) == nil)
        let again = await problem { try await stage.desk.dropSchedule(as: .operator) }
        #expect(again?.kind == .notFound)
    }
}

extension BackupStage {
    @discardableResult
    fileprivate func makeDue() async throws -> Backup? {
        try await desk.makeDue(program: "test", node: "here", as: .job(.backups))
    }

    fileprivate func turn(_ seed: UInt64) async throws -> BackupTurn? {
        try await BackupTurn(
            database: database, clock: clock.clock, randomness: seededRandomness(seed), as: .job(.backups))
    }
}
