/// What a test of Mozilla's HTTP Observatory can find, algorithm version 6 (mdn/mdn-http-observatory 94042bb); the raw value is the
/// name that its API uses.
public enum ObservatoryResult: String, Sendable, Codable, CaseIterable {
    case cspDefaultSourceNone = "csp-implemented-with-no-unsafe-default-src-none"
    case cspNoUnsafe = "csp-implemented-with-no-unsafe"
    case cspUnsafeInlineStyle = "csp-implemented-with-unsafe-inline-in-style-src-only"
    case cspDuplicateDirectives = "csp-implemented-but-duplicate-directives"
    case cspInsecurePassive = "csp-implemented-with-insecure-scheme-in-passive-content-only"
    case cspUnsafeEval = "csp-implemented-with-unsafe-eval"
    case cspUnsafeInline = "csp-implemented-with-unsafe-inline"
    case cspInsecureScheme = "csp-implemented-with-insecure-scheme"
    case cspInvalid = "csp-header-invalid"
    case cspMissing = "csp-not-implemented"
    case cspReportingOnly = "csp-not-implemented-but-reporting-enabled"

    case cookiesWithSameSite = "cookies-secure-with-httponly-sessions-and-samesite"
    case cookiesSecure = "cookies-secure-with-httponly-sessions"
    case cookiesNotFound = "cookies-not-found"
    case cookiesInsecureButHSTS = "cookies-without-secure-flag-but-protected-by-hsts"
    case cookiesSessionInsecureButHSTS = "cookies-session-without-secure-flag-but-protected-by-hsts"
    case cookiesInsecure = "cookies-without-secure-flag"
    case cookiesSameSiteInvalid = "cookies-samesite-flag-invalid"
    case cookiesForgeryTokenWithoutSameSite = "cookies-anticsrf-without-samesite-flag"
    case cookiesSessionReadable = "cookies-session-without-httponly-flag"
    case cookiesSessionInsecure = "cookies-session-without-secure-flag"

    case sharingMissing = "cross-origin-resource-sharing-not-implemented"
    case sharingPublic = "cross-origin-resource-sharing-implemented-with-public-access"
    case sharingRestricted = "cross-origin-resource-sharing-implemented-with-restricted-access"
    case sharingUniversal = "cross-origin-resource-sharing-implemented-with-universal-access"

    case redirectionToHTTPS = "redirection-to-https"
    case redirectionPreloaded = "redirection-all-redirects-preloaded"
    case redirectionNoHTTP = "redirection-not-needed-no-http"
    case redirectionOffHost = "redirection-off-host-from-http"
    case redirectionLate = "redirection-not-to-https-on-initial-redirection"
    case redirectionNotToHTTPS = "redirection-not-to-https"
    case redirectionMissing = "redirection-missing"
    case redirectionInvalidCertificate = "redirection-invalid-cert"

    case referrerPrivate = "referrer-policy-private"
    case referrerMissing = "referrer-policy-not-implemented"
    case referrerUnsafe = "referrer-policy-unsafe"
    case referrerInvalid = "referrer-policy-header-invalid"

    case hstsPreloaded = "hsts-preloaded"
    case hstsLong = "hsts-implemented-max-age-at-least-six-months"
    case hstsShort = "hsts-implemented-max-age-less-than-six-months"
    case hstsMissing = "hsts-not-implemented"
    case hstsInvalid = "hsts-header-invalid"
    case hstsNoHTTPS = "hsts-not-implemented-no-https"
    case hstsInvalidCertificate = "hsts-invalid-cert"

    case integrityOfAll = "sri-implemented-and-all-scripts-loaded-securely"
    case integrityOfExternal = "sri-implemented-and-external-scripts-loaded-securely"
    case integrityNotHTML = "sri-not-implemented-response-not-html"
    case integrityNoScripts = "sri-not-implemented-but-no-scripts-loaded"
    case integrityOwnScripts = "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"
    case integrityMissing = "sri-not-implemented-but-external-scripts-loaded-securely"
    case integrityInsecure = "sri-implemented-but-external-scripts-not-loaded-securely"
    case integrityMissingAndInsecure = "sri-not-implemented-and-external-scripts-not-loaded-securely"

    case sniffingOff = "x-content-type-options-nosniff"
    case sniffingMissing = "x-content-type-options-not-implemented"
    case sniffingInvalid = "x-content-type-options-header-invalid"

    case framingByCSP = "x-frame-options-implemented-via-csp"
    case framingDenied = "x-frame-options-sameorigin-or-deny"
    case framingAllowFrom = "x-frame-options-allow-from-origin"
    case framingMissing = "x-frame-options-not-implemented"
    case framingInvalid = "x-frame-options-header-invalid"

    case resourceSameOrigin = "corp-implemented-with-same-origin"
    case resourceSameSite = "corp-implemented-with-same-site"
    case resourceCrossOrigin = "corp-implemented-with-cross-origin"
    case resourceMissing = "corp-not-implemented"
    case resourceInvalid = "corp-header-invalid"

    case embedderRequires = "coep-implemented-with-require-corp"
    case embedderCredentialless = "coep-implemented-with-credentialless"
    case embedderUnsafe = "coep-implemented-with-unsafe-none"
    case embedderMissing = "coep-not-implemented"
    case embedderInvalid = "coep-header-invalid"

    case openerSameOrigin = "coop-implemented-with-same-origin"
    case openerPopups = "coop-implemented-with-same-origin-allow-popups"
    case openerNoOpener = "coop-implemented-with-noopener-allow-popups"
    case openerUnsafe = "coop-implemented-with-unsafe-none"
    case openerMissing = "coop-not-implemented"
    case openerInvalid = "coop-header-invalid"

    case documentNotParseable = "html-not-parseable"

    /// What the result adds to the score; below zero it takes away.
    public var modifier: Int {
        switch self {
        case .cspDefaultSourceNone, .resourceSameOrigin, .resourceSameSite, .embedderRequires,
            .embedderCredentialless, .openerSameOrigin, .openerPopups, .openerNoOpener:
            10
        case .cspNoUnsafe, .cookiesWithSameSite, .referrerPrivate, .hstsPreloaded, .integrityOfAll,
            .integrityOfExternal, .framingByCSP, .framingDenied:
            5
        case .cspUnsafeInlineStyle, .cspDuplicateDirectives, .cookiesSecure, .cookiesNotFound, .sharingMissing,
            .sharingPublic, .sharingRestricted, .redirectionToHTTPS, .redirectionPreloaded, .redirectionNoHTTP,
            .referrerMissing, .hstsLong, .integrityNotHTML, .integrityNoScripts, .integrityOwnScripts, .sniffingOff,
            .framingAllowFrom, .resourceCrossOrigin, .resourceMissing, .embedderUnsafe, .embedderMissing,
            .openerUnsafe, .openerMissing:
            0
        case .cookiesInsecureButHSTS, .redirectionOffHost, .referrerUnsafe, .referrerInvalid, .integrityMissing,
            .sniffingMissing, .sniffingInvalid, .resourceInvalid, .embedderInvalid, .openerInvalid:
            -5
        case .cspInsecurePassive, .cspUnsafeEval, .cookiesSessionInsecureButHSTS, .redirectionLate, .hstsShort: -10
        case .cspUnsafeInline, .cspInsecureScheme, .cookiesInsecure, .cookiesSameSiteInvalid,
            .cookiesForgeryTokenWithoutSameSite, .redirectionNotToHTTPS, .redirectionMissing,
            .redirectionInvalidCertificate, .hstsMissing, .hstsInvalid, .hstsNoHTTPS, .hstsInvalidCertificate,
            .integrityInsecure, .framingMissing, .framingInvalid, .documentNotParseable:
            -20
        case .cspInvalid, .cspMissing, .cspReportingOnly: -25
        case .cookiesSessionReadable: -30
        case .cookiesSessionInsecure: -40
        case .sharingUniversal, .integrityMissingAndInsecure: -50
        }
    }

    /// The worse of two results, where each stands later in `order` the worse it is; one that stands nowhere never wins.
    static func worse(_ new: ObservatoryResult, _ old: ObservatoryResult?, of order: [ObservatoryResult])
        -> ObservatoryResult
    {
        guard let old else { return new }
        return (order.firstIndex(of: new) ?? -1) > (order.firstIndex(of: old) ?? -1) ? new : old
    }
}
