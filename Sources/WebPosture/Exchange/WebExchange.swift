/// What was asked of one site and what it answered: everything that judging its web posture needs, recorded or just fetched.
public struct WebExchange: Sendable {
    /// One answer.
    public struct Response: Hashable, Sendable {
        /// The status, 100…599.
        public let status: Int
        /// The header fields.
        public let headers: HeaderFields
        /// Whether the connection's certificate held, or there was none because it was plain HTTP.
        public let isVerified: Bool
        /// What meta elements say in place of headers; `nil` where the document was not looked at.
        public let metaHeaders: [String: [String]]?

        /// An answer out of its parts.
        public init(
            status: Int, headers: HeaderFields, isVerified: Bool = true, metaHeaders: [String: [String]]? = nil
        ) {
            self.status = status
            self.headers = headers
            self.isVerified = isVerified
            self.metaHeaders = metaHeaders
        }
    }

    /// One step of a chain of redirects, the first request included.
    public struct Hop: Hashable, Sendable {
        /// The address that was asked.
        public let address: String
        /// The status of the answer.
        public let status: Int

        /// A step out of its parts.
        public init(address: String, status: Int) {
            self.address = address
            self.status = status
        }
    }

    /// A cookie as it lies in the jar after all requests.
    public struct SeenCookie: Hashable, Sendable {
        /// The name.
        public let name: String
        /// Whether it is sent over HTTPS only.
        public let isSecure: Bool
        /// Whether scripts cannot read it.
        public let isHTTPOnly: Bool
        /// `strict`, `lax` or `none`; `nil` where the attribute is missing or not known.
        public let sameSite: String?

        /// A cookie out of its parts.
        public init(name: String, isSecure: Bool, isHTTPOnly: Bool, sameSite: String?) {
            self.name = name
            self.isSecure = isSecure
            self.isHTTPOnly = isHTTPOnly
            self.sameSite = sameSite
        }
    }

    /// The site's name, in lower case.
    public let host: String
    /// The address that was asked first on the side that counts: HTTPS where it could be reached.
    public let address: String?
    /// The last answer on the side that counts.
    public let answer: Response?
    /// The last answer to a request that began over HTTP; `nil` if there was none.
    public let overHTTP: Response?
    /// The last answer to a request that began over HTTPS; `nil` if there was none.
    public let overHTTPS: Response?
    /// The answer to a preflight request (Fetch §4.8).
    public let preflight: Response?
    /// What the preflight request said of itself.
    public let preflightRequest: HeaderFields
    /// The way that the request over HTTP took.
    public let route: [Hop]
    /// Every cookie that was set on the way.
    public let cookies: [SeenCookie]
    /// The document, if there was one.
    public let document: [UInt8]?
    /// The hosts that browsers visit over HTTPS only.
    public let preloaded: PreloadedHosts

    /// An exchange out of its parts.
    public init(
        host: String, address: String?, answer: Response?, overHTTP: Response?, overHTTPS: Response?,
        preflight: Response?, preflightRequest: HeaderFields = HeaderFields(), route: [Hop] = [],
        cookies: [SeenCookie] = [], document: [UInt8]? = nil, preloaded: PreloadedHosts = .embedded
    ) {
        self.host = host
        self.address = address
        self.answer = answer
        self.overHTTP = overHTTP
        self.overHTTPS = overHTTPS
        self.preflight = preflight
        self.preflightRequest = preflightRequest
        self.route = route
        self.cookies = cookies
        self.document = document
        self.preloaded = preloaded
    }

    /// The same exchange seen by somebody who does not know what the preflight request said.
    var withoutPreflightRequest: WebExchange {
        WebExchange(
            host: host, address: address, answer: answer, overHTTP: overHTTP, overHTTPS: overHTTPS,
            preflight: preflight, route: route, cookies: cookies, document: document, preloaded: preloaded)
    }
}
