import Foundation
import Testing

/// The server under load, killed without warning again and again.
@Suite(.enabled(if: Program.isBuilt)) struct KillTests {
    @Test(arguments: CommandDatabase.available)
    func everyAcknowledgedRequestSurvivesFiftyKills(of database: CommandDatabase) async throws {
        let folder = try Folder()
        let place = ["--data", folder["data"]] + (try database.options(for: folder))
        try Samples.install(in: folder, options: Array(place.dropFirst(2)))
        func verifyLedger(_ when: String) throws {
            let verified = try Program.run(["ledger", "verify"] + place)
            #expect(verified.status == 0, "\(when): \(verified.text) \(verified.messages)")
        }
        var server = try RunningServer(folder, options: Array(place.dropFirst(2)))
        let visitor = try await Visitor.withClient { try await Visitor(ownerOf: server, through: $0) }
        let load = RequestLoad(by: visitor)
        var generator = SystemRandomNumberGenerator()
        for kill in 1...50 {
            // Counted in acknowledgements: some die with the first, some after many commits.
            let moment = Int.random(in: 1...40, using: &generator)
            let id = server.id
            try await load.run(at: server.address, isPatient: false) { acknowledged in
                if acknowledged >= moment { Foundation.kill(id, SIGKILL) }
            }
            #expect(!server.stop(SIGKILL).isExit, "it ran until it was killed: \(server.logged)")
            server = try RunningServer(folder, options: Array(place.dropFirst(2)))
            let listed = try Program.run(["exception", "list", "--format", "json"] + place)
            let lost = load.record.acknowledged.subtracting(RequestLoad.reasons(in: listed))
            #expect(lost.isEmpty, "after kill \(kill): \(listed.messages)")
            // The whole walk takes longer each time; what a kill breaks stays broken until the next one.
            if kill.isMultiple(of: 10) { try verifyLedger("after kill \(kill)") }
        }
        #expect(load.record.acknowledged.count >= 50)
        #expect(load.record.refusals.isEmpty, "\(load.record.refusals)")
        #expect(server.stop().status == 0, "\(server.logged)")
        try verifyLedger("at the end")
    }
}
