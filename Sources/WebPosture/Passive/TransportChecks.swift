import Kernel
import ScanResults

extension PassiveCheck {
    /// What goes over plain connections, and what others could send in somebody's name.
    static let transportChecks = [mixedContent, formFromPlainPage, formToPlainPage, forgery, plainSignIn]

    private static let mixedContent = PassiveCheck(
        10040, "Encrypted page loads over plain connections", weakness: 311, .low,
        fix: Fix("Load everything over https, or from the site itself.")
    ) { page in
        guard page.isSecure, page.isPage, let document = page.document else { return [] }
        let attributes = ["src", "background", "classid", "codebase", "data", "icon", "usemap", "poster"]
        var hits: [Hit] = []
        for tag in document.tags where hits.count < limit {
            var references = attributes.compactMap { tag[$0] }
            if tag.name == "link", Self.loads(tag) { references += [tag["href"]].compactMap { $0 } }
            for reference in references where isPlain(reference) {
                let isActive = ["script", "iframe", "object", "embed", "link"].contains(tag.name)
                hits.append(
                    Hit(
                        "The page loads a \(tag.name) element over a plain connection.", part: bare(reference),
                        evidence: reference, severity: isActive ? .medium : .low))
            }
        }
        return hits
    }

    private static let formFromPlainPage = PassiveCheck(
        10041, "Form that is loaded over a plain connection", weakness: 319, .medium,
        fix: Fix(
            "Serve the page with the form over https only: who can change the page can change where the form goes.")
    ) { page in
        guard !page.isSecure, page.isPage, page.isOrdinary, let document = page.document else { return [] }
        return document.forms.compactMap { form in
            guard let action = form.action?.trimmedAsJavaScript, action.lowercased().hasPrefix("https://") else {
                return nil
            }
            return Hit("A form that goes to an encrypted address came over a plain connection.", part: bare(action))
        }
    }

    private static let formToPlainPage = PassiveCheck(
        10042, "Form that is sent over a plain connection", weakness: 319, .medium,
        fix: Fix("Send the form to an https address.")
    ) { page in
        guard page.isSecure, page.isPage, page.isOrdinary, let document = page.document else { return [] }
        let buttons = document.tags.compactMap { $0["formaction"] }
        return (document.forms.compactMap(\.action) + buttons).filter(isPlain).map {
            Hit("A form is sent over a plain connection.", part: bare($0), evidence: $0)
        }
    }

    private static let forgery = PassiveCheck(
        10202, "Form without a token against forgery", weakness: 352, .low,
        fix: Fix("Put a token into the form that only the page itself can know, and check it when the form comes.")
    ) { page in
        guard page.isPage, let document = page.document else { return [] }
        return document.forms.filter { $0.method == "post" && !$0.fields.contains(where: isToken) }.map { form in
            let fields = form.fields.prefix(8).joined(separator: ", ")
            return Hit(
                "A form is sent by POST and has no field that looks like a token.",
                part: form.action.map(bare) ?? "", evidence: fields.isEmpty ? nil : "Fields: \(fields)")
        }
    }

    private static let plainSignIn = PassiveCheck(
        10105, "Sign-in over a plain connection", weakness: 326, .medium,
        fix: Fix("Ask for passwords over https only.")
    ) { page in
        guard !page.isSecure else { return [] }
        let isWeak = { (field: String) in
            field.lowercased().split { !$0.isLetter }.contains { $0 == "basic" || $0 == "digest" }
        }
        let asked = page.response.headers["WWW-Authenticate"].filter(isWeak).map { field in
            Hit("The server asks for a password over a plain connection.", part: "WWW-Authenticate", evidence: field)
        }
        let sent = page.request.headers["Authorization"].filter(isWeak).map { _ in
            Hit("A password was sent over a plain connection.", part: "Authorization", severity: .high)
        }
        return asked + sent
    }

    /// The names by which frameworks call such a token, in lower case and of letters only.
    private static let tokenNames: Set = [
        "anticsrf", "requestverificationtoken", "authenticitytoken", "anoncsrf", "token", "formtoken", "nonce",
        "wpnonce",
        "sesskey", "formkey", "formbuildid",
    ]

    private static func isToken(_ name: String) -> Bool {
        let letters = name.lowercased().filter(\.isLetter)
        return letters.contains("csrf") || letters.contains("xsrf") || tokenNames.contains(letters)
    }

    static func isPlain(_ reference: String) -> Bool { reference.trimmedAsJavaScript.lowercased().hasPrefix("http:") }

    /// That browsers load what a link element names.
    static func loads(_ tag: HTMLToken.StartTag) -> Bool {
        let relations = (tag["rel"] ?? "").lowercased().split(whereSeparator: \.isWhitespace)
        return relations.contains { ["stylesheet", "preload", "modulepreload", "icon", "manifest"].contains($0) }
    }

    /// A reference without what changes from day to day.
    static func bare(_ reference: String) -> String {
        String(reference.trimmedAsJavaScript.prefix { $0 != "?" && $0 != "#" })
    }
}
