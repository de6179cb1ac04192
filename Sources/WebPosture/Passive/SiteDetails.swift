import Kernel
import ScanResults

/// What a scan of a site's pages tells besides findings.
public struct SiteDetails: Hashable, Sendable, Codable {
    /// One page that was visited.
    public struct Page: Hashable, Sendable, Codable {
        /// Where it is.
        public let address: String
        /// The status of the answer.
        public let status: Int
        /// How many links lie between it and the first page.
        public let depth: Int
        /// The numbers of the rules by which something was found there, in ZAP's counting.
        public let rules: [Int]

        /// A page out of its parts.
        public init(address: String, status: Int, depth: Int, rules: [Int]) {
            self.address = address
            self.status = status
            self.depth = depth
            self.rules = rules
        }
    }

    /// Where one finding was found.
    public struct Occurrence: Hashable, Sendable, Codable {
        /// On how many pages.
        public let pages: Int
        /// Some of them.
        public let examples: [String]
    }

    /// Why the crawl ended.
    public let end: CrawlFrontier.End
    /// The pages that were visited, in their order.
    public let pages: [Page]
    /// By the fingerprint of a finding that stands for several pages: which they are.
    public let occurrences: [String: Occurrence]
    /// Links that were not followed, and why; the first thousand.
    public let skipped: [CrawlFrontier.Refused]
    /// How many requests were sent.
    public let requests: Int
    /// How many bytes of bodies were read.
    public let bytes: Int
    /// The numbers of the rules that were looked for.
    public let rules: [Int]

    /// Details out of their parts.
    public init(
        end: CrawlFrontier.End, pages: [Page], occurrences: [String: Occurrence], skipped: [CrawlFrontier.Refused],
        requests: Int, bytes: Int, rules: [Int]
    ) {
        self.end = end
        self.pages = pages
        self.occurrences = occurrences
        self.skipped = skipped
        self.requests = requests
        self.bytes = bytes
        self.rules = rules
    }
}
