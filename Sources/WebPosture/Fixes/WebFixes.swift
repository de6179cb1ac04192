import ScanResults

/// What to do about each result of a test that is not as good as it could be.
enum WebFixes {
    private static let policy =
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    static func fix(for result: ObservatoryResult) -> Fix? {
        switch result {
        case .cspMissing, .cspReportingOnly, .cspInvalid, .cspUnsafeInline, .cspUnsafeEval, .cspInsecureScheme,
            .cspInsecurePassive, .cspUnsafeInlineStyle, .cspDuplicateDirectives:
            policyFix(for: result)
        case .cookiesInsecure, .cookiesSessionInsecure, .cookiesInsecureButHSTS, .cookiesSessionInsecureButHSTS:
            .cookie("Set the cookie with Secure, so that it is never sent over plain HTTP.")
        case .cookiesSessionReadable: .cookie("Set the cookie with HttpOnly, so that no script can read it.")
        case .cookiesSameSiteInvalid:
            .cookie("Give SameSite one of its three values: Strict, Lax, or None with Secure.")
        case .cookiesForgeryTokenWithoutSameSite, .cookiesSecure:
            .cookie("Set the cookie with SameSite=Lax or Strict, so that other sites cannot have it sent.")
        case .sharingUniversal:
            .withoutHeader(
                """
                Never send the Origin of a request back as Access-Control-Allow-Origin together with \
                Access-Control-Allow-Credentials: allow only origins from a list, or leave the headers out.
                """, name: "Access-Control-Allow-Credentials")
        case .redirectionMissing, .redirectionNotToHTTPS, .redirectionLate, .redirectionOffHost:
            .redirect("Answer plain HTTP with a redirect to the same host over HTTPS, and only then to another host.")
        case .redirectionInvalidCertificate, .hstsInvalidCertificate, .hstsNoHTTPS:
            .redirect(
                """
                Serve the site over HTTPS with a certificate that browsers trust for this name; an ACME client such as certbot \
                gets one and renews it.
                """)
        case .referrerMissing, .referrerUnsafe, .referrerInvalid:
            .header(
                "Say what other sites learn of where a visitor comes from.", name: "Referrer-Policy",
                value: "strict-origin-when-cross-origin")
        case .hstsMissing, .hstsInvalid, .hstsShort:
            .header(
                "Tell browsers to come over HTTPS only, for two years.", name: "Strict-Transport-Security",
                value: "max-age=63072000; includeSubDomains")
        case .integrityMissing, .integrityInsecure, .integrityMissingAndInsecure:
            .header(
                """
                Load every script over HTTPS, and give each from elsewhere integrity="sha384-…" and crossorigin="anonymous"; \
                the header then keeps out those without.
                """, name: "Integrity-Policy", value: "blocked-destinations=(script)")
        case .sniffingMissing, .sniffingInvalid:
            .header(
                "Keep browsers from guessing what a response is.", name: "X-Content-Type-Options", value: "nosniff")
        case .framingMissing, .framingInvalid, .framingAllowFrom:
            .header(
                "Keep other sites from framing the page.", name: "Content-Security-Policy",
                value: "frame-ancestors 'none'")
        case .resourceMissing, .resourceInvalid, .resourceCrossOrigin:
            .header(
                "Keep other sites from loading this one's resources.", name: "Cross-Origin-Resource-Policy",
                value: "same-origin")
        case .embedderMissing, .embedderInvalid, .embedderUnsafe:
            .header(
                "Load from elsewhere only what allows it.", name: "Cross-Origin-Embedder-Policy",
                value: "require-corp")
        case .openerMissing, .openerInvalid, .openerUnsafe:
            .header(
                "Keep windows of other sites from holding on to this one.", name: "Cross-Origin-Opener-Policy",
                value: "same-origin")
        default: nil
        }
    }

    private static func policyFix(for result: ObservatoryResult) -> Fix {
        let advice =
            switch result {
            case .cspUnsafeInline:
                """
                Restrict script-src and object-src, without 'unsafe-inline', data: and whole schemes; give inline scripts a \
                nonce or a hash.
                """
            case .cspUnsafeEval: "Do without eval in scripts, then take 'unsafe-eval' out."
            case .cspInsecureScheme, .cspInsecurePassive: "Name sources over HTTPS only."
            case .cspUnsafeInlineStyle: "Move inline styles into files, then take 'unsafe-inline' out of style-src."
            case .cspDuplicateDirectives: "Let each directive stand once."
            case .cspInvalid:
                "Write the policy so that browsers can read it: each directive once, separated by semicolons."
            default:
                "Say where scripts, styles and everything else may come from; begin strictly and add what is needed."
            }
        return .header(advice, name: "Content-Security-Policy", value: policy)
    }
}
