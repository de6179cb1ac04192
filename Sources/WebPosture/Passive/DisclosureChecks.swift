import Kernel
import ScanResults

extension PassiveCheck {
    /// What a page tells that is nobody's business.
    static let disclosureChecks = [
        sessionInAddress, secretInAddress, privateAddress, cardNumber, comment,
    ]

    private static let sessionInAddress = PassiveCheck(
        3, "Session in an address", weakness: 598, .medium,
        fix: Fix(
            "Keep the session in a cookie only.",
            snippets: [.drupal: "; php.ini\nsession.use_only_cookies = 1\nsession.use_trans_sid = 0"])
    ) { page in
        addresses(of: page).compactMap { address in
            guard let find = AddressSecrets.finds(in: address).first(where: { $0.kind == .session }) else { return nil }
            return Hit("An address holds the identifier of a session (\(find.name)).", part: find.name)
        }
    }

    private static let secretInAddress = PassiveCheck(
        10024, "Secret or personal data in an address", weakness: 598, .informational,
        fix: Fix("Send it in the body of a POST request, or in a header field.")
    ) { page in
        let found = addresses(of: page).flatMap { address in
            AddressSecrets.finds(in: address).filter { $0.kind != .session }.map { find in
                find.kind == .secret
                    ? Hit("An address holds a secret (\(find.name)).", part: find.name, severity: .low)
                    : Hit("An address holds personal data (\(find.name)).", part: find.name)
            }
        }
        let forms = (page.document?.forms ?? []).filter { $0.method == "get" && $0.hasPassword }.map { form in
            Hit("A form sends a password in the address.", part: form.action.map(bare) ?? "", severity: .medium)
        }
        return found + forms
    }

    private static let privateAddress = PassiveCheck(
        2, "Address of an internal network", weakness: 200, .low,
        fix: Fix("Leave addresses of the internal network out of what visitors get.")
    ) { page in
        guard page.isText, let place = PrivateAddresses.first(in: page.response.body, except: page.address.host) else {
            return []
        }
        return [
            Hit("The page names an address of an internal network.", evidence: page.response.body.excerpt(place))
        ]
    }

    private static let cardNumber = PassiveCheck(
        10062, "Number of a payment card", weakness: 359, .high,
        fix: Fix("Show the last four digits at most.")
    ) { page in
        guard page.isText, page.response.mediaType != "text/css" else { return [] }
        return CardNumbers.found(in: page.response.body).prefix(1).map { place in
            // The number itself would make the report another place that tells it.
            let digits = page.response.body[place].filter(\.isDigit)
            return Hit(
                "The page shows the number of a payment card.",
                evidence: "\(digits.count) digits that end in \(String(decoding: digits.suffix(4), as: UTF8.self))")
        }
    }

    private static let comment = PassiveCheck(
        10027, "Comment that tells more than it should", weakness: 615, .informational,
        fix: Fix("Leave comments for developers out of what visitors get.")
    ) { page in
        (page.document?.comments ?? []).compactMap { comment in
            SuspiciousWords.first(in: comment, isNoisy: false).map { word in
                Hit("A comment holds the word \(word).", part: word, evidence: Array(comment.utf8).excerpt(0..<120))
            }
        }
    }

    /// The page's own address, unless a link to it was looked at already, and the links on it to its own host.
    private static func addresses(of page: PassivePage) -> [WebAddress] {
        let links = (page.document?.links ?? []).prefix(2000).compactMap { page.resolved($0.reference) }
            .filter { $0.host == page.address.host }
        return (page.isLinked ? [] : [page.address]) + links
    }
}
