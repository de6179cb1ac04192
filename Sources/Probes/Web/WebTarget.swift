import Kernel
import WebPosture

/// A site as somebody named it: perhaps without a scheme, perhaps with a port of its own.
public struct WebTarget: Hashable, Sendable {
    /// The page over plain HTTP and over HTTPS; `nil` for a side that was ruled out by naming the other with a port.
    public let plain, secure: WebAddress?
    /// The scheme, if one was named.
    public let scheme: WebAddress.Scheme?
    /// What was named.
    public let text: String

    /// Reads a target.
    ///
    /// - Parameters:
    ///   - text: An address such as `https://example.com/shop`, or without a scheme `example.com:8443/shop`.
    ///   - httpPort: Where plain HTTP is, if not at 80 or the port that was named with `http`.
    ///   - httpsPort: Where HTTPS is, if not at 443 or the port that was named with `https`.
    /// - Throws: `Problem` `scan.address`.
    public init(_ text: String, httpPort: Int? = nil, httpsPort: Int? = nil) throws(Problem) {
        let hasScheme = text.contains("://")
        guard let address = WebAddress(hasScheme ? text : "https://\(text)"),
            let plain = WebAddress("http://\(Self.authority(address, httpPort ?? 80))\(address.target)"),
            let secure = WebAddress("https://\(Self.authority(address, httpsPort ?? 443))\(address.target)")
        else {
            throw Problem(
                .invalid, code: "scan.address", "This is no address of a site.",
                hint: "Write it as https://example.com, with a port or a path if it has one, and without a password.")
        }
        let isSpelled = address.port != address.scheme.defaultPort
        scheme = hasScheme ? address.scheme : nil
        // A port belongs to the scheme that was named with it; without a scheme both are tried there.
        self.plain = isSpelled && httpPort == nil && scheme != .https ? address.at(.http) : plain
        self.secure = isSpelled && httpsPort == nil && scheme != .http ? address.at(.https) : secure
        self.text = text
    }

    /// The host as it is looked up.
    public var host: String { secure?.lookupHost ?? plain?.lookupHost ?? "" }

    /// Where probes of this target may go, if the operator says nothing else: a private address or this machine's own name
    /// says by itself that it is meant.
    public var reach: Reach { Reach.implied(by: host) }

    /// Where the site speaks TLS: its own port, or the usual one for a site that was named with plain HTTP.
    public static func server(of address: WebAddress) -> (host: String, port: Int) {
        (address.lookupHost, address.scheme == .https ? address.port : WebAddress.Scheme.https.defaultPort)
    }

    private static func authority(_ address: WebAddress, _ port: Int) -> String { "\(address.host):\(port)" }
}

extension WebAddress {
    /// The same page over another scheme at the same port.
    fileprivate func at(_ scheme: Scheme) -> WebAddress? { WebAddress("\(scheme)://\(host):\(port)\(target)") }
}
