import Kernel
import ScanResults

extension PassiveCheck {
    /// What a page's header fields say, or do not.
    static let headerChecks = [
        missingPolicy, weakPolicy, clickjacking, sniffing, strictTransport, sharing, serverVersion, poweredBy,
        cacheable,
    ]

    private static let policyFix = Fix.header(
        "Send a content security policy that allows what the page needs and nothing else.",
        name: "Content-Security-Policy",
        value: "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")

    private static let missingPolicy = PassiveCheck(
        10038, "No content security policy", weakness: 693, .medium, fix: policyFix
    ) { page in
        guard page.isPage, let document = page.document, page.response.headers["Content-Security-Policy"].isEmpty,
            document.metaFields("content-security-policy").isEmpty
        else { return [] }
        let reportsOnly = !page.response.headers["Content-Security-Policy-Report-Only"].isEmpty
        return [
            Hit(
                reportsOnly
                    ? "The page has a content security policy that only reports, and none that holds."
                    : "The page has no content security policy.", part: "Content-Security-Policy")
        ]
    }

    private static let weakPolicy = PassiveCheck(
        10055, "Weak content security policy", weakness: 693, .medium, fix: policyFix
    ) { page in
        guard let document = page.document else { return [] }
        var hits: [Hit] = []
        for name in ["X-Content-Security-Policy", "X-WebKit-CSP"] where !page.response.headers[name].isEmpty {
            hits.append(Hit("The field \(name) means nothing to browsers any more.", part: name, severity: .low))
        }
        let fields = page.response.headers["Content-Security-Policy"].flatMap { $0.split(separator: ",") }.map(
            String.init)
        hits += fields.prefix(20).flatMap { PolicyWeaknesses($0, isMeta: false).hits }
        hits += document.metaFields("content-security-policy").prefix(20).flatMap {
            PolicyWeaknesses($0, isMeta: true).hits
        }
        return hits
    }

    private static let clickjacking = PassiveCheck(
        10020, "Page can be framed by strangers", weakness: 1021, .medium,
        fix: .header(
            "Say who may frame the page, in the content security policy or with X-Frame-Options.",
            name: "X-Frame-Options", value: "DENY")
    ) { page in
        guard page.isPage, page.isOrdinary else { return [] }
        let policies = page.response.headers["Content-Security-Policy"]
        if policies.contains(where: { $0.lowercased().contains("frame-ancestors") }) { return [] }
        let options = page.response.headers["X-Frame-Options"]
        let part = "X-Frame-Options"
        if options.isEmpty {
            let inMeta = page.document?.metaFields("x-frame-options").isEmpty == false
            return [
                Hit(
                    inMeta
                        ? "X-Frame-Options stands in a meta element, where browsers ignore it."
                        : "Neither X-Frame-Options nor frame-ancestors says who may frame the page.", part: part)
            ]
        }
        if options.count > 1 { return [Hit("X-Frame-Options is sent more than once.", part: part)] }
        let isKnown = options.allSatisfy {
            let value = $0.lowercased()
            return value.contains("deny") || value.contains("sameorigin")
        }
        return isKnown
            ? [] : [Hit("X-Frame-Options has a value that browsers ignore.", part: part, evidence: options.first)]
    }

    private static let sniffing = PassiveCheck(
        10021, "Browsers may guess the type of the content", weakness: 693, .low,
        fix: .header(
            "Send X-Content-Type-Options: nosniff with everything, and the right Content-Type.",
            name: "X-Content-Type-Options", value: "nosniff")
    ) { page in
        guard page.isOrdinary else { return [] }
        let values = page.response.headers["X-Content-Type-Options"]
        if values.isEmpty {
            return [Hit("X-Content-Type-Options is not sent.", part: "X-Content-Type-Options")]
        }
        return values.filter { !$0.lowercased().contains("nosniff") }.map {
            Hit("X-Content-Type-Options has a value other than nosniff.", part: "X-Content-Type-Options", evidence: $0)
        }
    }

    private static let strictTransport = PassiveCheck(
        10035, "Browsers are not told to stay with HTTPS", weakness: 319, .low,
        fix: .header(
            "Send Strict-Transport-Security for at least a year once everything works over HTTPS.",
            name: "Strict-Transport-Security", value: "max-age=63072000; includeSubDomains")
    ) { page in
        // A host that is named by its address can have no such policy (RFC 6797 §8.1.1).
        guard page.isSecure, !page.address.isNumeric else { return [] }
        let part = "Strict-Transport-Security"
        if page.document?.metaFields("strict-transport-security").isEmpty == false {
            return [Hit("Strict-Transport-Security stands in a meta element, where browsers ignore it.", part: part)]
        }
        let values = page.response.headers[part]
        guard let value = values.first else {
            let target = page.response.destination(from: page.address)
            if target?.hasSameOrigin(as: page.address) == true { return [] }
            return [Hit("Strict-Transport-Security is not sent.", part: part)]
        }
        if values.count > 1 { return [Hit("Strict-Transport-Security is sent more than once.", part: part)] }
        let ages = value.lowercased().split(separator: ";").map { $0.filter { !$0.isWhitespace && $0 != "\"" } }
            .filter { $0.hasPrefix("max-age=") }.map { $0.dropFirst(8) }
        guard let age = ages.first, !age.isEmpty, age.utf8.allSatisfy(\.isDigit) else {
            return [Hit("Strict-Transport-Security has no max-age.", part: part, evidence: value)]
        }
        return age.allSatisfy { $0 == "0" }
            ? [Hit("Strict-Transport-Security has a max-age of 0, which ends it.", part: part, evidence: value)] : []
    }

    private static let sharing = PassiveCheck(
        10098, "Pages of strangers may read the answer", weakness: 264, .medium,
        fix: Fix(
            "Send Access-Control-Allow-Origin only where other sites need it, and then with their origins instead of a star."
        )
    ) { page in
        let part = "Access-Control-Allow-Origin"
        return page.response.headers[part].filter { $0 == "*" || $0.lowercased() == "null" }.map {
            Hit("Access-Control-Allow-Origin lets every site read the answer.", part: part, evidence: "\(part): \($0)")
        }
    }

    private static let serverVersion = PassiveCheck(
        10036, "Server tells its version", weakness: 497, .low,
        fix: Fix(
            "Leave the version out of the Server field.",
            snippets: [
                .nginx: "server_tokens off;", .apache: "ServerTokens Prod\nServerSignature Off",
                .caddy: "header -Server",
            ])
    ) { page in
        page.response.headers["Server"].filter { $0.utf8.contains(where: \.isDigit) }.map {
            Hit("The field Server tells a version.", part: "Server", evidence: $0)
        }
    }

    private static let poweredBy = PassiveCheck(
        10037, "Server tells what the site is made with", weakness: 497, .low,
        fix: .withoutHeader("Leave the field X-Powered-By out.", name: "X-Powered-By")
    ) { page in
        page.response.headers["X-Powered-By"].map {
            Hit("The field X-Powered-By tells what the site is made with.", part: "X-Powered-By", evidence: $0)
        }
    }

    private static let cacheable = PassiveCheck(
        10015, "Answer for one person may be kept for others", weakness: 525, .informational,
        fix: .header(
            "Send Cache-Control: no-store with everything that is for one person.", name: "Cache-Control",
            value: "no-store")
    ) { page in
        // Only what is for one person: it sets a cookie, or was given for one.
        let isPersonal =
            !page.response.headers["Set-Cookie"].isEmpty || page.request.headers.first("Cookie") != nil
            || page.request.headers.first("Authorization") != nil
        guard isPersonal, page.isOrdinary, page.isText, !page.isScript, page.response.mediaType != "text/css" else {
            return []
        }
        let control = page.response.headers["Cache-Control"].joined(separator: ", ").lowercased()
        let directives = control.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        let isKept = !directives.contains { $0 == "no-store" || $0.hasPrefix("no-cache") || $0.hasPrefix("private") }
        guard isKept else { return [] }
        return [
            Hit(
                "The page goes with a cookie, and caches between may keep it for others.", part: "Cache-Control",
                evidence: control.isEmpty ? nil : "Cache-Control: \(control)")
        ]
    }
}

extension WebAddress {
    /// That the host is an address and no name.
    var isNumeric: Bool {
        host.hasPrefix("[") || host.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
    }
}
