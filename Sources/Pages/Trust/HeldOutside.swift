import Kernel
import Mustache
import Wire

/// Who outside holds the ledger's history, in words: how many out of how many, who, up to where, and what it means.
struct HeldOutside: MustacheParent {
    let outsiders: Outsiders
    let slug: String
    let verificationKey: String

    func child(named name: String) -> Any? {
        switch name {
        case "heldHeading": Self.heading(outsiders)
        case "isHeld": !outsiders.holders.isEmpty
        case "holders": outsiders.holders.map(HolderRow.init)
        case "alarm": alarm ?? false
        case "logOrigin": outsiders.logOrigin
        case "logKey": outsiders.logKey
        case "witnessKeys": outsiders.holders.map { WitnessKeyRow(holder: $0) }
        case "outsideProofAddress": "/operator-log/proofs/\(slug.asPathSegment)"
        case "followCommand":
            "vouchsafe ledger follow https://THIS-SERVER/ledger/\(slug.asPathSegment) "
                + "--key '\(verificationKey)' --operator-log '\(outsiders.logKey)' --state \(slug.asPathSegment).follow"
        default: nil
        }
    }

    /// `2 of 3 outsiders asked hold this history`, or that nobody does.
    static func heading(_ outsiders: Outsiders) -> String {
        let held = outsiders.holders.count
        guard held > 0 else { return "Nobody outside holds this history yet" }
        let who = "\(count(held, "outsider")) \(held == 1 ? "holds" : "hold") this history"
        return outsiders.asked > held ? "\(who), of \(grouped(outsiders.asked)) asked" : who
    }

    private var alarm: String? {
        let names = outsiders.contradicting
        guard !names.isEmpty else { return nil }
        let claim = names.count == 1 ? "says that it holds" : "say that they hold"
        return
            "\(enumeration(names)) \(claim) another history than the one shown here. That is a witness’s word and no "
            + "proof: the proof would be a checkpoint of that history with the signature of the operator’s log. Ask the "
            + "witness for it, and the operator for an explanation, before you rely on this page."
    }
}

private struct HolderRow: MustacheParent {
    let holder: Outsiders.Holder

    func child(named name: String) -> Any? {
        switch name {
        case "holderName": holder.name
        case "reach": "up to entry \(grouped(max(0, holder.entries - 1)))"
        case "at": Moment(holder.at, now: nil)
        default: nil
        }
    }
}

private struct WitnessKeyRow: MustacheParent {
    let holder: Outsiders.Holder

    func child(named name: String) -> Any? {
        switch name {
        case "holderName": holder.name
        case "holderKey": holder.key
        default: nil
        }
    }
}
