import Commitments
import Kernel
import Packs
import Store
import Verdicts
import Wire

extension Rooms {
    /// The current policies, in the order of their first import.
    public func policyList(
        of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> [PolicySummary] {
        let board = try await verdicts.board(of: organisation, as: principal)
        return try board.register.policies.map { try summary(of: $0, on: board) }
    }

    /// A policy with every span of its text, each with the verdicts of what it promises.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func policy(
        _ name: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> PolicyDetail {
        let board = try await verdicts.board(of: organisation, as: principal)
        guard let version = board.register.policies.first(where: { $0.policy == name }) else {
            throw Problem(
                .notFound, code: "policy.not-found", "There is no policy \(name) here.",
                hint: "Import one with `vouchsafe policy import`.")
        }
        let pack = try commitments.pack(of: version)
        let references = board.references(of: name)
        let spans = pack.spans.sorted { $0.start < $1.start }
        return PolicyDetail(
            policy: try summary(of: version, on: board),
            spans: spans.enumerated().map { position, span in
                let next = position + 1 < spans.count ? spans[position + 1].start : pack.policy.text.bytes
                return SpanDetail(
                    start: span.start, end: span.end, spanClass: span.spanClass.rawValue,
                    text: version.text.flatMap { Self.text($0, span.start, span.end) },
                    endsParagraph: version.text.map { Self.breaksLine($0, span.end, next) } ?? true,
                    reason: span.reason ?? span.note, commitments: span.commitments.compactMap { references[$0] })
            },
            defects: pack.defects.map(\.finding))
    }

    private func summary(of version: PolicyVersion, on board: Board) throws -> PolicySummary {
        let pack = try commitments.pack(of: version)
        let own = zip(board.register.commitments, board.standings).filter { $0.0.policy.id == version.policy }
        return PolicySummary(
            id: version.policy, title: pack.policy.title, issuer: pack.policy.issuer, version: pack.policy.version,
            sha256: pack.policy.text.sha256, importedAt: version.importedAt, hasText: version.text != nil,
            counts: VerdictCounts(of: own.map { $0.1.verdict }))
    }

    private static func text(_ bytes: [UInt8], _ start: Int, _ end: Int) -> String? {
        guard 0 <= start, start < end, end <= bytes.count else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private static func breaksLine(_ bytes: [UInt8], _ end: Int, _ next: Int) -> Bool {
        guard end <= next, next <= bytes.count else { return true }
        return bytes[end..<next].contains(UInt8(ascii: "\n"))
    }
}

extension Board {
    fileprivate func references(of policy: String) -> [String: CommitmentReference] {
        var references: [String: CommitmentReference] = [:]
        for (commitment, standing) in zip(register.commitments, standings) where commitment.policy.id == policy {
            references[commitment.definition.id] = CommitmentReference(commitment, standing)
        }
        return references
    }
}
