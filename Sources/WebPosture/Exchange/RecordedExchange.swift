/// An exchange as it was recorded from the reference, with its own names for things.
struct RecordedExchange: Decodable {
    let exchange: WebExchange

    private struct Site: Decodable { let hostname: String }

    private struct Response: Decodable {
        let status: Int
        let cert_verified: Bool?
        let headers: [String: OneOrMany]?
        let http_equiv: [String: [String]]?

        var value: WebExchange.Response {
            WebExchange.Response(
                status: status, headers: HeaderFields(recorded: headers ?? [:]), isVerified: cert_verified ?? true,
                metaHeaders: http_equiv)
        }
    }

    private struct Responses: Decodable { let auto, http, https, cors: Response? }

    private struct Hop: Decodable {
        let url: String
        let status: Int?
    }

    private struct Cookie: Decodable {
        let name: String
        let secure, http_only: Bool?
        let same_site: String?
    }

    private struct Preload: Decodable { let force_https, include_subdomains: Bool? }

    private enum CodingKeys: CodingKey {
        case site, session_url, responses, cors_request_headers, http_redirects, cookie_jar, body_html, hsts_preload
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let responses = try container.decode(Responses.self, forKey: .responses)
        let preload = try container.decodeIfPresent([String: Preload].self, forKey: .hsts_preload)
        let requestHeaders = try container.decodeIfPresent([String: OneOrMany].self, forKey: .cors_request_headers)
        exchange = WebExchange(
            host: try container.decode(Site.self, forKey: .site).hostname,
            address: try container.decodeIfPresent(String.self, forKey: .session_url),
            answer: responses.auto?.value, overHTTP: responses.http?.value, overHTTPS: responses.https?.value,
            preflight: responses.cors?.value,
            preflightRequest: HeaderFields(recorded: requestHeaders ?? [:]),
            route: try container.decodeIfPresent([Hop].self, forKey: .http_redirects)?.map {
                WebExchange.Hop(address: $0.url, status: $0.status ?? 0)
            } ?? [],
            cookies: try container.decodeIfPresent([Cookie].self, forKey: .cookie_jar)?.map {
                WebExchange.SeenCookie(
                    name: $0.name, isSecure: $0.secure ?? false, isHTTPOnly: $0.http_only ?? false,
                    sameSite: $0.same_site)
            } ?? [],
            document: try container.decodeIfPresent(String.self, forKey: .body_html).map { Array($0.utf8) },
            preloaded: preload.map { entries in
                PreloadedHosts { host in
                    entries[host].map {
                        PreloadedHosts.Entry(
                            forcesHTTPS: $0.force_https ?? false, includesSubdomains: $0.include_subdomains ?? false)
                    }
                }
            } ?? .embedded)
    }
}

/// A member that is one text or several.
private struct OneOrMany: Decodable {
    let texts: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        texts = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
    }
}

extension HeaderFields {
    fileprivate init(recorded headers: [String: OneOrMany]) {
        self.init(headers.flatMap { name, values in values.texts.map { (name, $0) } })
    }
}
