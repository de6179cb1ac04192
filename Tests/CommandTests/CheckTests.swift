import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct CheckTests {
    private static let results: Set = ["pass", "fail", "unknown", "not-applicable", "error"]

    private func findings(_ outcome: Program.Outcome) throws -> [[String: Any]] {
        try #require(outcome.json as? [[String: Any]], "\(outcome.messages)")
    }

    @Test func theListNamesEveryCheckOnce() throws {
        let list = try #require(try Program.run("check", "list", "--format", "json").json as? [[String: Any]])
        let ids = list.compactMap { $0["id"] as? String }
        #expect(ids.count >= 18)
        #expect(Set(ids).count == ids.count)
        let table = try Program.run("check", "list")
        #expect(table.status == 0)
        for id in ids { #expect(table.text.contains("\(id) ")) }
    }

    @Test func thisMachineIsMeasuredWithOneFindingForEachCheck() throws {
        let found = try findings(try Program.run("check", "run", "--format", "json"))
        #expect(found.count >= 15)
        #expect(Set(found.compactMap { $0["check"] as? String }).count == found.count)
        for finding in found {
            #expect(Set(finding.keys) == ["check", "subject", "result", "value", "evidence", "fix"])
            #expect(Self.results.contains(finding["result"] as? String ?? ""))
            #expect((finding["value"] as? String)?.isEmpty == false)
            #expect(finding["evidence"] is [Any])
        }
    }

    @Test func aCapturedTreeIsJudgedByWhatItHolds() throws {
        let folder = try Folder()
        try folder.write("lab-7\n", to: "tree/etc/hostname")
        try folder.write("ID=debian\nVERSION_ID=\"9\"\nPRETTY_NAME=\"Debian 9\"\n", to: "tree/etc/os-release")
        try folder.write("root:x:0:0::/root:/bin/sh\nmail:x:8:8::/var/mail:/usr/sbin/nologin\n", to: "tree/etc/passwd")
        let outcome = try Program.run(
            "check", "run", "endpoint.end-of-life", "endpoint.vpn", "--root", folder["tree"], "--format", "json")
        let found = try findings(outcome)
        #expect(found.compactMap { $0["check"] as? String } == ["endpoint.end-of-life", "endpoint.vpn"])
        #expect(found.allSatisfy { $0["subject"] as? String == "lab-7" })
        #expect(found.first?["result"] as? String == "fail")
        #expect(found.first?["fix"] is String)
        #expect(outcome.status == 1)
    }

    @Test func anEmptyTreePassesNothing() throws {
        let folder = try Folder()
        try folder.write("", to: "tree/empty")
        let found = try findings(try Program.run("check", "run", "--root", folder["tree"], "--format", "json"))
        #expect(found.count >= 15)
        #expect(!found.contains { $0["result"] as? String == "pass" })
        #expect(!found.contains { $0["result"] as? String == "error" })
    }

    @Test func ownChecksNeedAnInstallation() throws {
        let without = try Program.run("check", "run", "vouchsafe.content-sealed", "--format", "json")
        #expect(try findings(without).first?["result"] as? String == "unknown")
        let folder = try Folder()
        try Samples.install(in: folder)
        let with = try Program.run(
            "check", "run", "vouchsafe.content-sealed", "vouchsafe.ledger-verifies", "--data", folder["data"],
            "--format", "json")
        #expect(try findings(with).compactMap { $0["result"] as? String } == ["pass", "pass"])
        #expect(with.status == 0)
    }

    @Test func anUnknownCheckIsWrongUse() throws {
        let outcome = try Program.run("check", "run", "endpoint.nonsense")
        #expect(outcome.status == 2)
        #expect(outcome.messages.contains("There is no check called endpoint.nonsense."))
    }

    @Test func aMissingTreeCannotBeRead() throws {
        let folder = try Folder()
        for root in [folder["none"], try folder.write("", to: "file")] {
            let outcome = try Program.run("check", "run", "--root", root)
            #expect(outcome.status == 3)
            #expect(outcome.messages.hasPrefix("error: \(root): There is no file tree here."))
        }
    }
}
