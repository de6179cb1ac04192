import Kernel

/// A person's own account, as they see it.
public struct OwnAccount: Codable, Hashable, Sendable {
    /// One of their passkeys.
    public struct Passkey: Codable, Hashable, Sendable {
        /// How routes name it.
        public let id: String
        /// The name that they gave it.
        public let name: String
        /// When it was added.
        public let addedAt: Instant
        /// When it was last used.
        public let lastUsedAt: Instant?
        /// Whether its maker keeps a copy for the person's other devices.
        public let isBackedUp: Bool

        /// A passkey out of its parts.
        public init(id: String, name: String, addedAt: Instant, lastUsedAt: Instant?, isBackedUp: Bool) {
            self.id = id
            self.name = name
            self.addedAt = addedAt
            self.lastUsedAt = lastUsedAt
            self.isBackedUp = isBackedUp
        }
    }

    /// A provider at which they are known.
    public struct Identity: Codable, Hashable, Sendable {
        /// How routes name it.
        public let id: String
        /// What the provider is called.
        public let name: String
        /// When it was linked.
        public let linkedAt: Instant
        /// When it was last used.
        public let lastUsedAt: Instant?

        /// An identity out of its parts.
        public init(id: String, name: String, linkedAt: Instant, lastUsedAt: Instant?) {
            self.id = id
            self.name = name
            self.linkedAt = linkedAt
            self.lastUsedAt = lastUsedAt
        }
    }

    /// One of their sessions.
    public struct Session: Codable, Hashable, Sendable {
        /// How routes name it.
        public let id: String
        /// By what it was begun, in words.
        public let means: [String]
        /// When it began.
        public let beganAt: Instant
        /// When it was last used.
        public let lastUsedAt: Instant
        /// When it ends by itself.
        public let endsAt: Instant
        /// Whether it is the one that asks.
        public let isThisOne: Bool

        /// A session out of its parts.
        public init(
            id: String, means: [String], beganAt: Instant, lastUsedAt: Instant, endsAt: Instant, isThisOne: Bool
        ) {
            self.id = id
            self.means = means
            self.beganAt = beganAt
            self.lastUsedAt = lastUsedAt
            self.endsAt = endsAt
            self.isThisOne = isThisOne
        }
    }

    /// Something they are told.
    public struct News: Codable, Hashable, Sendable {
        /// What happened, as a sentence.
        public let text: String
        /// When it happened.
        public let at: Instant

        /// News out of its parts.
        public init(text: String, at: Instant) {
            self.text = text
            self.at = at
        }
    }

    /// The name that others see.
    public let name: String
    /// What they sign in with.
    public let email: String
    /// What the organisation demands and they have not shown yet, as a sentence.
    public let lacks: String?
    /// Whether what they signed in with was set in a recovery, and opens only the organisations that made one.
    public let isRecovered: Bool
    /// Whether an authenticator app is in use.
    public let hasApp: Bool
    /// How many recovery codes are left.
    public let recoveryCodesLeft: Int
    /// Their passkeys, oldest first.
    public let passkeys: [Passkey]
    /// Whether they have a password.
    public let hasPassword: Bool
    /// Whether a new password asks for the one of now.
    public let asksCurrentPassword: Bool
    /// The providers at which they are known, oldest first.
    public let identities: [Identity]
    /// The organisation's provider, where they are not linked to it yet.
    public let linkable: String?
    /// Their sessions, newest first.
    public let sessions: [Session]
    /// What they have not dismissed yet, newest first.
    public let news: [News]

    /// An account out of its parts.
    public init(
        name: String, email: String, lacks: String?, isRecovered: Bool, hasApp: Bool, recoveryCodesLeft: Int,
        passkeys: [Passkey], hasPassword: Bool, asksCurrentPassword: Bool,
        identities: [Identity], linkable: String?,
        sessions: [Session], news: [News]
    ) {
        self.name = name
        self.email = email
        self.lacks = lacks
        self.isRecovered = isRecovered
        self.hasApp = hasApp
        self.recoveryCodesLeft = recoveryCodesLeft
        self.passkeys = passkeys
        self.hasPassword = hasPassword
        self.asksCurrentPassword = asksCurrentPassword
        self.identities = identities
        self.linkable = linkable
        self.sessions = sessions
        self.news = news
    }
}
