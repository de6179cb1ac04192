/// Judges the Content-Security-Policy of the answer that counts.
struct PolicyJudgement {
    let outcome: ObservatoryTest.Outcome
    /// The policies as they were read; `nil` where there are none that can be.
    let policy: ContentSecurityPolicy?
    /// Those of the header alone.
    let ofHeader: ContentSecurityPolicy

    private static let broad: Set = [
        "ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*",
    ]
    private static let inline: Set = ["'unsafe-inline'", "data:"]
    private static let fixed = ["'sha256-", "'sha384-", "'sha512-", "'nonce-"]
    private static let passive = ["img-src", "media-src"]
    private static let good: Set<ObservatoryResult> = [
        .cspNoUnsafe, .cspDefaultSourceNone, .cspUnsafeInlineStyle, .cspInsecurePassive,
    ]

    init(_ exchange: WebExchange) {
        guard let answer = exchange.answer, let address = exchange.address else {
            self.init(.cspMissing)
            return
        }
        let header = ContentSecurityPolicy.split(answer.headers["content-security-policy"])
        let meta = ContentSecurityPolicy.split(answer.metaHeaders?["content-security-policy"] ?? [])
        guard let all = try? ContentSecurityPolicy(header + meta) else {
            self.init(.cspInvalid)
            return
        }
        let ofHeader = (try? ContentSecurityPolicy(header)) ?? ContentSecurityPolicy()
        let ofMeta = (try? ContentSecurityPolicy(meta))?.asMeta ?? ContentSecurityPolicy()
        // One meta element with nothing but what means nothing there is no policy.
        guard ofHeader.entryCount + ofMeta.entryCount > 0 else {
            let reports = answer.headers.first("content-security-policy-report-only").map { !$0.isEmpty } ?? false
            self.init(reports ? .cspReportingOnly : .cspMissing)
            return
        }
        let isSecure = WebAddress(address)?.scheme == .https
        var judged = all
        let result = Self.judge(&judged, isSecure: isSecure)
        let passes = Self.good.contains(result)
        self.init(
            passes && !all.repeated.isEmpty ? .cspDuplicateDirectives : result, passes: passes, policy: judged,
            ofHeader: ofHeader)
    }

    private init(
        _ result: ObservatoryResult, passes: Bool = false, policy: ContentSecurityPolicy? = nil,
        ofHeader: ContentSecurityPolicy = ContentSecurityPolicy()
    ) {
        outcome = ObservatoryTest.Outcome(result, passes: passes)
        self.policy = policy
        self.ofHeader = ofHeader
    }

    /// Tells whether the header alone keeps other sites from framing the page.
    var headerStopsFraming: Bool {
        guard let ancestors = ofHeader["frame-ancestors"] else { return false }
        return Self.broad.isDisjoint(with: ancestors)
    }

    /// The first thing that is wrong, the worst first; sources that mean nothing beside a nonce are taken out.
    private static func judge(_ policy: inout ContentSecurityPolicy, isSecure: Bool) -> ObservatoryResult {
        for name in ["script-src", "style-src"] {
            policy.change(name) { sources in
                if sources.contains(where: isFixed) { sources.removeAll { $0 == "'unsafe-inline'" } }
            }
        }
        if policy.sources(of: "script-src").contains("'strict-dynamic'") {
            guard policy.sources(of: "script-src").contains(where: isFixed) else { return .cspInvalid }
            policy.change("script-src") { sources in
                sources.removeAll { source in
                    source == "'self'" || source == "'unsafe-inline'" || broad.contains { source.hasPrefix($0) }
                }
            }
        }
        let scripts = policy.sources(of: "script-src")
        let styles = policy.sources(of: "style-src")
        if !broad.union(inline).isDisjoint(with: scripts)
            || !broad.isDisjoint(with: policy.sources(of: "object-src"))
        {
            return .cspUnsafeInline
        }
        let active =
            policy.directives.filter { !passive.contains($0.name) && $0.name != "script-src" }.flatMap(\.sources)
            + policy.repeated + scripts
        if isSecure, active.contains(where: isInsecure) { return .cspInsecureScheme }
        if scripts.contains("'unsafe-eval'") || styles.contains("'unsafe-eval'") { return .cspUnsafeEval }
        let shown = passive.flatMap { policy[$0] ?? policy["default-src"] ?? [] }
        if isSecure, shown.contains(where: isInsecure) { return .cspInsecurePassive }
        if !broad.union(inline).isDisjoint(with: styles) { return .cspUnsafeInlineStyle }
        return policy["default-src"] == ["'none'"] ? .cspDefaultSourceNone : .cspNoUnsafe
    }

    private static func isFixed(_ source: String) -> Bool { fixed.contains { source.hasPrefix($0) } }

    private static func isInsecure(_ source: String) -> Bool {
        source.hasPrefix("http:") || source.hasPrefix("ftp:")
    }
}

extension ContentSecurityPolicy {
    /// What governs a kind of resource: its own directive, the default one, or everything.
    fileprivate func sources(of name: String) -> [String] { self[name] ?? self["default-src"] ?? ["*"] }

    /// Changes what governs a kind of resource, where that stands: a change of the default is one for every kind it governs.
    fileprivate mutating func change(_ name: String, _ body: (inout [String]) -> Void) {
        guard
            let index = directives.firstIndex(where: { $0.name == name })
                ?? directives.firstIndex(where: { $0.name == "default-src" })
        else { return }
        body(&directives[index].sources)
    }
}
