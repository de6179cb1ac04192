import Kernel

/// Who holds a token.
public struct TokenHolderEntry: Hashable, Sendable, Codable {
    /// What a holder can be.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case person
        case serviceAccount = "service-account"
    }

    /// What it is.
    public let kind: Kind
    /// Its identifier.
    public let id: String
    /// And its name; `nil` once it is gone.
    public let name: String?

    /// A holder out of its parts.
    public init(kind: Kind, id: String, name: String?) {
        self.kind = kind
        self.id = id
        self.name = name
    }
}

/// A token as its holder sees it; its text was shown once.
public struct TokenSummary: Hashable, Sendable, Codable {
    /// Its identifier, as ledgers name it.
    public let id: String
    /// What it is for.
    public let name: String
    /// Whose it is.
    public let holder: TokenHolderEntry
    /// What was written into it.
    public let permissions: [String]
    /// When it was made.
    public let madeAt: Instant
    /// Who made it, by name, where that is known.
    public let madeBy: String?
    /// The first moment at which it no longer works.
    public let until: Instant
    /// When it was last used, to the minute; `nil` for never.
    public let lastUsedAt: Instant?

    /// A summary out of its parts.
    public init(
        id: String, name: String, holder: TokenHolderEntry, permissions: [String], madeAt: Instant, madeBy: String?,
        until: Instant, lastUsedAt: Instant?
    ) {
        self.id = id
        self.name = name
        self.holder = holder
        self.permissions = permissions
        self.madeAt = madeAt
        self.madeBy = madeBy
        self.until = until
        self.lastUsedAt = lastUsedAt
    }
}

/// A token that was just made, with its text, which nobody can show again.
public struct MadeToken: Hashable, Sendable, Codable {
    /// The token.
    public let token: TokenSummary
    /// What its holder must keep.
    public let secret: String

    /// A made token out of its parts.
    public init(token: TokenSummary, secret: String) {
        self.token = token
        self.secret = secret
    }
}

/// A program's account with its tokens.
public struct ServiceAccountSummary: Hashable, Sendable, Codable {
    /// Its identifier.
    public let id: String
    /// What it is called.
    public let name: String
    /// What it is there for.
    public let purpose: String
    /// The most that its tokens may.
    public let permissions: [String]
    /// When it was made.
    public let madeAt: Instant
    /// Who made it, by name, where that is known.
    public let madeBy: String?
    /// Its tokens, newest first.
    public let tokens: [TokenSummary]

    /// A summary out of its parts.
    public init(
        id: String, name: String, purpose: String, permissions: [String], madeAt: Instant, madeBy: String?,
        tokens: [TokenSummary]
    ) {
        self.id = id
        self.name = name
        self.purpose = purpose
        self.permissions = permissions
        self.madeAt = madeAt
        self.madeBy = madeBy
        self.tokens = tokens
    }
}
