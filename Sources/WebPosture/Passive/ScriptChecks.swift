import Kernel
import ScanResults

extension PassiveCheck {
    /// Whose scripts a page runs.
    static let scriptChecks = [foreignScript, integrity, takenOver]

    private static let foreignScript = PassiveCheck(
        10017, "Script from another host", weakness: 829, .low,
        fix: Fix(
            "Serve the script from the site itself, or load it with integrity from a host that is trusted as much.")
    ) { page in
        foreign(on: page).filter { $0.tag.name == "script" }.map { element in
            let isFixed = element.tag["integrity"]?.trimmedAsJavaScript.isEmpty == false
            return Hit(
                isFixed
                    ? "The page runs a script of \(element.address.host), which its integrity keeps from changing."
                    : "The page runs a script of \(element.address.host).",
                part: element.address.withoutQuery.description, evidence: element.address.description,
                severity: isFixed ? .informational : .low)
        }
    }

    private static let integrity = PassiveCheck(
        90003, "Foreign script or style without integrity", weakness: 345, .medium,
        fix: Fix("Add the attributes integrity and crossorigin, or serve the file from the site itself.")
    ) { page in
        foreign(on: page).filter { $0.tag["integrity"] == nil }.map {
            Hit(
                "A \($0.tag.name) element loads from \($0.address.host) without integrity.",
                part: $0.address.withoutQuery.description, evidence: $0.address.description)
        }
    }

    private static let takenOver = PassiveCheck(
        10115, "Script from a host that was taken over", weakness: 829, .high,
        fix: Fix("Remove the script at once, and look for what it did.")
    ) { page in
        guard page.isPage, let document = page.document else { return [] }
        let named = document.tags.filter { $0.name == "script" }.compactMap { $0["src"] }.compactMap(page.resolved)
            .filter { address in hostile.contains { address.host == $0 || address.host.hasSuffix("." + $0) } }
            .map { Hit("The page runs a script of \($0.host).", part: $0.withoutQuery.description) }
        guard named.isEmpty else { return named }
        // It may be a script that loads them.
        return document.scripts.compactMap { script in
            let text = Array(script.utf8)
            guard let place = hostileFinder.first(in: text) else { return nil }
            return Hit(
                "A script of the page names a host that was taken over.", part: text.excerpt(place),
                evidence: text.excerpt(place))
        }
    }

    private static let hostile = [
        "polyfill.io", "bootcss.com", "bootcdn.net", "staticfile.net", "staticfile.org", "unionadjs.com", "xhsbpza.com",
        "union.macoms.la", "newcrbpc.com",
    ]
    private static let hostileFinder = PhraseFinder(
        hostile.flatMap { ["//\($0)/", "//cdn.\($0)/", "//www.\($0)/"] }, foldsCase: true)

    /// The scripts and styles that a page takes from other hosts. What an encrypted page names with http is left out, because
    /// browsers refuse it and ``mixedContent`` tells; so is it on a plain page, all of which anybody on the way can change.
    private static func foreign(on page: PassivePage) -> [(tag: HTMLToken.StartTag, address: WebAddress)] {
        guard page.isPage, let document = page.document else { return [] }
        return document.tags.compactMap { tag in
            let reference: String? =
                switch tag.name {
                case "script": tag["src"]
                case "link" where isCode(tag): tag["href"]
                default: nil
                }
            guard let reference, !isPlain(reference), let address = page.resolved(reference),
                address.host != page.address.host
            else { return nil }
            return (tag, address)
        }
    }

    private static func isCode(_ tag: HTMLToken.StartTag) -> Bool {
        let relations = (tag["rel"] ?? "").lowercased().split(whereSeparator: \.isWhitespace)
        if relations.contains("stylesheet") || relations.contains("modulepreload") { return true }
        return relations.contains("preload") && ["script", "style"].contains(tag["as"]?.lowercased() ?? "")
    }
}
