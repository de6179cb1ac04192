import Foundation
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct ScanTLSTests {
    @Test func ourOwnServerSpeaksSoundTLS() throws {
        let folder = try Folder()
        try Samples.install(in: folder)
        let server = try RunningServer(folder)
        let own = ["--ca", folder["data/tls-certificate.pem"]]
        let scan = try Program.run(["scan", "tls", "localhost:\(server.port)", "--format", "json"] + own)
        #expect(scan.status == 0, "\(scan.messages)")
        let report = try #require(scan.json as? [String: Any])
        #expect((report["grade"] as? String)?.hasPrefix("A") == true)
        let protocols = try #require(report["protocols"] as? [String: [String]])
        #expect(Set(protocols["tls_1_3"] ?? []).count == 3)
        #expect(protocols["tls_1_1"] == [] && protocols["tls_1_0"] == [] && protocols["ssl_3_0"] == [])
        #expect((report["groups"] as? [String])?.contains("X25519MLKEM768") == true)

        let text = try Program.run(["scan", "tls", "localhost:\(server.port)"] + own)
        #expect(text.status == 0)
        #expect(text.lines.first?.hasPrefix("localhost:\(server.port): grade A") == true)
        #expect(text.messages.isEmpty)

        // Its own certificate outlives what Mozilla's profiles allow.
        let profile = try Program.run(["scan", "tls", "localhost:\(server.port)", "--profile", "modern"] + own)
        #expect(profile.status == 1)
        let untrusted = try Program.run("scan", "tls", "localhost:\(server.port)")
        #expect(untrusted.status == 1)
        #expect(untrusted.text.contains("signed by itself"))
    }

    @Test func whatCannotBeScannedIsExplained() throws {
        let folder = try Folder()
        try folder.write("nothing", to: "empty.pem")
        let cases: [(arguments: [String], status: Int32, words: String)] = [
            (["a b"], 2, "HOST:PORT"), (["localhost:0"], 2, "HOST:PORT"), (["localhost:1"], 3, "takes no connection"),
            (["localhost:1", "--ca", folder["empty.pem"]], 1, "no certificate in the file"),
            (["localhost:1", "--ca", folder["none.pem"]], 3, "cannot be read"),
            (["localhost:1", "--timeout", "soon"], 2, "timeout"),
            (["localhost:1", "--starttls", "smpt"], 2, "starttls"),
            (["169.254.169.254"], 1, "not public"),
        ]
        for one in cases {
            let outcome = try Program.run(["scan", "tls"] + one.arguments)
            #expect(outcome.status == one.status, "\(one.arguments): \(outcome.messages)")
            #expect(outcome.messages.contains(one.words), "\(one.arguments): \(outcome.messages)")
            #expect(outcome.output.isEmpty)
        }
    }
}
