import Kernel

/// The rules for the policy's header, for commitments, their checks and their controls.
struct LintCommitments {
    let pack: Pack
    let catalogue: [CheckID: Check]
    let knowsAllSpans: Bool

    init(pack: Pack, catalogue: [Check], knowsAllSpans: Bool) {
        self.pack = pack
        self.catalogue = Dictionary(catalogue.map { ($0.id, $0) }) { first, _ in first }
        self.knowsAllSpans = knowsAllSpans
    }

    func check(_ problems: inout LintProblems) {
        checkFinished(pack.policy.title, "policy.title", &problems)
        checkFinished(pack.policy.issuer, "policy.issuer", &problems)
        checkFinished(pack.policy.version, "policy.version", &problems)
        let named = Set(pack.spans.flatMap(\.commitments))
        let namedAsUnprovable = Set(pack.spans.lazy.filter { $0.spanClass == .unprovable }.flatMap(\.commitments))
        var first: [String: Int] = [:]
        for (index, commitment) in pack.commitments.enumerated() {
            let field = "commitments[\(index)]"
            if let other = first[commitment.id] {
                problems.add(
                    "pack.duplicate-id", "commitments[\(other)] has the id `\(commitment.id)` already.",
                    at: "\(field).id")
            } else {
                first[commitment.id] = index
            }
            if knowsAllSpans, !named.contains(commitment.id) {
                problems.add(
                    "pack.commitment-without-span", "No span of the text makes the commitment `\(commitment.id)`.",
                    hint: "Name it in the span that promises it.", at: field)
            } else if knowsAllSpans, commitment.unprovable != nil, !namedAsUnprovable.contains(commitment.id) {
                problems.add(
                    "pack.unprovable-without-span",
                    "`\(commitment.id)` is unprovable, but no unprovable span makes it.",
                    at: field)
            }
            checkWords(commitment, field, &problems)
            checkMeans(commitment, field, &problems)
            checkControls(commitment, field, &problems)
        }
    }

    private func checkWords(_ commitment: Pack.Commitment, _ field: String, _ problems: inout LintProblems) {
        checkFinished(commitment.section, "\(field).section", &problems)
        checkFinished(commitment.summary, "\(field).summary", &problems)
        checkFinished(commitment.unprovable, "\(field).unprovable", &problems)
        for (index, use) in commitment.checks.enumerated() {
            checkFinished(use.needs, "\(field).checks[\(index)].needs", &problems)
        }
    }

    private func checkMeans(_ commitment: Pack.Commitment, _ field: String, _ problems: inout LintProblems) {
        if commitment.unprovable == nil, commitment.checks.isEmpty {
            problems.add(
                "pack.commitment-without-checks", "Nothing says how `\(commitment.id)` is proven.",
                hint: "Give it checks, or say in `unprovable` why there can be none.", at: field)
        }
        if commitment.unprovable != nil, !commitment.checks.isEmpty {
            problems.add(
                "pack.unprovable-with-checks", "`\(commitment.id)` is unprovable, so its checks would never count.",
                hint: "Make a commitment of its own of the part that can be shown.", at: "\(field).checks")
        }
        var seen: Set<CheckID> = []
        for (index, use) in commitment.checks.enumerated() {
            let place = "\(field).checks[\(index)]"
            if !seen.insert(use.check).inserted {
                problems.add(
                    "pack.duplicate-check", "`\(use.check)` stands twice in one commitment.", at: "\(place).check")
            }
            checkUse(use, place, &problems)
        }
    }

    private func checkUse(_ use: Pack.CheckUse, _ field: String, _ problems: inout LintProblems) {
        guard let check = catalogue[use.check] else {
            guard use.needs == nil else { return }
            let meant = nearest(to: use.check.rawValue, among: catalogue.keys.map(\.rawValue).sorted())
            problems.add(
                "pack.unknown-check", "This installation has no check `\(use.check)`.",
                hint: (meant.map { "Did you mean `\($0)`? " } ?? "")
                    + "If it is right, say in `needs` what is missing to run it.", at: "\(field).check")
            return
        }
        if check.population != use.population {
            problems.add(
                "pack.population",
                "`\(use.check)` looks at \(check.population.rawValue)s, not at \(use.population.rawValue)s.",
                hint: "Write `population: \(check.population.rawValue)`.", at: "\(field).population")
        }
    }

    private func checkControls(_ commitment: Pack.Commitment, _ field: String, _ problems: inout LintProblems) {
        for group in commitment.controls {
            var seen: Set<String> = []
            for (index, reference) in group.references.enumerated() {
                let place = "\(field).controls.\(group.framework.rawValue)[\(index)]"
                if let objection = group.framework.objection(to: reference) {
                    problems.add("pack.control", "\(objection).", at: place)
                } else if !seen.insert(reference).inserted {
                    problems.add("pack.duplicate-control", "\(reference) stands twice in one list.", at: place)
                }
            }
        }
    }
}
