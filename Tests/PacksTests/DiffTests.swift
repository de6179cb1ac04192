import Kernel
import Testing

@testable import Packs

@Suite("Comparing two versions")
struct DiffTests {
    static func pack(_ commitments: [Pack.Commitment]) -> Pack {
        Pack(
            policy: .init(id: "a", title: "A", issuer: "A", version: "1", text: .init(sha256: "", bytes: 0)), spans: [],
            commitments: commitments)
    }

    static let disks = Pack.Commitment(
        id: "disks", section: "A", summary: "Disks are encrypted.", owner: "it",
        checks: [.init(check: "endpoint.disk-encryption", population: .host, freshness: .hours(26))],
        controls: [.init(framework: .iso27001v2022, references: ["A.8.24"])])

    static func changed(_ change: (inout Pack.Commitment) -> Void) -> Pack.Commitment {
        var commitment = disks
        change(&commitment)
        return commitment
    }

    @Test("kept, changed, new and withdrawn are told by id")
    func byID() {
        var vpn = Self.disks
        vpn.id = "vpn"
        var wifi = Self.disks
        wifi.id = "wifi"
        wifi.summary = "Radio is safe."
        let diff = PackDiff.compare(
            Self.pack([Self.disks, vpn]), Self.pack([wifi, Self.changed { $0.owner = "people" }]))
        #expect(diff.kept.isEmpty)
        #expect(diff.changed.map(\.id) == ["disks"])
        #expect(diff.new.map(\.id) == ["wifi"])
        #expect(diff.withdrawn.map(\.id) == ["vpn"])
        #expect(diff.renamed.isEmpty)
        #expect(!diff.isEmpty)
    }

    @Test(
        "each difference is told, and whether it asks for less",
        arguments: [
            ("section", changed { $0.section = "B" }, false), ("summary", changed { $0.summary = "Others." }, false),
            ("owner", changed { $0.owner = "legal" }, false),
            ("unprovable", changed { $0.unprovable = "No measure." }, true),
            ("checks", changed { $0.checks = [] }, true),
            ("checks", changed { $0.checks[0].threshold = .share(hundredths: 9500) }, true),
            ("checks", changed { $0.checks[0].freshness = .days(9) }, true),
            ("checks", changed { $0.checks[0].freshness = .hours(1) }, false),
            (
                "checks",
                changed { $0.checks.append(.init(check: "endpoint.vpn", population: .host, freshness: .hours(1))) },
                false
            ),
            ("checks", changed { $0.checks[0].needs = "a tool" }, false),
            ("checks", changed { $0.checks[0].population = .endpoint }, false),
            ("controls", changed { $0.controls = [] }, false),
        ])
    func difference(field: String, new: Pack.Commitment, isWeaker: Bool) {
        let diff = PackDiff.compare(Self.pack([Self.disks]), Self.pack([new]))
        #expect(diff.changed.first?.differences.map(\.field) == [field])
        #expect(diff.changed.first?.differences.map(\.isWeaker) == [isWeaker])
    }

    @Test("a promise under another id counts as withdrawn and new, and is named as probably renamed")
    func renamed() {
        let diff = PackDiff.compare(Self.pack([Self.disks]), Self.pack([Self.changed { $0.id = "drives" }]))
        #expect(diff.withdrawn.map(\.id) == ["disks"])
        #expect(diff.new.map(\.id) == ["drives"])
        #expect(diff.renamed == [.init(from: "disks", to: "drives")])
    }

    @Test("a pack compared with itself keeps everything", arguments: ["packs/metadrop.yaml", "packs/metrix.yaml"])
    func same(file: String) throws {
        let pack = try PackReader.pack(from: try #require(Samples.bytes(file)))
        let diff = PackDiff.compare(pack, pack)
        #expect(diff.isEmpty)
        #expect(diff.kept.count == pack.commitments.count)
    }
}
