import Identity
import Kernel
import Ledger
import Store
import Wire
import Witnesses

extension Rooms {
    /// Signs every organisation's ledger up to its end and takes the checkpoints into the operator's log, which is
    /// signed after them.
    ///
    /// Safe to repeat: where nothing was written, nothing is signed.
    ///
    /// - Parameter signed: How long each ledger was when this went well; only what has grown since is looked at. Empty at
    ///   first.
    public func publishLedgers(_ signed: inout [Identifier<Organisation>: UInt64]) async throws {
        let tenants = try await identity.tenants(as: .job("publish")).map(\.id)
        var fresh: [Identifier<Organisation>: UInt64] = [:]
        var refusal: (any Error)?
        for organisation in tenants + [.installation] {
            do {
                let ledger = database.ledger(of: organisation)
                // Read first: what is written while this signs is looked at in the next round.
                let size = try await ledger.size()
                guard signed[organisation] != size else { continue }
                try await ledger.publishCheckpoint()
                fresh[organisation] = size
            } catch {
                // What one ledger suffers must not keep the others unsigned.
                refusal = refusal ?? error
            }
        }
        do {
            try await database.operatorLog.append(checkpointsOf: tenants.filter { fresh[$0] != nil })
            signed.merge(fresh) { $1 }
        } catch {
            refusal = refusal ?? error
        }
        try await database.operatorLog.ledger.publishCheckpoint()
        if let refusal { throw refusal }
    }

    /// Who outside holds the history of `organisation`'s ledger, by cosignatures that were checked just now.
    public func outsiders(of organisation: Identifier<Organisation>) async throws -> Outsiders {
        let verifiers = try await witnesses.witnesses(as: .job("outsiders")).map { try $0.verifier() }
        let standings = try await database.operatorLog.standings(of: verifiers)
        let log = try await database.operatorLog.ledger.verifier()
        var holders: [Outsiders.Holder] = []
        for extent in try await database.operatorLog.extents(of: verifiers) {
            let held = try await database.operatorLog.entries(of: organisation, inFirst: extent.logSize)
            guard let held else { continue }
            let witness = extent.cosignature.witness
            holders.append(
                Outsiders.Holder(
                    name: witness.name, key: witness.text, entries: Int(clamping: held), at: extent.cosignature.time))
        }
        return Outsiders(
            holders: holders, asked: verifiers.count,
            contradicting: zip(verifiers, standings).filter { $1?.outcome == .contradicts }.map(\.0.name),
            logOrigin: log.name, logKey: log.text)
    }

    /// The file that shows offline which outsiders vouch for an organisation's ledger.
    public func outsidersProof(slug: String) async throws -> [UInt8] {
        let tenant = try await tenant(slug: slug)
        let verifiers = try await witnesses.witnesses(as: .job("outsiders")).map { try $0.verifier() }
        return try await database.operatorLog.proof(of: tenant.id, under: verifiers).encoded
    }

    /// What anyone may fetch of an organisation's ledger.
    ///
    /// - Throws: `Problem` of kind `notFound` for an unknown organisation.
    public func ledger(slug: String) async throws -> LedgerDesk { database.ledger(of: try await tenant(slug: slug).id) }
}
