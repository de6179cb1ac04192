import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct StatusTests {
    @Test func theVerdictsOfBothPoliciesAddUp() throws {
        let folder = try Folder()
        let made = try Program.run(
            "init", "--data", folder["data"], "--organisation", "Both", "--pack", Samples.metadrop, "--pack",
            Samples.metrix)
        #expect(made.status == 0, "\(made.messages)")
        let outcome = try Program.run("status", "--data", folder["data"], "--format", "json")
        #expect(outcome.status == 0)
        let report = try #require(outcome.json as? [String: Any])
        let counts = try #require(report["counts"] as? [String: Int])
        #expect(Set(counts.keys) == ["kept", "broken", "stale", "unproven", "unprovable", "withdrawn"])
        let promised = try Samples.commitments(in: Samples.metadrop) + Samples.commitments(in: Samples.metrix)
        #expect(counts.values.reduce(0, +) == promised)
        #expect(report["asOf"] is String)
        let commitments = try #require(report["commitments"] as? [[String: Any]])
        #expect(commitments.count == promised)
        for commitment in commitments {
            for member in ["policy", "id", "verdict", "since", "observedAt", "reason"] {
                #expect(commitment[member] != nil, "\(member)")
            }
        }
    }

    @Test func thePastIsShownAsItWasKnownThen() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let past = try Program.run("status", "--data", folder["data"], "--at", "2020-01-01T00:00Z", "--format", "json")
        #expect(past.status == 0)
        let report = try #require(past.json as? [String: Any])
        #expect(report["asOf"] as? String == "2020-01-01T00:00:00.000Z")
        #expect((report["commitments"] as? [Any])?.isEmpty == true)
    }
}
