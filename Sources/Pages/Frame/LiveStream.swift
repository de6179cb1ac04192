import Mustache

/// What an open page listens to; on every event of it the page loads its content again.
struct LiveStream: MustacheParent {
    /// Where the server-sent events come from.
    let address: String
    /// The events' name.
    let event: String
    /// What opens it, by the permission's name.
    let permission: String
    /// What the page shows, if that is numbered: the event that carries this number brings nothing new.
    var edition: Int?

    static let verdicts = LiveStream(address: "/events", event: "verdicts", permission: "commitments.read")

    func child(named name: String) -> Any? {
        switch name {
        case "streamAddress": address
        case "streamEvent": event
        case "streamEdition": edition ?? false
        default: nil
        }
    }
}
