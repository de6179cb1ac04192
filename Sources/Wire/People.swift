import Kernel

/// One person of an organisation, with what shows who may do what, since when and by whom.
public struct PersonEntry: Hashable, Sendable, Codable {
    /// The person's identifier, as addresses name it.
    public let id: String
    /// The name that others see.
    public let name: String
    /// The address they sign in with.
    public let email: String
    /// The role's stable name.
    public let role: String
    /// What the role is called.
    public let roleTitle: String
    /// When they became a member.
    public let joinedAt: Instant
    /// When they were given this role.
    public let grantedAt: Instant
    /// Who gave it, by name.
    public let grantedBy: String
    /// When they were last here, to the minute; `nil` if that was never noted.
    public let lastUsedAt: Instant?
    /// The kinds of second factors that they have: `passkey`, `authenticator app`.
    public let secondFactors: [String]
    /// The recovery of their account that is under way.
    public let recovery: RecoveryEntry?
    /// Whether their password was set in a recovery that was not made here, and so no longer opens this organisation.
    public let isRecoveredElsewhere: Bool

    /// An entry out of its parts.
    public init(
        id: String, name: String, email: String, role: String, roleTitle: String, joinedAt: Instant,
        grantedAt: Instant, grantedBy: String, lastUsedAt: Instant?, secondFactors: [String],
        recovery: RecoveryEntry? = nil, isRecoveredElsewhere: Bool = false
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
        self.roleTitle = roleTitle
        self.joinedAt = joinedAt
        self.grantedAt = grantedAt
        self.grantedBy = grantedBy
        self.lastUsedAt = lastUsedAt
        self.secondFactors = secondFactors
        self.recovery = recovery
        self.isRecoveredElsewhere = isRecoveredElsewhere
    }
}

/// That somebody is being helped back into their account. Its link is never told again.
public struct RecoveryEntry: Hashable, Sendable, Codable {
    /// Why, in the words of whoever started it.
    public let reason: String
    /// Who started it, by name.
    public let startedBy: String
    /// Whether that was the reader.
    public let isByReader: Bool
    /// When.
    public let startedAt: Instant
    /// The first moment at which its link no longer works.
    public let expiresAt: Instant
    /// Whether a second person must confirm it, because the second factors are lost too.
    public let awaitsConfirmation: Bool
    /// Whether there is somebody here who could.
    public let canBeConfirmed: Bool
    /// Who did, by name.
    public let confirmedBy: String?

    /// An entry out of its parts.
    public init(
        reason: String, startedBy: String, isByReader: Bool, startedAt: Instant, expiresAt: Instant,
        awaitsConfirmation: Bool, canBeConfirmed: Bool, confirmedBy: String?
    ) {
        self.reason = reason
        self.startedBy = startedBy
        self.isByReader = isByReader
        self.startedAt = startedAt
        self.expiresAt = expiresAt
        self.awaitsConfirmation = awaitsConfirmation
        self.canBeConfirmed = canBeConfirmed
        self.confirmedBy = confirmedBy
    }
}

/// A recovery as it is told once, to whoever started it.
public struct RecoveryMade: Hashable, Sendable, Codable {
    /// Whose account it is, by name.
    public let name: String
    /// The path of the link to hand over: `/recover/…`. Whoever has it may set the password.
    public let path: String
    /// The first moment at which it no longer works.
    public let expiresAt: Instant

    /// An answer out of its parts.
    public init(name: String, path: String, expiresAt: Instant) {
        self.name = name
        self.path = path
        self.expiresAt = expiresAt
    }
}

/// An invitation that still works. Its link is never told again.
public struct InvitationEntry: Hashable, Sendable, Codable {
    /// The invitation's identifier.
    public let id: String
    /// The address that it was meant for; `nil` for an owner's set-up link.
    public let email: String?
    /// The role's stable name.
    public let role: String
    /// What the role is called.
    public let roleTitle: String
    /// Who invites, by name.
    public let invitedBy: String
    /// When it was made.
    public let invitedAt: Instant
    /// The first moment at which it no longer works.
    public let expiresAt: Instant

    /// An entry out of its parts.
    public init(
        id: String, email: String?, role: String, roleTitle: String, invitedBy: String, invitedAt: Instant,
        expiresAt: Instant
    ) {
        self.id = id
        self.email = email
        self.role = role
        self.roleTitle = roleTitle
        self.invitedBy = invitedBy
        self.invitedAt = invitedAt
        self.expiresAt = expiresAt
    }
}

/// An invitation as it is told once, to whoever made it.
public struct InvitationMade: Hashable, Sendable, Codable {
    /// What others see of it.
    public let invitation: InvitationEntry
    /// The path of the link to hand over: `/join/…`. Whoever has it may join.
    public let path: String

    /// An answer out of its parts.
    public init(invitation: InvitationEntry, path: String) {
        self.invitation = invitation
        self.path = path
    }
}

/// One role that people can have.
public struct RoleEntry: Hashable, Sendable, Codable {
    /// The stable name: `owner`, or the identifier of a role of the organisation's own.
    public let id: String
    /// What people call it.
    public let title: String
    /// Whether every organisation has it, and nobody changes it.
    public let isBuiltIn: Bool
    /// The names of the permissions that it adds to what everyone may.
    public let permissions: [String]
    /// How many people have it.
    public let people: Int

    /// An entry out of its parts.
    public init(id: String, title: String, isBuiltIn: Bool, permissions: [String], people: Int) {
        self.id = id
        self.title = title
        self.isBuiltIn = isBuiltIn
        self.permissions = permissions
        self.people = people
    }
}

/// One permission as people choose it.
public struct PermissionEntry: Hashable, Sendable, Codable {
    /// Its stable name: `people.read`.
    public let id: String
    /// What it lets somebody do.
    public let title: String
    /// Whether a role of the organisation's own may hold it.
    public let isChoice: Bool

    /// An entry out of its parts.
    public init(id: String, title: String, isChoice: Bool) {
        self.id = id
        self.title = title
        self.isChoice = isChoice
    }
}

/// Roles and permissions, for a matrix of both.
public struct RoleMatrix: Hashable, Sendable, Codable {
    /// Every permission that not everyone has.
    public let permissions: [PermissionEntry]
    /// Every role: the built-in ones, then the organisation's own.
    public let roles: [RoleEntry]

    /// A matrix out of its parts.
    public init(permissions: [PermissionEntry], roles: [RoleEntry]) {
        self.permissions = permissions
        self.roles = roles
    }
}

/// That somebody left, and what remains to be taken back.
public struct DepartureEntry: Hashable, Sendable, Codable {
    /// One thing to take back.
    public struct Item: Hashable, Sendable, Codable {
        /// Its place in the list, from 1.
        public let number: Int
        /// What it is.
        public let text: String
        /// Who added it, by name.
        public let addedBy: String
        /// When it was ticked off; `nil` while it is open.
        public let doneAt: Instant?
        /// By whom, by name.
        public let doneBy: String?

        /// An item out of its parts.
        public init(number: Int, text: String, addedBy: String, doneAt: Instant?, doneBy: String?) {
            self.number = number
            self.text = text
            self.addedBy = addedBy
            self.doneAt = doneAt
            self.doneBy = doneBy
        }
    }

    /// The departure's identifier.
    public let id: String
    /// Who left, by identifier.
    public let person: String
    /// And by name.
    public let name: String
    /// What their role was called.
    public let role: String
    /// When their access ended.
    public let endedAt: Instant
    /// Who ended it, by name.
    public let endedBy: String
    /// What remains or remained.
    public let items: [Item]

    /// How many items are open.
    public var openCount: Int { items.count { $0.doneAt == nil } }

    /// An entry out of its parts.
    public init(
        id: String, person: String, name: String, role: String, endedAt: Instant, endedBy: String, items: [Item]
    ) {
        self.id = id
        self.person = person
        self.name = name
        self.role = role
        self.endedAt = endedAt
        self.endedBy = endedBy
        self.items = items
    }
}

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

/// One organisation that a person belongs to.
public struct OrganisationEntry: Hashable, Sendable, Codable {
    /// Its name in addresses.
    public let slug: String
    /// Its name as people read it.
    public let name: String
    /// Whether the session is in it now.
    public let isCurrent: Bool

    /// An entry out of its parts.
    public init(slug: String, name: String, isCurrent: Bool) {
        self.slug = slug
        self.name = name
        self.isCurrent = isCurrent
    }
}

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
