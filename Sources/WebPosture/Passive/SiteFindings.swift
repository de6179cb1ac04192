import ScanResults

/// Brings what was found on many pages together: what one template or the whole site has is one finding and not hundreds.
public struct SiteFindings: Sendable {
    /// Each once.
    public let findings: [Finding]
    /// Where those were found that stand for several pages, by fingerprint.
    public let occurrences: [String: SiteDetails.Occurrence]

    private static let exampleLimit = 10
    /// From so many templates on, and on half of all pages, it is the site that has it.
    private static let systemic = 10

    private struct Key: Hashable {
        let rule: String
        let part: String?
        let place: String
    }

    /// Brings findings together.
    ///
    /// - Parameter pages: The pages in the order in which they were visited, each with what was found on it.
    public init(_ pages: [(address: WebAddress, findings: [Finding])]) {
        var groups: [Key: [Finding]] = [:]
        var order: [Key] = []
        for page in pages {
            for finding in page.findings {
                let key = Key(rule: finding.rule, part: finding.location.part, place: page.address.pattern)
                if groups[key] == nil { order.append(key) }
                groups[key, default: []].append(finding)
            }
        }
        // The same of every template is the site's own.
        let sites = Dictionary(grouping: order) { Key(rule: $0.rule, part: $0.part, place: "") }.mapValues { keys in
            let all = keys.flatMap { groups[$0] ?? [] }
            let isSystemic =
                keys.count >= Self.systemic && Set(all.map(\.location.address)).count * 2 >= pages.count
            return isSystemic ? all : nil
        }
        var findings: [Finding] = []
        var occurrences: [String: SiteDetails.Occurrence] = [:]
        var isDone: Set<Key> = []
        for key in order {
            let site = Key(rule: key.rule, part: key.part, place: "")
            let everywhere = sites[site] ?? nil
            let isSystemic = everywhere != nil
            guard isDone.insert(isSystemic ? site : key).inserted else { continue }
            let group = everywhere ?? groups[key] ?? []
            guard let worst = group.max(by: { $0.severity < $1.severity }), let first = pages.first else { continue }
            // The first page stands for its template, as long as it is there; the site's root for the site.
            let place = isSystemic ? first.address.origin + "/" : group[0].location.address
            let finding = worst.at(Finding.Location(place, part: key.part))
            findings.append(finding)
            let addresses = group.map(\.location.address).uniqued
            if addresses.count > 1 {
                occurrences[finding.fingerprint] = SiteDetails.Occurrence(
                    pages: addresses.count, examples: Array(addresses.prefix(Self.exampleLimit)))
            }
        }
        self.findings = findings
        self.occurrences = occurrences
    }
}

extension Finding {
    /// The same, found elsewhere.
    fileprivate func at(_ location: Location) -> Finding {
        Finding(
            rule: rule, title: title, severity: severity, message, at: location, evidence: evidence, fix: fix,
            weakness: weakness, zapRule: zapRule)
    }
}
