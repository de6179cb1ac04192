import Kernel
import Packs
import Store

/// Makes policies current and keeps what is decided about their commitments.
public struct CommitmentDesk: Sendable {
    let database: Database
    let policies: PolicyReader
    /// What this installation can measure.
    public let catalogue: [Check]

    /// A desk over `database` that knows the checks of `catalogue`.
    public init(database: Database, catalogue: [Check]) {
        self.database = database
        self.catalogue = catalogue
        policies = PolicyReader(catalogue: catalogue)
    }

    /// The record tables of this room, for the ledger's verification.
    public static let tables = [
        PolicyVersion.table, Commitment.table, RosterEntry.table, SeriesRow.table, ObservationRow.table,
        AcceptedException.table, VerdictStatement.table, Publication.table,
    ]

    /// The schema of this room.
    public static let migrations = [Migration("commitments.1", creates: tables.map(\.definition))]

    // MARK: - Policies

    /// Makes a version of a policy current. What it no longer promises is shown as withdrawn from now on.
    ///
    /// - Parameters:
    ///   - pack: The pack's bytes, kept verbatim.
    ///   - text: The policy's exact text, if it is to be shown; it must have the hash that the pack names.
    ///   - file: The pack's file name, for problems.
    /// - Returns: What changed against the version before.
    /// - Throws: The first problem of the pack; nothing is stored then.
    public func importPolicy(
        pack bytes: [UInt8], text: [UInt8]?, file: String? = nil, into organisation: Identifier<Organisation>,
        as principal: Principal
    ) async throws -> PackDiff {
        let pack = try PackReader.pack(from: bytes, file: file)
        let problems = PackLint.problems(pack, text: text, catalogue: catalogue)
        if let first = problems.first {
            guard problems.count > 1 else { throw first }
            throw Problem(
                first.kind, code: first.code, first.message,
                hint: "There are \(problems.count - 1) more problems; `vouchsafe policy lint` lists them all.",
                place: first.place)
        }
        let source = String(decoding: bytes, as: UTF8.self)
        let scope = database.scope(organisation, as: principal)
        return try await scope.change("policy.imported") { [policies] change in
            let current = try change.view.list(PolicyVersion.self, Query("superseded_at IS NULL"))
                .first { $0.record.policy == pack.policy.id }
            if let current {
                guard current.record.pack != source || (current.record.text == nil && text != nil) else {
                    throw Problem(
                        .conflict, code: "policy.already-current",
                        "This version of \(pack.policy.title) is current already.")
                }
                try change.update(current, to: current.record.superseded(at: change.now))
            }
            try change.insert(
                PolicyVersion(
                    id: change.newIdentifier(), policy: pack.policy.id, pack: source, text: text,
                    importedAt: change.now, supersededAt: nil))
            let known = Set(
                try change.view.list(Commitment.self).filter { $0.record.policy == pack.policy.id }.map(\.record.name))
            for commitment in pack.commitments where !known.contains(commitment.id) {
                try change.insert(
                    Commitment(id: change.newIdentifier(), policy: pack.policy.id, name: commitment.id))
            }
            return PackDiff.compare(
                try current.map { try policies.pack(of: $0.record) } ?? pack.withoutCommitments, pack)
        }
    }

    /// The policies and commitments as they stood at `moment`.
    public func register(
        of organisation: Identifier<Organisation>, at moment: Instant, as principal: Principal
    ) async throws -> PolicyRegister {
        try await database.scope(organisation, as: principal).read { [policies] view in
            try policies.register(at: moment, in: view)
        }
    }

    /// A stored version with its pack.
    public func policy(
        _ policy: String, of organisation: Identifier<Organisation>, as principal: Principal
    ) async throws -> (version: PolicyVersion, pack: Pack) {
        let version = try await database.scope(organisation, as: principal).read { view in
            try view.list(PolicyVersion.self, Query("superseded_at IS NULL")).map(\.record).first {
                $0.policy == policy
            }
        }
        guard let version else {
            throw Problem(
                .notFound, code: "policy.not-found", "There is no policy \(policy) here.",
                hint: "Import one with `vouchsafe policy import`.")
        }
        return (version, try policies.pack(of: version))
    }

    /// The pack of a stored version, parsed once.
    public func pack(of version: PolicyVersion) throws -> Pack { try policies.pack(of: version) }
}

extension Pack {
    fileprivate var withoutCommitments: Pack { Pack(policy: policy, spans: [], commitments: []) }
}
