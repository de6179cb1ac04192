import Kernel
import Packs
import Store
import Synchronization
import Verdicts

/// A commitment as it is promised at one moment: its lasting name, its definition, and what the verdicts ask of it.
public struct RegisteredCommitment: Sendable {
    /// Its lasting name through all versions of the policy.
    public let id: Identifier<Commitment>
    /// The policy that promises it, as that version's pack describes it.
    public let policy: Pack.Policy
    /// What the pack says of it.
    public let definition: Pack.Commitment
    /// The version that defines it, current or the last that still promised it.
    public let version: Identifier<PolicyVersion>
    /// What the verdicts ask of it, and from when to when.
    public let promise: Promise
}

/// All policies of an organisation as they were published by one moment.
public struct PolicyRegister: Sendable {
    /// The versions current at that moment, by import.
    public let policies: [PolicyVersion]
    /// Every commitment ever promised until then, in the order of the policies' texts; withdrawn ones last.
    public let commitments: [RegisteredCommitment]

    /// The commitment called `name` in `policy`.
    ///
    /// - Throws: `Problem` of kind `notFound`.
    public func commitment(_ policy: String, _ name: String) throws -> RegisteredCommitment {
        guard let found = commitments.first(where: { $0.policy.id == policy && $0.definition.id == name }) else {
            throw Problem(
                .notFound, code: "commitment.not-found", "There is no commitment \(name) in the policy \(policy).",
                hint: "`vouchsafe status` lists them all.")
        }
        return found
    }
}

/// Reads the register out of the stored versions, parsing each pack once.
final class PolicyReader: Sendable {
    private let catalogue: [CheckID: Check]
    private let packs = Mutex<[Identifier<PolicyVersion>: Pack]>([:])

    /// - Parameter catalogue: What this installation can measure.
    init(catalogue: [Check]) {
        self.catalogue = Dictionary(catalogue.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The register as it stood at `moment`.
    func register(at moment: Instant, in view: ReadView) throws -> PolicyRegister {
        let versions = try view.list(
            PolicyVersion.self,
            Query("imported_at <= ?", [.integer(moment.milliseconds)], order: "imported_at, entry, position")
        ).map(\.record)
        let names = try view.list(Commitment.self).map(\.record)
        let ids = Dictionary(names.map { (Name(policy: $0.policy, name: $0.name), $0.id) }) { first, _ in first }
        var order: [String] = []
        var histories: [String: PolicyHistory] = [:]
        for version in versions {
            if histories[version.policy] == nil { order.append(version.policy) }
            histories[version.policy, default: PolicyHistory()].append(version, try pack(of: version))
        }
        return PolicyRegister(
            policies: order.compactMap { histories[$0]?.current },
            commitments: order.flatMap { policy in
                (histories[policy]?.commitments ?? []).compactMap { held in
                    ids[Name(policy: policy, name: held.definition.id)].map { register(held, as: $0) }
                }
            })
    }

    /// The pack of a stored version.
    func pack(of version: PolicyVersion) throws -> Pack {
        if let known = packs.withLock({ $0[version.id] }) { return known }
        let pack = try PackReader.pack(from: Array(version.pack.utf8), file: "\(version.policy) (stored)")
        packs.withLock { $0[version.id] = pack }
        return pack
    }

    private func register(_ held: PolicyHistory.Held, as id: Identifier<Commitment>) -> RegisteredCommitment {
        let demands = held.definition.checks.map { use in
            let check = catalogue[use.check]
            return Demand(
                check: use.check, title: check?.title, population: use.population, threshold: use.threshold,
                freshness: use.freshness,
                missing: check == nil ? use.needs ?? "a part that this installation does not have" : nil)
        }
        return RegisteredCommitment(
            id: id, policy: held.policy, definition: held.definition, version: held.version,
            promise: Promise(
                demands: demands, startsAt: held.promisedAt, withdrawnAt: held.withdrawnAt,
                unprovable: held.definition.unprovable))
    }

    private struct Name: Hashable {
        let policy, name: String
    }
}

/// What one policy promised from version to version.
private struct PolicyHistory {
    struct Held {
        let policy: Pack.Policy
        let definition: Pack.Commitment
        let version: Identifier<PolicyVersion>
        let promisedAt: Instant
        var withdrawnAt: Instant?
    }

    private(set) var current: PolicyVersion?
    private var held: [Held] = []

    /// Those of the current version in its order, then the withdrawn.
    var commitments: [Held] { held }

    mutating func append(_ version: PolicyVersion, _ pack: Pack) {
        let earlier = Dictionary(held.map { ($0.definition.id, $0) }) { first, _ in first }
        let promised = Set(pack.commitments.map(\.id))
        let kept = pack.commitments.map { definition in
            let before = earlier[definition.id].flatMap { $0.withdrawnAt == nil ? $0 : nil }
            return Held(
                policy: pack.policy, definition: definition, version: version.id,
                promisedAt: before?.promisedAt ?? version.importedAt)
        }
        let dropped = held.filter { !promised.contains($0.definition.id) }.map { gone in
            var gone = gone
            gone.withdrawnAt = gone.withdrawnAt ?? version.importedAt
            return gone
        }
        held = kept + dropped
        current = version
    }
}
