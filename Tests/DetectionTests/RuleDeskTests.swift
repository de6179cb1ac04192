import Foundation
import Kernel
import LogFormats
import Sigma
import Store
import TestSupport
import Testing

@testable import Detection

@Suite("Rules are replaced as a whole") struct RuleDeskTests {
    private static func rule(_ name: String, _ value: String = "x", level: String = "high") -> String {
        "title: \(name)\nid: \(name)\nlevel: \(level)\nlogsource: { service: shop }\ndetection: { a: { user: '\(value)' }, condition: a }\n"
    }

    private static func file(_ rules: String...) -> [InstalledRules.File] {
        [InstalledRules.File(path: "rules.yml", text: rules.joined(separator: "---\n"))]
    }

    private func install(_ files: [InstalledRules.File], in room: Room) async throws -> RuleDesk.Changes {
        try await room.rules.install(files, named: "ours", in: room.organisation, as: .operator)
    }

    @Test func ourOwnRulesRunUntilOthersAreInstalled() async throws {
        let room = try await Room()
        let own = try await room.rules.ready(for: room.organisation, as: .operator)
        #expect(own.ruleSet.rejected.isEmpty)
        #expect(own.descriptions.contains { $0.title == "A log source has fallen silent" })
        let changes = try await install(Self.file(Self.rule("one")), in: room)
        #expect(changes.added.map(\.title) == ["one"])
        #expect(changes.removed.count == own.descriptions.count)
        #expect(try await room.rules.ready(for: room.organisation, as: .operator).descriptions.map(\.title) == ["one"])
    }

    @Test func anUpdateSaysWhatIsNewGoneAndDifferent() async throws {
        let room = try await Room()
        _ = try await install(Self.file(Self.rule("same"), Self.rule("edited"), Self.rule("gone")), in: room)
        let changes = try await install(
            // Another place in another file, and other spacing, change nothing.
            [InstalledRules.File(path: "moved.yml", text: "# moved\n\n" + Self.rule("same"))]
                + Self.file(Self.rule("edited", "y"), Self.rule("new"), "title: broken\n"), in: room)
        #expect(changes.added.map(\.title) == ["new"])
        #expect(changes.removed.map(\.title) == ["gone"])
        #expect(changes.changed.map(\.title) == ["edited"])
        #expect(changes.unchanged == 1)
        #expect(changes.rejected.count == 1)
    }

    @Test func whatCannotBeUsedAtAllReplacesNothing() async throws {
        let room = try await Room()
        _ = try await install(Self.file(Self.rule("one")), in: room)
        await #expect(throws: Problem.self) { try await install(Self.file("title: broken\n"), in: room) }
        await #expect(throws: Problem.self) { try await install([], in: room) }
        #expect(try await room.rules.ready(for: room.organisation, as: .operator).descriptions.map(\.title) == ["one"])
    }

    @Test func aPreviewChangesNothing() async throws {
        let room = try await Room()
        let preview = try await room.rules.preview(
            Self.file(Self.rule("one")), in: room.organisation, as: .operator)
        #expect(preview.added.map(\.title) == ["one"])
        #expect(try await room.rules.installed(in: room.organisation, as: .operator) == nil)
    }

    @Test(arguments: ["deploy", "a*b?c\\d", "\"quoted\"\nsecond: line", "ümläut: {x}", "\u{2028}- x", "'", "%d%"])
    func aTuningKeepsOneValueQuietAndNothingElse(_ value: String) async throws {
        let room = try await Room()
        let source = try await room.source("shop", .json, service: "shop")
        _ = try await install(Self.file(Self.rule("any user", "*")), in: room)
        try await room.rules.tune(
            "any user", titled: "any user", field: "user", value: value, because: "the pipeline does that",
            in: room.organisation, as: .operator)
        // Replacing the rules keeps it.
        let changes = try await install(Self.file(Self.rule("any user", "*", level: "low")), in: room)
        #expect(changes.orphaned.isEmpty)
        #expect(changes.rejected.isEmpty)
        let records = try [value, "axbyc\\d", "somebody"].map { value in
            let json = try JSONEncoder().encode(["user": value])
            return String(decoding: json, as: UTF8.self)
        }
        try await room.running { try await $0.keep(room.batch(records), of: source) }
        #expect(try await room.allAlerts.map(\.count) == [2])
    }

    @Test func aTuningOutlivesItsRuleAndCanBeTakenBack() async throws {
        let room = try await Room()
        _ = try await install(Self.file(Self.rule("one")), in: room)
        let tuning = try await room.rules.tune(
            "one", titled: "one", field: "user", value: "x", because: "known", in: room.organisation, as: .operator)
        let changes = try await install(Self.file(Self.rule("two")), in: room)
        #expect(changes.orphaned == [tuning])
        #expect(try await room.rules.ready(for: room.organisation, as: .operator).descriptions.map(\.title) == ["two"])
        try await room.rules.removeTuning("\(tuning.id)", in: room.organisation, as: .operator)
        #expect(try await room.rules.tunings(of: room.organisation, as: .operator).isEmpty)
    }

    @Test(arguments: [
        (["user"], true, [] as [String]), (["user", "host"], true, []), (["host"], false, ["user"]),
        ([], false, ["user"]),
    ]) func coverageTellsWhichRulesAreBlind(_ fields: [String], _ canFire: Bool, _ missing: [String]) async throws {
        let room = try await Room()
        let source = try await room.source("shop", .json, service: "shop")
        _ = try await install(Self.file(Self.rule("one")), in: room)
        var profile = LogProfile(id: source.id)
        profile.add(LogSource(services: ["shop"]))
        for field in fields { profile.add(field: field) }
        let coverage = RuleCoverage(
            try await room.rules.ready(for: room.organisation, as: .operator), profile: profile)
        #expect(coverage.applicable == [0])
        #expect(coverage.canFire == (canFire ? [0] : []))
        #expect(coverage.blind.map(\.missing) == (canFire ? [] : [missing]))
    }
}
