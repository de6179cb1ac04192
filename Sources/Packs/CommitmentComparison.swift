import Kernel

/// What is different between two versions of one commitment, in the order of the pack's fields.
struct CommitmentComparison {
    let old, new: Pack.Commitment

    var differences: [PackDiff.Difference] {
        var differences: [PackDiff.Difference] = []
        func compare(_ field: String, _ before: String, _ after: String) {
            guard before != after else { return }
            differences.append(
                .init(field: field, description: "\(field): “\(before)” became “\(after)”", isWeaker: false))
        }
        compare("section", old.section, new.section)
        compare("summary", old.summary, new.summary)
        compare("owner", old.owner, new.owner)
        differences += provability
        differences += checks
        differences += controls
        return differences
    }

    private var provability: [PackDiff.Difference] {
        switch (old.unprovable, new.unprovable) {
        case (nil, .some(let reason)):
            [.init(field: "unprovable", description: "it became unprovable: \(reason)", isWeaker: true)]
        case (.some, nil): [.init(field: "unprovable", description: "it can be proven now", isWeaker: false)]
        case (.some(let before), .some(let after)) where before != after:
            [.init(field: "unprovable", description: "unprovable: “\(before)” became “\(after)”", isWeaker: false)]
        default: []
        }
    }

    private var checks: [PackDiff.Difference] {
        let before = Dictionary(old.checks.map { ($0.check, $0) }) { first, _ in first }
        let after = Set(new.checks.map(\.check))
        var differences: [PackDiff.Difference] = []
        for use in new.checks {
            guard let earlier = before[use.check] else {
                differences.append(
                    .init(field: "checks", description: "the check \(use.check) was added", isWeaker: false))
                continue
            }
            differences += compare(earlier, use)
        }
        for use in old.checks where !after.contains(use.check) {
            differences.append(
                .init(field: "checks", description: "the check \(use.check) was dropped", isWeaker: true))
        }
        return differences
    }

    private func compare(_ old: Pack.CheckUse, _ new: Pack.CheckUse) -> [PackDiff.Difference] {
        var differences: [PackDiff.Difference] = []
        func add(_ name: String, _ before: String, _ after: String, isWeaker: Bool) {
            guard before != after else { return }
            differences.append(
                .init(
                    field: "checks", description: "\(new.check): \(name) \(before) became \(after)", isWeaker: isWeaker)
            )
        }
        add("population", old.population.rawValue, new.population.rawValue, isWeaker: false)
        add("threshold", old.threshold.description, new.threshold.description, isWeaker: new.threshold < old.threshold)
        add("freshness", old.freshness.description, new.freshness.description, isWeaker: new.freshness > old.freshness)
        add("needs", old.needs ?? "nothing", new.needs ?? "nothing", isWeaker: false)
        return differences
    }

    private var controls: [PackDiff.Difference] {
        Framework.allCases.compactMap { framework in
            let before = Set(old.controls.lazy.filter { $0.framework == framework }.flatMap(\.references))
            let after = Set(new.controls.lazy.filter { $0.framework == framework }.flatMap(\.references))
            guard before != after else { return nil }
            let added = after.subtracting(before).sorted().map { "+\($0)" }
            let dropped = before.subtracting(after).sorted().map { "−\($0)" }
            return .init(
                field: "controls", description: "\(framework.title): \((added + dropped).joined(separator: " "))",
                isWeaker: false)
        }
    }
}
