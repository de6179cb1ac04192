import Identity
import Kernel
import Ledger
import Store
import Wire
import Witnesses

/// Up to where a process has published each ledger.
public struct PublishedSizes: Sendable {
    /// How long each was when it was signed.
    var signed: [Identifier<Organisation>: UInt64] = [:]
    /// How long each is in the operator's log.
    var taken: [Identifier<Organisation>: UInt64] = [:]

    /// Nothing is known yet.
    public init() {}
}

extension Rooms {
    /// Signs every organisation's ledger up to its end and takes the checkpoints into the operator's log, which is
    /// signed after them.
    ///
    /// Safe to repeat: where nothing was written, nothing is signed.
    ///
    /// - Parameters:
    ///   - reached: What earlier rounds of this process reached; only what has grown since is looked at.
    ///   - lease: Where several servers share the database, asks for the right to sign; `nil` while another has it.
    public func publishLedgers(
        _ reached: inout PublishedSizes,
        under lease: (@Sendable (Identifier<Organisation>) async throws -> Lease?)? = nil
    ) async throws {
        let tenants = try await identity.tenants(as: .job(.outsiders)).map(\.id)
        var waiting: [Identifier<Organisation>] = []
        var refusal: (any Error)?
        for organisation in tenants + [.installation] {
            do {
                // Read first: what is written while this signs is looked at in the next round.
                let size = try await database.ledger(of: organisation).size()
                if organisation != .installation, reached.taken[organisation] != size { waiting.append(organisation) }
                guard reached.signed[organisation] != size else { continue }
                let held = try await lease?(organisation)
                guard lease == nil || held != nil else { continue }
                try await database.ledger(of: organisation).publishCheckpoint(under: held)
                reached.signed[organisation] = size
            } catch let problem as Problem where problem.code == "ledger.not-signer" {
                // The right was renewed or taken over in between; whoever has it signs.
                continue
            } catch {
                // What one ledger suffers must not keep the others unsigned.
                refusal = refusal ?? error
            }
        }
        do {
            try await takeIn(waiting, &reached, under: try await lease?(.operatorLog), isAlone: lease == nil)
        } catch {
            refusal = refusal ?? error
        }
        if let refusal { throw refusal }
    }

    private func takeIn(
        _ organisations: [Identifier<Organisation>], _ reached: inout PublishedSizes, under lease: Lease?, isAlone: Bool
    ) async throws {
        // One server takes checkpoints in, whichever signed them.
        guard isAlone || lease != nil else { return }
        var refusal: (any Error)?
        for organisation in organisations {
            do {
                reached.taken[organisation] = try await database.operatorLog.append(checkpointOf: organisation)
            } catch {
                refusal = refusal ?? error
            }
        }
        try await database.operatorLog.ledger.publishCheckpoint(under: lease)
        if let refusal { throw refusal }
    }

    /// Who outside holds the history of `organisation`'s ledger, by cosignatures that were checked just now.
    public func outsiders(of organisation: Identifier<Organisation>) async throws -> Outsiders {
        let verifiers = try await witnesses.witnesses(as: .job(.outsiders)).map { try $0.verifier() }
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
        let verifiers = try await witnesses.witnesses(as: .job(.outsiders)).map { try $0.verifier() }
        return try await database.operatorLog.proof(of: tenant.id, under: verifiers).encoded
    }

    /// What anyone may fetch of an organisation's ledger.
    ///
    /// - Throws: `Problem` of kind `notFound` for an unknown organisation.
    public func ledger(slug: String) async throws -> LedgerDesk { database.ledger(of: try await tenant(slug: slug).id) }
}
