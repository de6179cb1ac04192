import WebPosture

/// What a reader must know about how far a crawl went.
enum SiteRemarks {
    /// Sentences about its end, and about the links that it left alone.
    static func about(_ end: CrawlFrontier.End, _ refused: [CrawlFrontier.Refused]) -> [String] {
        let ending: String? =
            switch end {
            case .complete: nil
            case .pages: "There are more pages than the scan was to visit; --max-pages raises the number."
            case .bytes: "The pages are larger than the scan was to read."
            case .time: "The time of the scan was over before all pages were visited."
            case .throttled: "The server asked again and again to be left alone, and was."
            case .unreachable: "The server stopped answering."
            case .stopped: "The scan was stopped before it was done."
            }
        let counts = Dictionary(grouping: refused, by: \.reason).mapValues(\.count)
        let reasons: [(LinkRules.Refusal, String)] = [
            (.robots, "robots.txt asks crawlers for it"),
            (.harmful, "of words such as signing out or deleting"),
            (.secret, "of a session or a secret in the address"),
            (.trap, "of circles, or of many alike"),
            (.depth, "of depth; --max-depth goes deeper"),
        ]
        let left = reasons.compactMap { reason, words in
            counts[reason].map { "\($0) \($0 == 1 ? "link was" : "links were") not followed because \(words)." }
        }
        return [ending].compactMap { $0 } + left
    }
}
