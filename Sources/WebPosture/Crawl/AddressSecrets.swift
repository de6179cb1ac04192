import Foundation

/// What stands in an address and must not: it is kept in logs and histories, and sent on to others.
struct AddressSecrets {
    /// One find.
    struct Find: Hashable {
        /// The parameter's name.
        let name: String
        /// What it is.
        let kind: Kind
    }

    /// What a parameter holds.
    enum Kind: Hashable {
        /// Who has it is signed in.
        case session
        /// A password, a token or a key.
        case secret
        /// Who somebody is.
        case person
    }

    private static let sessions: Set = [
        "asp.net_sessionid", "aspsessionid", "cfid", "cftoken", "jsessionid", "phpsessid", "sessid", "sid",
        "siteserver",
        "viewstate", "zenid", "session_id", "sessionid",
    ]
    private static let secrets: Set = [
        "pass", "password", "passwd", "pwd", "passphrase", "pin", "otp", "token", "ticket", "session", "secret",
        "apikey",
        "accesskey", "privatekey", "auth", "authorization", "credential", "credentials", "jwt",
    ]
    private static let persons: Set = ["user", "username", "userid", "email", "mail", "ssn", "iban"]
    private static let shortestSession = 8

    /// What stands in the address.
    static func finds(in address: WebAddress) -> [Find] {
        var finds: [Find] = []
        let path = address.path.lowercased()
        if let mark = path.range(of: ";jsessionid=") ?? path.range(of: ";sid=") ?? path.range(of: ";phpsessid=") {
            let value = path[mark.upperBound...].prefix { $0.isLetter || $0.isNumber || "-_.!".contains($0) }
            if value.utf8.count >= shortestSession {
                finds.append(Find(name: String(path[mark].dropFirst().dropLast()), kind: .session))
            }
        }
        for (name, value) in parameters(of: address).prefix(100) where !value.isEmpty {
            if let kind = kind(of: name, value) { finds.append(Find(name: name, kind: kind)) }
        }
        return finds
    }

    private static func kind(of name: String, _ value: String) -> Kind? {
        let lower = name.lowercased()
        if sessions.contains(lower) { return value.utf8.count >= shortestSession ? .session : nil }
        if lower.hasPrefix("aspsessionid"), value.utf8.count >= shortestSession { return .session }
        let words = lower.split { !$0.isLetter }.map(String.init)
        let all = words + [words.joined()]
        if all.contains(where: { secrets.contains($0) || $0.hasSuffix("password") || $0.hasSuffix("token") }) {
            return .secret
        }
        if all.contains(where: persons.contains) { return .person }
        if looksLikeMail(value) || CardNumbers.isCard(value) { return .person }
        return nil
    }

    /// Names and values of the query, percent escapes undone.
    static func parameters(of address: WebAddress) -> [(name: String, value: String)] {
        (address.query ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let plain = { (text: Substring) in
                let spaced = text.replacingOccurrences(of: "+", with: " ")
                return spaced.removingPercentEncoding ?? spaced
            }
            return (plain(parts.first ?? ""), parts.count > 1 ? plain(parts[1]) : "")
        }
    }

    private static func looksLikeMail(_ value: String) -> Bool {
        let parts = value.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let point = parts[1].lastIndex(of: ".") else { return false }
        return parts[1].distance(from: point, to: parts[1].endIndex) > 2 && point != parts[1].startIndex
    }
}
