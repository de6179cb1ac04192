import Kernel
import Testing
import Wire

@testable import Pages

@Suite("Who holds the history")
struct OutsiderPageTests {
    private let renderer: PageRenderer

    init() throws { renderer = try PageRenderer() }

    private func outsiders(_ held: Int, of asked: Int, contradicting: [String] = []) -> Outsiders {
        Outsiders(
            holders: (0..<held).map {
                Outsiders.Holder(
                    name: "witness.example/\($0)", key: "witness.example/\($0)+00000000+B\($0)", entries: 1285,
                    at: Samples.ago(.minutes(2)))
            }, asked: asked, contradicting: contradicting, logOrigin: "vouchsafe/operator/1",
            logKey: "vouchsafe/operator/1+00000000+A")
    }

    private func trust(_ outsiders: Outsiders?) -> String {
        let page = Samples.trust
        return renderer.trust(
            TrustPage(
                organisation: page.organisation, slug: page.slug, publishedAt: page.publishedAt, origin: page.origin,
                verificationKey: page.verificationKey, policies: page.policies, outsiders: outsiders),
            now: Samples.now)
    }

    @Test(
        "says how many of how many",
        arguments: [
            (0, 0, "Nobody outside holds this history yet"), (0, 2, "Nobody outside holds this history yet"),
            (1, 1, "1 outsider holds this history"), (2, 2, "2 outsiders hold this history"),
            (2, 3, "2 outsiders hold this history, of 3 asked"),
        ])
    func howMany(held: Int, asked: Int, words: String) throws {
        let page = trust(outsiders(held, of: asked))
        #expect(page.contains("<h2 id=\"outsiders\">\(words)</h2>"))
        #expect(page.contains("<a href=\"#outsiders\">\(words)</a>"))
        #expect(
            page.contains("cannot stop its own operator from rewriting all of it and signing it anew") == (held == 0))
        #expect(page.contains("up to entry 1,284") == (held > 0))
        #expect(page.contains("href=\"/operator-log/proofs/northwind\""))
        #expect(page.contains("vouchsafe ledger follow"))
        #expect(page.contains("--operator-log &#39;vouchsafe/operator/1+00000000+A&#39;"))
    }

    @Test("says nothing where nothing is known")
    func unknown() { #expect(!trust(nil).contains("outsiders")) }

    @Test("an alarm stands first")
    func alarm() {
        let page = trust(outsiders(1, of: 2, contradicting: ["witness.example/<b>"]))
        #expect(
            page.contains(
                "witness.example/&lt;b&gt; says that it holds another history than the one shown here. That is a witness’s word"
            ))
        #expect(page.contains("role=\"alert\""))
    }

    @Test("the settings say it too")
    func settings() {
        let summary = Samples.settings
        func page(_ outsiders: Outsiders?) -> String {
            renderer.settings(
                SettingsSummary(
                    organisation: summary.organisation, slug: summary.slug, database: summary.database,
                    dataKey: summary.dataKey, certificateExpiresAt: summary.certificateExpiresAt,
                    people: summary.people, version: summary.version, outsiders: outsiders),
                in: PageFrame(organisation: "Northwind Labs", slug: "northwind", person: "Ada", now: Samples.now))
        }
        #expect(page(outsiders(0, of: 0)).contains("vouchsafe witness add"))
        #expect(page(outsiders(2, of: 3)).contains("2 outsiders hold this history, of 3 asked"))
        #expect(
            page(outsiders(0, of: 1, contradicting: ["w"])).contains("ALARM: w says that it holds another history."))
        #expect(!page(nil).contains("Outsiders"))
    }
}
