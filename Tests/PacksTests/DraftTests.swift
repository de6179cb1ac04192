import Kernel
import Testing

@testable import Packs

@Suite("Drafts")
struct DraftTests {
    static func draft(_ text: String) throws -> Pack {
        try PackReader.pack(from: Array(PackDraft.draft(Array(text.utf8), catalogue: Samples.catalogue).utf8))
    }

    @Test("cover every byte of any text; only what a person must write is left", arguments: 0..<400)
    func cover(seed: Int) throws {
        let text = RandomTexts.bytes(seed: UInt64(seed))
        guard text.contains(where: { !isWhitespace($0) }) else {
            #expect(throws: Problem.self) { try PackDraft.draft(text, catalogue: Samples.catalogue) }
            return
        }
        let yaml = try PackDraft.draft(text, catalogue: Samples.catalogue)
        let reading = PackReader.read(Array(yaml.utf8))
        #expect(reading.problems == [], "\(yaml)")
        let allowed: Set<String> = ["pack.unfinished", "pack.text-not-utf8"]
        let problems = PackLint.problems(reading, text: text, catalogue: Samples.catalogue)
        #expect(problems.allSatisfy { allowed.contains($0.code) }, "\(problems)\n\(yaml)")
    }

    @Test(
        "propose a class for each sentence",
        arguments: [
            ("All laptops have disk encryption.", Pack.SpanClass.commitment), ("Backups must be tested.", .commitment),
            ("Our buildings are locked at night.", .commitment), ("We notify customers of breaches.", .commitment),
            ("We guarantee your safety.", .unprovable), ("The product is bug-free.", .unprovable),
            ("Our staff never lose keys.", .unprovable), ("It is secure to 100 %.", .unprovable),
            ("We believe in security.", .context), ("We aim to please.", .context), ("Security", .context),
            ("All laptops are locked", .commitment), ("# What we must do", .context),
            ("The web is a dangerous place.", .context), ("You should use a good password.", .context),
        ])
    func classes(sentence: String, spanClass: Pack.SpanClass) throws {
        #expect(try Self.draft(sentence).spans.map(\.spanClass) == [spanClass])
    }

    @Test("take nothing for context silently: where it is not plain, a person must say so")
    func doubtful() throws {
        let pack = try Self.draft("Services span two cities. We aim high. You should never share a key.")
        #expect(pack.spans.map(\.spanClass) == [.context, .context, .context])
        #expect(pack.spans.map { $0.note?.hasPrefix("FILL IN") } == [true, false, false])
    }

    @Test("propose the checks whose keywords a sentence speaks, under the heading it stands under")
    func checks() throws {
        let pack = try Self.draft(
            "# Devices\n\nAll laptops run malware protection and a firewall.\n\n# Others\n\nVisitors must sign in.\n")
        #expect(pack.policy.title == "Devices")
        #expect(pack.policy.id == "devices")
        #expect(pack.commitments.map(\.section) == ["Devices", "Others"])
        #expect(pack.commitments[0].checks.map(\.check) == ["endpoint.firewall", "endpoint.malware-protection"])
        #expect(pack.commitments[1].checks.map(\.check) == ["evidence.to-be-named"])
        #expect(pack.commitments[1].checks[0].needs?.hasPrefix("FILL IN") == true)
    }

    @Test("a published policy drafts into spans that lint accepts", .enabled(if: Samples.hasSeeds))
    func seeds() throws {
        for seed in ["000_9739ee214286e529.txt", "002_1ef7cff6aaa6fd05.txt"] {
            let text = try #require(Samples.bytes(Samples.seeds + seed))
            let yaml = try PackDraft.draft(text, catalogue: Samples.catalogue)
            let problems = PackLint.problems(
                PackReader.read(Array(yaml.utf8)), text: text, catalogue: Samples.catalogue)
            #expect(problems.allSatisfy { $0.code == "pack.unfinished" }, "\(problems)")
        }
    }

    @Test("sentences are split where the packs made by hand split them", .enabled(if: Samples.hasSeeds))
    func sameSentences() throws {
        for (file, seed) in [("metadrop", "000_9739ee214286e529.txt"), ("metrix", "002_1ef7cff6aaa6fd05.txt")] {
            let text = try #require(Samples.bytes(Samples.seeds + seed))
            let pack = try PackReader.pack(from: try #require(Samples.bytes("packs/\(file).yaml")))
            #expect(PolicyText(text).sentences.map(\.lowerBound) == pack.spans.map(\.start))
        }
    }
}
