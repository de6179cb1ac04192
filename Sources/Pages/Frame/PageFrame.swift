import Kernel

/// What surrounds a page: who sees it, when, and in which organisation.
public struct PageFrame: Hashable, Sendable {
    /// A sentence above the content, such as the outcome of what the reader just did.
    public struct Notice: Hashable, Sendable {
        /// Good news, a caution, or a refusal.
        public enum Tone: String, Sendable {
            case done, warning, problem
        }

        /// How it is meant.
        public let tone: Tone
        /// One sentence.
        public let text: String

        /// A notice saying `text`.
        public init(_ tone: Tone, _ text: String) {
            self.tone = tone
            self.text = text
        }
    }

    /// The organisation's name; before one exists, the product's.
    public var organisation: String
    /// The organisation's name in addresses; `nil` leaves out links to its public page.
    public var slug: String?
    /// Who is signed in.
    public var person: String?
    /// The token that every form carries back in its field `csrf`.
    public var csrf: String
    /// The moment from which relative times are told.
    public var now: Instant
    /// Sentences above the content, in order.
    public var notices: [Notice]
    /// What the reader may do: links and forms beyond it are left out.
    public var reach: Reach

    /// A frame; only what is not known yet may be left out.
    public init(
        organisation: String, slug: String? = nil, person: String? = nil, csrf: String = "", now: Instant,
        notices: [Notice] = [], reach: Reach = .everything
    ) {
        self.organisation = organisation
        self.slug = slug
        self.person = person
        self.csrf = csrf
        self.now = now
        self.notices = notices
        self.reach = reach
    }
}
