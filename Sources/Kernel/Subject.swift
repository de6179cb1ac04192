/// What an observation is about: one host, one person, this installation.
public struct Subject: Hashable, Sendable, Codable {
    /// The kinds of things that checks look at; a population is all current subjects of one kind.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case organisation, installation, person, endpoint, host, site, asset, supplier, monitor, recording, share,
            notice
        case finding, incident, alert, rule, event
        case logSource = "log-source"
    }

    /// The kind, which is also the population it counts in.
    public let kind: Kind
    /// Its pseudonymous identifier; its name lies sealed in the room it belongs to.
    public let id: Identifier<Subject>

    /// A subject of known identifier.
    public init(kind: Kind, id: Identifier<Subject>) {
        self.kind = kind
        self.id = id
    }
}
