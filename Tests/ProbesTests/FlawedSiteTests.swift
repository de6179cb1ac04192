import Foundation
import Kernel
import ScanResults
import Testing
import WebPosture

@testable import Probes

/// The labelled site of others, each page of which breaks what its label says and nothing else.
private enum FlawedSite {
    static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/conformance/web/flawed_app.py").path

    static let isThere = FileManager.default.fileExists(atPath: script)

    /// Runs it on a port of its own for as long as `body` needs it.
    static func running<T>(_ body: (_ address: WebAddress) async throws -> T) async throws -> T {
        try await LoopbackProgram.running("/usr/bin/env", scheme: "http") { port in
            ["python3", script, "\(port)"]
        } body: { port in
            try await body(try #require(WebAddress("http://127.0.0.1:\(port)/")))
        }
    }

    static func json<T: Decodable>(_ path: String, of site: WebAddress, as type: T.Type) async throws -> T {
        let probe = try HTTPProbe(userAgent: "Test/1")
        let address = try #require(site.resolving(path))
        let response = try await probe.answer(to: WebRequest(address), reach: .internalAddresses, within: .seconds(60))
        return try JSONDecoder().decode(type, from: Data(response.body))
    }
}

@Suite("A labelled site", .enabled(if: FlawedSite.isThere))
struct FlawedSiteTests {
    /// Those that only an encrypted connection shows.
    private static let overTLS: Set = [10011, 10040, 10042]

    private struct Hit: Decodable {
        let method, target, agent: String
        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            method = try list.decode(String.self)
            target = try list.decode(String.self)
            agent = try list.decode(String.self)
        }
    }

    @Test("every label is found on its page, nothing else anywhere, and no harm is done")
    func labels() async throws {
        try await FlawedSite.running { address in
            try await look(at: address, leavingOut: Self.overTLS)
            let hits = try await FlawedSite.json("/_hits", of: address, as: [Hit].self).filter { $0.agent != "Test/1" }
            #expect(hits.allSatisfy { $0.method == "GET" && $0.agent == "Test-Crawler/1" })
            for harm in ["/logout", "/delete", "/private/secret", "/_post"] {
                #expect(!hits.contains { $0.target.hasPrefix(harm) }, "\(harm)")
            }
            #expect(hits.contains { $0.target == "/private/ok" }, "what robots.txt allows is visited")
            #expect(hits.count { $0.target.hasPrefix("/trap/") } <= 10)
        }
    }

    @Test("over an encrypted connection every label is found, and nothing else", .enabled(if: EncryptedSite.isPossible))
    func labelsOverTLS() async throws {
        try await FlawedSite.running { plain in
            try await EncryptedSite.running(before: plain.port) { port, _ in
                try await look(at: try #require(WebAddress("https://127.0.0.1:\(port)/")), leavingOut: [])
            }
        }
    }

    /// Scans the site, and holds what was found against the labels.
    private func look(at address: WebAddress, leavingOut: Set<Int>) async throws {
        let labels = try await FlawedSite.json("/labels.json", of: address, as: [String: [Int]].self)
        let crawl = SiteCrawl(try HTTPProbe(userAgent: "Test-Crawler/1"))
        let report = try await crawl.scan(
            address, SiteCrawl.Manner(reach: .internalAddresses, pace: .zero, requestTime: .seconds(60)))
        var found: [String: [Int]] = [:]
        for page in report.details.pages {
            found[try #require(WebAddress(page.address)).path, default: []] += page.rules
        }
        for (path, expected) in labels {
            #expect(found[path] == expected.filter { !leavingOut.contains($0) }.sorted(), "\(path)")
        }
        for (path, rules) in found where labels[path] == nil { #expect(rules.isEmpty, "\(path): \(rules)") }
        let addresses = Set(report.summary.findings.map(\.location.address))
        for (path, expected) in labels where !expected.allSatisfy(leavingOut.contains) {
            #expect(addresses.contains("\(address.origin)\(path)"), "\(path) has a finding of its own")
        }
    }
}
