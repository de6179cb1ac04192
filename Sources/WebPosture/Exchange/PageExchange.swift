/// What a probe asks a server for. Never carries a body: nothing is ever submitted.
public struct WebRequest: Hashable, Sendable {
    /// The methods that change nothing (RFC 9110 §9.2.1).
    public enum Method: String, Hashable, Sendable, Codable {
        case get = "GET"
        case head = "HEAD"
        case options = "OPTIONS"
    }

    /// The method.
    public let method: Method
    /// What is asked for.
    public let address: WebAddress
    /// The fields that are sent besides those that the connection needs.
    public let headers: HeaderFields
    /// Fields that are meant for the site alone, such as those of a sign-in: they go to its origin only, and never over a
    /// connection whose certificate does not hold.
    public let secrets: HeaderFields

    /// A request out of its parts.
    public init(
        _ address: WebAddress, method: Method = .get, headers: HeaderFields = HeaderFields(),
        secrets: HeaderFields = HeaderFields()
    ) {
        self.method = method
        self.address = address
        self.headers = headers
        self.secrets = secrets
    }
}

/// What a server answered.
public struct WebResponse: Hashable, Sendable {
    /// Why a body is not whole.
    public enum Cut: String, Hashable, Sendable, Codable {
        /// It is longer than was read.
        case limit
        /// It had not ended when the time was over.
        case deadline
        /// The connection ended before it, or what was said of its length was not so.
        case connection
        /// Its encoding could not be undone.
        case encoding
    }

    /// What the server's certificate is worth.
    public enum Certificate: Hashable, Sendable {
        /// It holds: trusted, in its time, and for this name.
        case holds
        /// It does not, and why. The server was read nevertheless.
        case fails(String)
    }

    /// The status code.
    public let status: Int
    /// The header fields.
    public let headers: HeaderFields
    /// The body with its content encoding undone, as far as it was read.
    public let body: [UInt8]
    /// Why the body is not whole; `nil` if it is.
    public let cut: Cut?
    /// The protocol: `1.0`, `1.1` or `2`.
    public let version: String
    /// What the certificate is worth; `nil` over plain HTTP.
    public let certificate: Certificate?
    /// The address of the machine that answered, without a port.
    public let peer: String

    /// A response out of its parts.
    public init(
        status: Int, headers: HeaderFields = HeaderFields(), body: [UInt8] = [], cut: Cut? = nil,
        version: String = "1.1", certificate: Certificate? = nil, peer: String = ""
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.cut = cut
        self.version = version
        self.certificate = certificate
        self.peer = peer
    }

    /// Tells whether the certificate held; `nil` over plain HTTP.
    public var isVerified: Bool? { certificate.map { $0 == .holds } }

    /// Tells whether the answer sends elsewhere: 301, 302, 303, 307 or 308 with a place to go.
    public var isRedirection: Bool { [301, 302, 303, 307, 308].contains(status) && headers.first("Location") != nil }

    /// Where the answer sends, read as a browser reads it but without a name and a password; `nil` for an answer that sends
    /// nowhere, or to what is no address of the web.
    ///
    /// - Parameter address: What was asked.
    public func destination(from address: WebAddress) -> WebAddress? {
        guard isRedirection, let location = headers.first("Location") else { return nil }
        return address.resolving(WebAddress.withoutCredentials(location))
    }

    /// The media type without its parameters, in lower case; empty if none was sent.
    public var mediaType: String {
        let field = headers.first("Content-Type") ?? ""
        let type = field.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return type.split(whereSeparator: \.isWhitespace).first.map { $0.lowercased() } ?? ""
    }
}

/// A request and what came of it.
public struct PageExchange: Hashable, Sendable {
    /// What was asked.
    public let request: WebRequest
    /// What was answered.
    public let response: WebResponse

    /// An exchange out of its parts.
    public init(_ request: WebRequest, _ response: WebResponse) {
        self.request = request
        self.response = response
    }
}
