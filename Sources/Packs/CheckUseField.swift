import Kernel

/// One check of a commitment as it stands in the file.
struct CheckUseField {
    let field: PackField

    func read(_ findings: PackFindings) -> Pack.CheckUse? {
        guard
            let fields = field.mapping(
                required: ["check", "population", "freshness"], optional: ["threshold", "needs"])
        else { return nil }
        let check = fields["check"].flatMap { readCheckID($0, findings) }
        let population = fields["population"].flatMap { readPopulation($0, findings) }
        let freshness = fields["freshness"].flatMap { readFreshness($0, findings) }
        let threshold = fields["threshold"].map { readThreshold($0, findings) } ?? .all
        let needs = fields["needs"].map { $0.text() ?? "" }
        guard let check, let population, let freshness, let threshold else { return nil }
        return Pack.CheckUse(
            check: check, population: population, threshold: threshold, freshness: freshness, needs: needs)
    }

    private func readCheckID(_ field: PackField, _ findings: PackFindings) -> CheckID? {
        guard let text = field.text() else { return nil }
        if let id = CheckID(rawValue: text) { return id }
        findings.add(
            "pack.check-name", "`\(text.prefix(60))` cannot name a check; names look like endpoint.disk-encryption.",
            at: field)
        return nil
    }

    private func readPopulation(_ field: PackField, _ findings: PackFindings) -> Subject.Kind? {
        guard let text = field.text() else { return nil }
        if let kind = Subject.Kind(rawValue: text) { return kind }
        let all = Subject.Kind.allCases.map(\.rawValue)
        findings.add(
            "pack.population", "`\(text.prefix(40))` is no population.",
            hint: nearest(to: text, among: all).map { "Did you mean `\($0)`?" }
                ?? "One of: \(all.joined(separator: ", ")).",
            at: field)
        return nil
    }

    private func readFreshness(_ field: PackField, _ findings: PackFindings) -> Period? {
        guard let text = field.text() else { return nil }
        if let period = Period(text), period >= .minutes(1) { return period }
        findings.add(
            "pack.duration", "`\(text.prefix(40))` is no duration of a minute or more.",
            hint: "Write a whole number and m, h, d or w: 26h, 90d.", at: field)
        return nil
    }

    private func readThreshold(_ field: PackField, _ findings: PackFindings) -> Threshold? {
        guard let text = field.text() else { return nil }
        if let threshold = Threshold(text) { return threshold }
        findings.add(
            "pack.threshold", "`\(text.prefix(40))` is no threshold.",
            hint: "Write `all`, or a share such as \"95 %\".",
            at: field)
        return nil
    }
}
