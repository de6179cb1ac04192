import Mustache

/// The pages about logs, one beside the other.
enum LogPlace: String, CaseIterable {
    case sources = "Sources"
    case reviews = "Daily reviews"
    case rules = "Rules"

    var address: String {
        switch self {
        case .sources: "/logs"
        case .reviews: "/logs/reviews"
        case .rules: "/rules"
        }
    }

    /// The list of them, seen from this one.
    var neighbours: [NeighbourEntry] {
        Self.allCases.map { NeighbourEntry(label: $0.rawValue, address: $0.address, isHere: $0 == self) }
    }
}

/// A page beside this one, or this one itself.
struct NeighbourEntry: MustacheParent {
    let label: String
    let address: String
    let isHere: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "placeName": label
        case "placeAddress": address
        case "isHere": isHere
        default: nil
        }
    }
}
