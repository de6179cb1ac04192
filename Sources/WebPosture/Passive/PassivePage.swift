import Kernel

/// One page as a passive check sees it: what was asked, what was answered, and the document read once for all of them.
public struct PassivePage: Sendable {
    /// The request.
    public let request: WebRequest
    /// The answer.
    public let response: WebResponse
    /// The document, if the answer is one in HTML.
    public let document: PageDocument?
    /// That a link of the site led there, so that what its address holds was found where the link stands.
    public let isLinked: Bool
    /// When it was looked at, by which cookies end.
    public let seenAt: Instant
    /// What references on the page are resolved against.
    private let base: WebAddress

    /// A page out of an exchange.
    public init(_ exchange: PageExchange, isLinked: Bool = false, at now: Instant) {
        seenAt = now
        request = exchange.request
        response = exchange.response
        self.isLinked = isLinked
        let document = Self.isHTML(exchange.response) ? PageDocument(exchange.response.body) : nil
        self.document = document
        base = document?.base.flatMap(exchange.request.address.resolving) ?? exchange.request.address
    }

    /// Where it is.
    public var address: WebAddress { request.address }
    /// That it came over an encrypted connection.
    public var isSecure: Bool { address.scheme == .https }
    /// That it is a page in HTML with content, and no redirection.
    var isPage: Bool { document != nil && !response.body.isEmpty && !(300..<400).contains(response.status) }
    /// That it is one for people to use, and no redirection and no error.
    var isOrdinary: Bool { (200..<300).contains(response.status) && !response.body.isEmpty }

    /// That the body is text of some kind.
    var isText: Bool {
        let type = response.mediaType
        return type.isEmpty || type.hasPrefix("text/") || type.contains("html") || type.contains("xml")
            || type.contains("json")
            || isScript
    }

    /// That the body is a script.
    var isScript: Bool { response.mediaType.contains("javascript") || response.mediaType.contains("ecmascript") }

    private static func isHTML(_ response: WebResponse) -> Bool {
        response.mediaType == "text/html" || response.mediaType.hasPrefix("application/xhtml")
    }

    /// The address that a reference on the page leads to.
    public func resolved(_ reference: String) -> WebAddress? { base.resolving(reference) }
}
