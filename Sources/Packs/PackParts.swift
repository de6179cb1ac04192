import Kernel

/// Turns the fields of a file into the parts of a pack and keeps going where one of them does not fit.
struct PackParts {
    let findings: PackFindings
    private(set) var lostSpans = false
    private(set) var lostCommitments = false

    init(findings: PackFindings) {
        self.findings = findings
    }

    mutating func pack(_ root: PackField) -> Pack? {
        guard let fields = root.mapping(required: ["format", "policy", "spans", "commitments"], optional: ["defects"])
        else {
            return nil
        }
        if let field = fields["format"], let format = field.text(), format != Pack.format {
            findings.add(
                "pack.format", "This version reads packs of the format \(Pack.format), not `\(format.prefix(60))`.",
                at: field)
        }
        let policy = fields["policy"].flatMap(readPolicy)
        let spans = fields["spans"].flatMap { $0.list(limit: PackLimits.spans) }?.map(readSpan)
        let commitments = fields["commitments"].flatMap { $0.list(limit: PackLimits.commitments) }?.map(readCommitment)
        let defects = fields["defects"].flatMap { $0.list(limit: PackLimits.defects) }?.compactMap(readDefect)
        lostSpans = spans?.contains { $0 == nil } ?? true
        lostCommitments = commitments?.contains { $0 == nil } ?? true
        // Elements keep their positions, so that lint names the right ones; what follows a lost one is not judged.
        return Pack(
            policy: policy
                ?? Pack.Policy(id: "", title: "", issuer: "", version: "", text: Pack.TextDigest(sha256: "", bytes: -1)),
            spans: leading(spans), commitments: leading(commitments), defects: defects ?? [])
    }

    private func leading<Element>(_ elements: [Element?]?) -> [Element] {
        Array((elements ?? []).lazy.prefix { $0 != nil }.compactMap { $0 })
    }

    private func readPolicy(_ field: PackField) -> Pack.Policy? {
        guard let fields = field.mapping(required: ["id", "title", "issuer", "version", "text"], optional: ["date"])
        else {
            return nil
        }
        let id = fields["id"]?.word()
        let title = fields["title"]?.text(limit: 200)
        let issuer = fields["issuer"]?.text(limit: 200)
        let version = fields["version"]?.text(limit: 100)
        let date = fields["date"].flatMap(readDay)
        let digest = fields["text"].flatMap(readDigest)
        guard let id, let title, let issuer, let version, let digest else { return nil }
        return Pack.Policy(id: id, title: title, issuer: issuer, version: version, date: date, text: digest)
    }

    private func readDigest(_ field: PackField) -> Pack.TextDigest? {
        guard let fields = field.mapping(required: ["sha256", "bytes"]) else { return nil }
        let count = fields["bytes"]?.number()
        guard let hash = fields["sha256"], let text = hash.text() else { return nil }
        guard [UInt8](hex: text)?.count == 32 else {
            findings.add("pack.hash", "A SHA-256 is 64 lower-case hexadecimal digits.", at: hash)
            return nil
        }
        return count.map { Pack.TextDigest(sha256: text, bytes: $0) }
    }

    private func readDay(_ field: PackField) -> String? {
        guard let text = field.text() else { return nil }
        guard text.utf8.count == 10, Instant("\(text)T00:00Z") != nil else {
            findings.add("pack.date", "`\(text.prefix(40))` is no day, such as 2021-09-30.", at: field)
            return nil
        }
        return text
    }

    private func readSpan(_ field: PackField) -> Pack.Span? {
        guard let fields = field.mapping(required: ["at", "class"], optional: ["note", "reason", "commitments"]) else {
            return nil
        }
        let range = fields["at"].flatMap(readRange)
        let spanClass = fields["class"].flatMap(readSpanClass)
        let note = fields["note"]?.text()
        let reason = fields["reason"]?.text()
        let names = fields["commitments"].flatMap { $0.list(limit: PackLimits.namesPerSpan) }?.compactMap { $0.word() }
        guard let range, let spanClass else { return nil }
        return Pack.Span(
            start: range.start, end: range.end, spanClass: spanClass, note: note, reason: reason,
            commitments: names ?? [])
    }

    private func readRange(_ field: PackField) -> (start: Int, end: Int)? {
        guard let items = field.list(limit: PackLimits.references) else { return nil }
        guard items.count == 2 else {
            findings.add(
                "pack.range", "`at` must be two numbers: the first byte, and the byte after the last.", at: field)
            return nil
        }
        guard let start = items[0].number(), let end = items[1].number() else { return nil }
        return (start, end)
    }

    private func readSpanClass(_ field: PackField) -> Pack.SpanClass? {
        guard let text = field.text() else { return nil }
        if let spanClass = Pack.SpanClass(rawValue: text) { return spanClass }
        let all = Pack.SpanClass.allCases.map(\.rawValue)
        findings.add(
            "pack.class", "`\(text.prefix(40))` is no class; a span is \(all.joined(separator: ", ")).",
            hint: nearest(to: text, among: all).map { "Did you mean `\($0)`?" }, at: field)
        return nil
    }

    private func readCommitment(_ field: PackField) -> Pack.Commitment? {
        guard
            let fields = field.mapping(
                required: ["id", "section", "summary", "owner"], optional: ["unprovable", "checks", "controls"])
        else { return nil }
        let id = fields["id"]?.word()
        let section = fields["section"]?.text(limit: 200)
        let summary = fields["summary"]?.text(limit: 500)
        let owner = fields["owner"]?.word()
        let unprovable = fields["unprovable"].map { $0.text() ?? "" }
        let checks = fields["checks"].flatMap { $0.list(limit: PackLimits.checksPerCommitment) }?.map(
            CheckUseField.init)
        let uses = checks?.map { $0.read(findings) }
        let controls = fields["controls"].map(readControls)
        guard let id, let section, let summary, let owner else { return nil }
        if uses?.contains(where: { $0 == nil }) == true || fields["checks"] != nil && uses == nil { return nil }
        return Pack.Commitment(
            id: id, section: section, summary: summary, owner: owner, unprovable: unprovable,
            checks: uses?.compactMap { $0 } ?? [], controls: controls ?? [])
    }

    private func readControls(_ field: PackField) -> [Pack.FrameworkControls] {
        guard let fields = field.mapping(required: [], optional: Framework.allCases.map(\.rawValue)) else { return [] }
        return Framework.allCases.compactMap { framework in
            guard let list = fields[framework.rawValue]?.list(limit: PackLimits.references) else { return nil }
            return Pack.FrameworkControls(framework: framework, references: list.compactMap { $0.text(limit: 40) })
        }
    }

    private func readDefect(_ field: PackField) -> Pack.Defect? {
        guard let fields = field.mapping(required: ["at", "finding"]) else { return nil }
        let range = fields["at"].flatMap(readRange)
        guard let finding = fields["finding"]?.text(), let range else { return nil }
        return Pack.Defect(start: range.start, end: range.end, finding: finding)
    }
}
