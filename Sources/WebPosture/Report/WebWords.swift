import Kernel

/// What each test and each result says to people.
enum WebWords {
    static func title(of test: ObservatoryTest) -> String {
        switch test {
        case .contentSecurityPolicy: "Content Security Policy"
        case .cookies: "Cookies"
        case .crossOriginResourceSharing: "Cross-origin resource sharing"
        case .redirection: "Redirection to HTTPS"
        case .referrerPolicy: "Referrer policy"
        case .strictTransportSecurity: "Strict transport security"
        case .subresourceIntegrity: "Integrity of scripts"
        case .contentTypeOptions: "Guessing of content types"
        case .frameOptions: "Framing by other sites"
        case .crossOriginResourcePolicy: "Cross-origin resource policy"
        case .crossOriginEmbedderPolicy: "Cross-origin embedder policy"
        case .crossOriginOpenerPolicy: "Cross-origin opener policy"
        }
    }

    /// The number in the Common Weakness Enumeration of what a test looks for.
    static func weakness(of test: ObservatoryTest) -> Int {
        switch test {
        case .contentSecurityPolicy, .contentTypeOptions, .crossOriginResourcePolicy, .crossOriginEmbedderPolicy,
            .crossOriginOpenerPolicy:
            693
        case .cookies: 614
        case .crossOriginResourceSharing: 942
        case .redirection, .strictTransportSecurity: 319
        case .referrerPolicy: 200
        case .subresourceIntegrity: 353
        case .frameOptions: 1021
        }
    }

    /// How bad a result is; `nil` where there is nothing to say.
    static func severity(of result: ObservatoryResult) -> Severity? {
        switch result.modifier {
        case ...(-50): return .high
        case -40 ... -20: return result == .cspUnsafeInline || result == .cspMissing ? .medium : mediumOrHigh(result)
        case ...(-1): return .low
        default: break
        }
        switch result {
        case .cspUnsafeInlineStyle, .cookiesSecure, .cspDuplicateDirectives, .framingAllowFrom: return .low
        case .referrerMissing, .resourceMissing, .embedderMissing, .openerMissing, .embedderUnsafe, .openerUnsafe:
            return .informational
        default: return nil
        }
    }

    private static func mediumOrHigh(_ result: ObservatoryResult) -> Severity {
        switch result {
        case .cookiesSessionInsecure, .hstsInvalidCertificate, .hstsNoHTTPS, .redirectionInvalidCertificate: .high
        default: .medium
        }
    }

    /// What a result means, in one sentence.
    static func sentence(of result: ObservatoryResult) -> String {
        switch result {
        case .cspDefaultSourceNone: "The policy allows nothing but what it names."
        case .cspNoUnsafe: "The policy allows nothing unsafe."
        case .cspUnsafeInlineStyle: "The policy allows inline styles or styles from almost everywhere."
        case .cspDuplicateDirectives: "The policy names where to report twice; only one of them counts."
        case .cspInsecurePassive: "The policy allows images or media over plain HTTP."
        case .cspUnsafeEval: "The policy allows scripts to make code out of text."
        case .cspUnsafeInline: "The policy allows inline scripts, or scripts or plug-ins from almost everywhere."
        case .cspInsecureScheme: "The policy allows sources over plain HTTP."
        case .cspInvalid: "The policy cannot be read."
        case .cspMissing: "There is no content security policy."
        case .cspReportingOnly: "The policy is only reported on and stops nothing."
        case .cookiesWithSameSite: "Cookies are secure, and other sites cannot have them sent."
        case .cookiesSecure: "Not every cookie has SameSite."
        case .cookiesNotFound: "No cookies were set."
        case .cookiesInsecureButHSTS: "A cookie has no Secure; only strict transport security protects it."
        case .cookiesSessionInsecureButHSTS:
            "A session cookie has no Secure; only strict transport security protects it."
        case .cookiesInsecure: "A cookie has no Secure."
        case .cookiesSameSiteInvalid: "A cookie's SameSite is none of the three values, or None without Secure."
        case .cookiesForgeryTokenWithoutSameSite: "A cookie against request forgery has no SameSite."
        case .cookiesSessionReadable: "Scripts can read a session cookie."
        case .cookiesSessionInsecure: "A session cookie has no Secure."
        case .sharingMissing: "Other origins may read nothing."
        case .sharingPublic: "Every origin may read what anybody may see."
        case .sharingRestricted: "Some other origins may read."
        case .sharingUniversal: "Every origin may read what a signed-in visitor sees."
        case .redirectionToHTTPS: "Plain HTTP leads to HTTPS at once."
        case .redirectionPreloaded: "Browsers come over HTTPS by themselves."
        case .redirectionNoHTTP: "Nothing answers over plain HTTP."
        case .redirectionOffHost:
            "Plain HTTP leads to another host, so that strict transport security never reaches this one."
        case .redirectionLate: "Plain HTTP leads to plain HTTP first."
        case .redirectionNotToHTTPS: "Plain HTTP ends in plain HTTP."
        case .redirectionMissing: "Plain HTTP is answered without a redirect to HTTPS."
        case .redirectionInvalidCertificate: "The way from plain HTTP ends at a certificate that does not hold."
        case .referrerPrivate: "Other sites learn at most the origin."
        case .referrerMissing: "There is no referrer policy; browsers use their own."
        case .referrerUnsafe: "Other sites may learn whole addresses or the origin over plain HTTP."
        case .referrerInvalid: "The referrer policy is none that browsers know."
        case .hstsPreloaded: "Browsers know by themselves that this host is visited over HTTPS only."
        case .hstsLong: "Browsers are told to come over HTTPS only."
        case .hstsShort: "Browsers forget within six months to come over HTTPS only."
        case .hstsMissing: "Browsers are not told to come over HTTPS only."
        case .hstsInvalid: "Strict transport security cannot be read."
        case .hstsNoHTTPS: "Nothing answers over HTTPS."
        case .hstsInvalidCertificate:
            "The certificate does not hold, so that browsers ignore strict transport security."
        case .integrityOfAll: "Scripts are bound to their content."
        case .integrityOfExternal: "Scripts from elsewhere are bound to their content."
        case .integrityNotHTML: "The response is no HTML."
        case .integrityNoScripts: "There are no scripts."
        case .integrityOwnScripts: "All scripts come from the site itself."
        case .integrityMissing: "Scripts come from elsewhere without being bound to their content."
        case .integrityInsecure: "Scripts come over plain HTTP, bound to their content."
        case .integrityMissingAndInsecure: "Scripts may come over plain HTTP and are not bound to their content."
        case .sniffingOff: "Browsers do not guess what a response is."
        case .sniffingMissing: "Browsers may guess what a response is."
        case .sniffingInvalid: "X-Content-Type-Options has another value than nosniff."
        case .framingByCSP, .framingDenied: "Other sites cannot frame the page."
        case .framingAllowFrom: "ALLOW-FROM is ignored by browsers, so that every site can frame the page."
        case .framingMissing: "Every site can frame the page."
        case .framingInvalid: "X-Frame-Options cannot be read, so that every site can frame the page."
        case .resourceSameOrigin, .resourceSameSite: "Other sites cannot load this one's resources."
        case .resourceCrossOrigin: "Every site may load this one's resources."
        case .resourceMissing: "Nothing says who may load this site's resources."
        case .resourceInvalid: "The cross-origin resource policy cannot be read."
        case .embedderRequires, .embedderCredentialless: "What is loaded from elsewhere must allow it."
        case .embedderUnsafe, .embedderMissing: "What is loaded from elsewhere need not allow it."
        case .embedderInvalid: "The cross-origin embedder policy cannot be read."
        case .openerSameOrigin, .openerPopups, .openerNoOpener: "Windows of other sites have no hold on this one."
        case .openerUnsafe, .openerMissing: "Windows of other sites keep a hold on this one."
        case .openerInvalid: "The cross-origin opener policy cannot be read."
        case .documentNotParseable: "The document cannot be read."
        }
    }
}
