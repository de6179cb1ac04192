import Age
import Backups
import Flows
import Foundation
import Kernel
import Ledger
import Store
import TestSupport
import Testing

@Suite struct BackupCheckTests {
    @Test func theChecksFollowTheAgeOfTheNewestBackups() async throws {
        let house = try await TestHouse.make()
        #expect(await house.rooms.judgeBackupAge().result == .fail)
        #expect(await house.rooms.judgeVerifiedBackupAge().result == .fail)
        let identity = try AgeIdentity(.x25519, randomness: seededRandomness(3))
        let file = "\(house.folder.path)/one.age"
        let backup = try await house.rooms.backups.make(
            to: .file(file), for: [identity.recipient], program: "test", as: TestHouse.principal)
        #expect(await house.rooms.judgeBackupAge().result == .pass)
        #expect(await house.rooms.judgeVerifiedBackupAge().result == .fail)

        let signer = try NoteSigner(name: "elsewhere", randomness: seededRandomness(4))
        try await house.rooms.backups.trust(signer.verifier.text, as: TestHouse.principal)
        let receipt = RestoreReceipt(
            sha256: backup.sha256, size: backup.size, madeAt: backup.madeAt, rows: backup.rows, ledgers: backup.ledgers,
            verifiedAt: house.clock.now)
        _ = try await house.rooms.backups.record(
            receipt: try signer.sign(Array(receipt.text.utf8)).encoded, as: TestHouse.principal)
        #expect(await house.rooms.judgeVerifiedBackupAge().result == .pass)

        house.clock.move(by: .hours(26))
        #expect(await house.rooms.judgeBackupAge().result == .pass)
        house.clock.move(by: .seconds(1))
        let late = await house.rooms.judgeBackupAge()
        #expect(late.result == .fail)
        #expect(late.value == "the newest backup is 26 hours old")
        house.clock.move(by: .days(34))
        #expect(await house.rooms.judgeVerifiedBackupAge().result == .fail)
    }
}
