import Kernel
import Mustache

/// What the reader of the pages about people may do, so that no form is shown that would be refused.
public struct PeopleRights: Hashable, Sendable {
    /// Whether they may invite, change roles and end memberships.
    public var changesPeople: Bool
    /// Whether they may change the organisation's own roles.
    public var changesRoles: Bool
    /// Whether they may decide in access reviews.
    public var reviewsAccess: Bool
    /// Whether they may help other people back into their accounts.
    public var recoversPeople: Bool

    /// Rights out of their parts.
    public init(changesPeople: Bool, changesRoles: Bool, reviewsAccess: Bool, recoversPeople: Bool) {
        self.changesPeople = changesPeople
        self.changesRoles = changesRoles
        self.reviewsAccess = reviewsAccess
        self.recoversPeople = recoversPeople
    }
}

/// The pages about people, one beside the other.
enum PeoplePlace: String, CaseIterable {
    case people = "People"
    case roles = "Roles"
    case reviews = "Access reviews"
    case departures = "Departures"
    case signIn = "Signing in"

    var address: String {
        switch self {
        case .people: "/people"
        case .roles: "/roles"
        case .reviews: "/reviews"
        case .departures: "/departures"
        case .signIn: "/organisation/sign-in"
        }
    }

    /// The list of them, seen from this one.
    var neighbours: [PeoplePlaceEntry] {
        Self.allCases.map { PeoplePlaceEntry(place: $0, isCurrent: $0 == self) }
    }
}

struct PeoplePlaceEntry: MustacheParent {
    let place: PeoplePlace
    let isCurrent: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "placeName": place.rawValue
        case "placeAddress": place.address
        case "isHere": isCurrent
        default: nil
        }
    }
}

/// One labelled list of which one entry is chosen.
struct Choice: MustacheParent {
    let name: String
    let label: String
    var help: String?
    let options: [(value: String, title: String)]
    /// What is chosen until somebody chooses.
    let standard: String
    let form: FilledForm

    func child(named name: String) -> Any? {
        switch name {
        case "id": "field-\(self.name)"
        case "name": self.name
        case "label": label
        case "help": help ?? false
        case "problem": form.problems[self.name] ?? false
        case "options":
            options.map {
                Option(value: $0.value, title: $0.title, isChosen: $0.value == form.values[self.name] ?? standard)
            }
        case "describedBy":
            [
                help == nil ? nil : "field-\(self.name)-help",
                form.problems[self.name] == nil ? nil : "field-\(self.name)-problem",
            ].compactMap(\.self).joined(separator: " ")
        default: nil
        }
    }

    private struct Option: MustacheParent {
        let value: String
        let title: String
        let isChosen: Bool

        func child(named name: String) -> Any? {
            switch name {
            case "optionValue": value
            case "optionTitle": title
            case "isChosen": isChosen
            default: nil
            }
        }
    }
}

/// The words for roles that every organisation has; one's own are called what they are called.
enum RoleWords {
    static func title(_ title: String) -> String { title.prefix(1).uppercased() + title.dropFirst() }
}
