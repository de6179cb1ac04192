import Kernel
import ScanResults

extension PassiveCheck {
    /// What is missing on the cookies that a page sets.
    static let cookieChecks = [httpOnlyCookie, secureCookie, sameSiteCookie]

    private static let httpOnlyCookie = PassiveCheck(
        10010, "Cookie that scripts can read", weakness: 1004, .low,
        fix: .cookie("Set the cookie with HttpOnly, unless a script needs it.")
    ) { page in
        cookies(of: page).filter { !$0.isHTTPOnly }.map {
            Hit("The cookie \($0.name) is set without HttpOnly.", part: $0.name)
        }
    }

    private static let secureCookie = PassiveCheck(
        10011, "Cookie that goes over plain connections too", weakness: 614, .low,
        fix: .cookie("Set the cookie with Secure.")
    ) { page in
        guard page.isSecure else { return [] }
        return cookies(of: page).filter { !$0.isSecure }.map {
            Hit("The cookie \($0.name) is set without Secure.", part: $0.name)
        }
    }

    private static let sameSiteCookie = PassiveCheck(
        10054, "Cookie that goes with requests of other sites", weakness: 1275, .low,
        fix: .cookie("Set the cookie with SameSite=Lax or SameSite=Strict.")
    ) { page in
        cookies(of: page).filter { $0.sameSite != .lax && $0.sameSite != .strict }.map {
            let name = $0.name
            return switch $0.sameSiteText {
            case nil: Hit("The cookie \(name) is set without SameSite.", part: name)
            case .some where $0.sameSite == .some(Cookie.SameSite.none):
                Hit("The cookie \(name) is set with SameSite=None.", part: name, severity: .informational)
            case .some(let text):
                Hit(
                    "The cookie \(name) is set with a SameSite that browsers ignore.", part: name,
                    evidence: "SameSite=\(text)")
            }
        }
    }

    /// The cookies that a page sets and does not end.
    private static func cookies(of page: PassivePage) -> [Cookie] {
        page.response.headers["Set-Cookie"].prefix(100).compactMap(Cookie.init)
            .filter { !$0.isExpired(at: page.seenAt) }
    }
}
