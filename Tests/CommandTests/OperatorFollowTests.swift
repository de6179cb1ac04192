import Foundation
import Kernel
import Ledger
import Testing

/// The monitor, against an operator who shows witnesses another history of a ledger than its readers.
@Suite(.enabled(if: Program.isBuilt))
struct OperatorFollowTests {
    let folder: Folder
    let log: LyingOperator

    init() throws {
        folder = try Folder()
        log = try LyingOperator()
    }

    private func followLog() throws -> Program.Outcome {
        try Program.run(
            "ledger", "follow", "\(log.address)/operator-log", "--key", LyingOperator.operatorLog.verifier.text,
            "--state",
            folder["log"])
    }

    private func followBoth() throws -> Program.Outcome {
        try Program.run(
            "ledger", "follow", "\(log.address)/ledger/one", "--key", log.signer.verifier.text, "--state",
            folder["one"],
            "--operator-log", LyingOperator.operatorLog.verifier.text)
    }

    private func evidence(_ kind: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains(".\(kind)-") }
    }

    @Test func anHonestOperatorIsFollowedInBothWays() throws {
        for (size, shown) in [(3, [2, 3]), (3, [2, 3]), (300, [2, 3, 299, 300]), (600, [2, 3, 299, 300, 555])] {
            try log.serve(History(size), shown: shown.map { History($0) })
            let both = try followBoth()
            #expect(both.status == 0, "\(both.messages)")
            #expect(both.text.contains("has \(shown.count) leaves and vouches for \(shown.last ?? 0) entries"))
            #expect(try followLog().status == 0)
        }
        #expect(try evidence("leaf").isEmpty)
    }

    @Test(arguments: [100, 90])
    func aForkInTheOperatorsLogIsCaughtByItsFollower(size: Int) throws {
        for isSeenBefore in [false, true] {
            try? FileManager.default.removeItem(atPath: folder["log"])
            try log.serve(History(100), shown: [History(100)])
            if isSeenBefore { #expect(try followLog().status == 0) }
            let fork = History(size, rewritten: [7])
            try log.serve(History(100), shown: [History(100), fork])
            let refused = try followLog()
            #expect(refused.status == 1, "\(refused.text)")
            #expect(refused.messages.contains("Leaf 1 of the operator's log shows"))
            let kept = try evidence("leaf").map { try folder.bytes(of: $0) }
            #expect(
                try Set(kept) == [
                    History(100).checkpoint(by: log.signer).encoded, fork.checkpoint(by: log.signer).encoded,
                ])
        }
    }

    @Test(arguments: [false, true])
    func aLedgerThatIsShownOtherwiseInTheOperatorsLogIsCaughtByItsFollower(isSeenBefore: Bool) throws {
        // The reader is served one history for ever; the operator's log grows along another, in an order without fault.
        if isSeenBefore {
            try log.serve(History(300), shown: [History(5)])
            #expect(try followBoth().status == 0)
        }
        try log.serve(History(300), shown: [History(5), History(280, rewritten: [7])])
        let refused = try followBoth()
        #expect(refused.status == 1, "\(refused.text)")
        #expect(refused.messages.contains("signed another history of 280 entries for the operator's log"))
        #expect(try evidence("leaf").count == 1 && evidence("followed").count == 1)
        #expect(try followLog().status == 0, "it shows nothing that the operator's log alone could tell")
    }

    @Test func aReaderWhoIsKeptBehindTheOperatorsLogIsToldSo() throws {
        try log.serve(History(100), shown: [History(90), History(150, rewritten: [120])])
        let behind = try followBoth()
        #expect(behind.status == 3 && behind.messages.contains("shows 150 entries"), "\(behind.messages)")
        #expect(!folder.exists("one") && !folder.exists("one.operator-log"))
        try log.serve(History(151), shown: [History(90), History(150, rewritten: [120])])
        #expect(try followBoth().status == 1, "whenever it catches up, every leaf is compared")
    }

    @Test func whoeverBeginsANewComparesEveryLeafAgain() throws {
        try log.serve(History(100), shown: [History(90), History(100)])
        #expect(try followBoth().status == 0)
        try FileManager.default.removeItem(atPath: folder["one"])
        try log.serve(History(100, rewritten: [99]), shown: [History(90), History(100)])
        #expect(try followBoth().status == 1)
    }

    @Test func aStateThatWasWrittenWithoutLeavesIsNotGoneOnWith() throws {
        try log.serve(History(9), shown: [History(9)])
        #expect(try followLog().status == 0)
        let lines = String(decoding: try folder.bytes(of: "log"), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        try folder.write(lines.drop { !$0.hasPrefix("vouchsafe/follower@v1") }.joined(separator: "\n"), to: "log")
        let refused = try followLog()
        #expect(refused.status == 1 && refused.messages.contains("begin anew"), "\(refused.messages)")
    }

    @Test func whereNoOperatorsLogIsKnownThatIsSaid() throws {
        let wrong = try Program.run(
            "ledger", "follow", "\(log.address)/one", "--key", log.signer.verifier.text, "--state", folder["one"],
            "--operator-log", LyingOperator.operatorLog.verifier.text)
        #expect(wrong.status == 2 && wrong.messages.contains("/ledger/NAME"), "\(wrong.messages)")
        let unfit = try Program.run(
            "ledger", "follow", "\(log.address)/ledger/one", "--key", log.signer.verifier.text, "--state",
            folder["one"], "--operator-log", "no key")
        #expect(unfit.status == 2)
    }
}
