import Kernel

/// One round of reviewing who has access.
public struct ReviewEntry: Hashable, Sendable, Codable {
    /// One person in it.
    public struct Line: Hashable, Sendable, Codable {
        /// The person's identifier.
        public let person: String
        /// And their name.
        public let name: String
        /// What their role is called, or was when it was decided on.
        public let role: String
        /// Whether they belong to the organisation now.
        public let isPresent: Bool
        /// When they were last here.
        public let lastUsedAt: Instant?
        /// `keep` or `remove`; `nil` while nothing is decided.
        public let decision: String?
        /// By whom, by name.
        public let decidedBy: String?
        /// When.
        public let decidedAt: Instant?

        /// A line out of its parts.
        public init(
            person: String, name: String, role: String, isPresent: Bool, lastUsedAt: Instant?, decision: String?,
            decidedBy: String?, decidedAt: Instant?
        ) {
            self.person = person
            self.name = name
            self.role = role
            self.isPresent = isPresent
            self.lastUsedAt = lastUsedAt
            self.decision = decision
            self.decidedBy = decidedBy
            self.decidedAt = decidedAt
        }
    }

    /// One service account in it.
    public struct ServiceAccountLine: Hashable, Sendable, Codable {
        /// The account's identifier.
        public let account: String
        /// And its name.
        public let name: String
        /// What it is there for; `nil` once it is removed.
        public let purpose: String?
        /// The most that its tokens may.
        public let permissions: [String]
        /// How many tokens it has.
        public let tokenCount: Int
        /// When one of them was last used.
        public let lastUsedAt: Instant?
        /// Whether there is such an account now.
        public let isPresent: Bool
        /// `keep` or `remove`; `nil` while nothing is decided.
        public let decision: String?
        /// By whom, by name.
        public let decidedBy: String?
        /// When.
        public let decidedAt: Instant?

        /// A line out of its parts.
        ///
        /// - Parameter present: The account as it is now; `nil` once it is removed.
        public init(
            account: String, name: String, present: ServiceAccountSummary?, decision: String?, decidedBy: String?,
            decidedAt: Instant?
        ) {
            self.account = account
            self.name = name
            purpose = present?.purpose
            permissions = present?.permissions ?? []
            tokenCount = present?.tokens.count ?? 0
            lastUsedAt = present?.tokens.compactMap(\.lastUsedAt).max()
            isPresent = present != nil
            self.decision = decision
            self.decidedBy = decidedBy
            self.decidedAt = decidedAt
        }
    }

    /// The review's identifier.
    public let id: String
    /// When it began.
    public let startedAt: Instant
    /// Who began it, by name.
    public let startedBy: String
    /// When it must be completed.
    public let dueAt: Instant
    /// When it was; `nil` while it is open.
    public let completedAt: Instant?
    /// By whom, by name.
    public let completedBy: String?
    /// Everyone who had access when it began, and whoever came since.
    public let lines: [Line]
    /// Every service account that there was when it began, or was made since.
    public let serviceAccounts: [ServiceAccountLine]

    /// How many people are still to be decided on.
    public var undecidedPeople: Int { lines.count { $0.decision == nil && $0.isPresent } }
    /// How many service accounts are.
    public var undecidedServiceAccounts: Int { serviceAccounts.count { $0.decision == nil && $0.isPresent } }
    /// How many of both.
    public var undecidedCount: Int { undecidedPeople + undecidedServiceAccounts }

    /// An entry out of its parts.
    public init(
        id: String, startedAt: Instant, startedBy: String, dueAt: Instant, completedAt: Instant?, completedBy: String?,
        lines: [Line], serviceAccounts: [ServiceAccountLine]
    ) {
        self.id = id
        self.startedAt = startedAt
        self.startedBy = startedBy
        self.dueAt = dueAt
        self.completedAt = completedAt
        self.completedBy = completedBy
        self.lines = lines
        self.serviceAccounts = serviceAccounts
    }
}

/// The reviews of an organisation, and how often it wants one.
public struct ReviewList: Hashable, Sendable, Codable {
    /// The most days from one completed review to the next.
    public let days: Int
    /// All of them, newest first.
    public let reviews: [ReviewEntry]

    /// A list out of its parts.
    public init(days: Int, reviews: [ReviewEntry]) {
        self.days = days
        self.reviews = reviews
    }
}
