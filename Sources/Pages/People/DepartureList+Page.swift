import Kernel
import Mustache
import Wire

extension PageRenderer {
    /// Who left, and what remains to be taken back. The form of each has the field `text`.
    ///
    /// - Parameter refused: The departure whose form came back.
    public func departures(
        _ departures: [DepartureEntry], rights: PeopleRights, refused: String? = nil, form: FilledForm = FilledForm(),
        in frame: PageFrame
    ) -> String {
        render(
            DepartureListPage(departures: departures, rights: rights, refused: refused, form: form, now: frame.now),
            in: frame)
    }
}

struct DepartureListPage: Page {
    static let template = "departure-list"
    let title = "Departures"
    let place: Place? = .people
    let departures: [DepartureEntry]
    let rights: PeopleRights
    let refused: String?
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "peoplePlaces": PeoplePlace.departures.neighbours
        case "headline": headline
        case "isEmpty": departures.isEmpty
        case "formProblem": form.problem ?? false
        case "departures":
            departures.map { departure in
                DepartureBlock(
                    departure: departure, mayChange: rights.changesPeople,
                    form: departure.id == refused ? form : FilledForm(), now: now)
            }
        default: nil
        }
    }

    private var headline: String {
        if departures.isEmpty { return "Nobody has left." }
        let open = departures.count { $0.openCount > 0 }
        return open == 0
            ? "Nothing remains with those who left."
            : "Something remains with \(count(open, "person who left", "people who left"))."
    }
}

struct DepartureBlock: MustacheParent {
    let departure: DepartureEntry
    let mayChange: Bool
    let form: FilledForm
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "departureID": departure.id
        case "personName": departure.name
        case "roleTitle": RoleWords.title(departure.role)
        case "ended": Moment(departure.endedAt, now: now)
        case "endedBy": departure.endedBy
        case "hasItems": !departure.items.isEmpty
        case "items":
            departure.items.map { DepartureItemRow(item: $0, departure: departure.id, mayChange: mayChange, now: now) }
        case "itemsAddress": mayChange ? "/departures/\(departure.id.asPathSegment)/items" : false
        case "addOpen": !form.isUntouched
        case "itemField":
            ItemField(departure: departure.id, value: form.values["text"] ?? "", problem: form.problems["text"])
        default: nil
        }
    }
}

/// The field of one departure; several stand on one page, so each has identifiers of its own.
struct ItemField: MustacheParent {
    let departure: String
    let value: String
    let problem: String?

    func child(named name: String) -> Any? {
        switch name {
        case "itemFieldID": "item-\(departure)"
        case "itemValue": value
        case "itemProblem": problem ?? false
        default: nil
        }
    }
}

struct DepartureItemRow: MustacheParent {
    let item: DepartureEntry.Item
    let departure: String
    let mayChange: Bool
    let now: Instant

    func child(named name: String) -> Any? {
        switch name {
        case "itemText": item.text
        case "addedBy": item.addedBy
        case "done": item.doneAt.map { Moment($0, now: now) } ?? false
        case "doneBy": item.doneBy ?? false
        case "doneAddress":
            mayChange && item.doneAt == nil ? "/departures/\(departure.asPathSegment)/items/\(item.number)/done" : false
        default: nil
        }
    }
}
