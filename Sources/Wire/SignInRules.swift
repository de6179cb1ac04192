/// What an organisation demands of those who sign in, and who could not meet it now.
public struct SignInRules: Hashable, Sendable, Codable {
    /// Somebody who lacks something, so that they can be told.
    public struct Lacking: Hashable, Sendable, Codable {
        /// The person's identifier.
        public let id: String
        /// And their name.
        public let name: String

        /// An entry out of its parts.
        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// `none`, `second-factor` or `phishing-resistant`.
    public let demand: String
    /// How many people belong to the organisation.
    public let people: Int
    /// Those of them without any second factor, by name.
    public let withoutSecondFactor: [Lacking]
    /// Those of them without a passkey, by name.
    public let withoutPhishingResistant: [Lacking]

    /// Rules out of their parts.
    public init(
        demand: String, people: Int, withoutSecondFactor: [Lacking], withoutPhishingResistant: [Lacking]
    ) {
        self.demand = demand
        self.people = people
        self.withoutSecondFactor = withoutSecondFactor
        self.withoutPhishingResistant = withoutPhishingResistant
    }
}
