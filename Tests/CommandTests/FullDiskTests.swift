import Foundation
import Testing

/// A limit on the size of files stands for a full disk: both make a write fail half-way.
@Suite(.enabled(if: Program.isBuilt))
struct FullDiskTests {
    private let soon = String(Date().addingTimeInterval(40 * 86_400).ISO8601Format().prefix(10))

    @Test func whatDoesNotFitIsRefusedAndWhatWasThereStays() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let grant = "\"$V\" exception grant disks --reason moving --until \(soon) --data data"
        #expect(try Program.shell(grant, in: folder).status == 0)
        let refused = try Program.shell("ulimit -f 8; \(grant)", in: folder)
        #expect(refused.isExit && refused.status == 3, "\(refused.messages)")
        #expect(refused.messages.hasPrefix("error: "))
        #expect(try Program.run("ledger", "verify", "--data", folder["data"]).status == 0)
        #expect(try Program.shell(grant, in: folder).status == 0)
        let list = try Program.run("exception", "list", "--data", folder["data"], "--format", "json").json as? [Any]
        #expect(list?.count == 2)
    }

    @Test func anInstallationThatDoesNotFitIsNotHalfMade() throws {
        let folder = try Folder()
        try folder.write(Samples.pack(), to: "rules.yaml")
        let line = "\"$V\" init --data data --organisation Desk --pack rules.yaml"
        let refused = try Program.shell("ulimit -f 8; \(line)", in: folder)
        #expect(refused.isExit && refused.status == 3, "\(refused.messages)")
        let made = try Program.shell(line, in: folder)
        #expect(made.status == 0, "\(made.messages)")
        #expect(try Program.run("status", "--data", folder["data"]).text.contains("2 commitments:"))
    }
}
