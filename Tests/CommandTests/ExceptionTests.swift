import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct ExceptionTests {
    let folder: Folder
    private let soon = String(Date().addingTimeInterval(40 * 86_400).ISO8601Format().prefix(10))

    init() throws {
        folder = try Folder()
        try Samples.install(in: folder)
    }

    private func grant(_ commitment: String, reason: String, until: String) throws -> Program.Outcome {
        try Program.run(
            "exception", "grant", commitment, "--reason", reason, "--until", until, "--data", folder["data"])
    }

    @Test func anExceptionStandsBesideTheVerdictAndNeverInsteadOfIt() throws {
        let none = try Program.run("exception", "list", "--data", folder["data"])
        #expect(none.text == "There are no exceptions.\n")
        let granted = try grant("disks", reason: "old machines leave soon", until: soon)
        #expect(granted.status == 0, "\(granted.messages)")
        #expect(granted.text.hasPrefix("Granted until \(soon)"))
        let list =
            try Program.run("exception", "list", "--data", folder["data"], "--format", "json").json as? [[String: Any]]
        #expect(list?.first?["state"] as? String == "standing")
        let status = try Program.run("status", "--data", folder["data"], "--format", "json").json as? [String: Any]
        let commitments = status?["commitments"] as? [[String: Any]]
        let disks = commitments?.first { $0["id"] as? String == "disks" }
        #expect(disks?["verdict"] as? String == "unproven")
        #expect((disks?["exception"] as? [String: Any])?["reason"] as? String == "old machines leave soon")
        #expect(try Program.run("status", "--data", folder["data"]).text.contains("unproven (exception until \(soon))"))
    }

    @Test func anExceptionNeedsAReasonAnEndAheadAndACommitment() throws {
        for (commitment, reason, until, message) in [
            ("disks", "", soon, "The reason is empty."), ("disks", "why\nnot", soon, "control characters"),
            ("disks", "old", "2020-01-01", "must end in the future"),
            ("disks", "old", "2999-01-01", "within two years"),
            ("nonsense", "old", soon, "There is no commitment nonsense"),
        ] {
            let refused = try grant(commitment, reason: reason, until: until)
            #expect(refused.status == 2, "\(refused.messages)")
            #expect(refused.messages.contains(message), "\(refused.messages)")
        }
        #expect(try Program.run("exception", "list", "--data", folder["data"]).text == "There are no exceptions.\n")
    }
}
