import Kernel

/// What one content security policy allows that it should not.
struct PolicyWeaknesses {
    /// What was found.
    private(set) var hits: [PassiveCheck.Hit] = []

    private let directives: [String: [String]]
    private let part: String

    /// The directives that load or send something, and how bad a wildcard is there.
    private static let fetching: [(String, Severity)] = [
        ("script-src", .medium), ("object-src", .medium), ("style-src", .medium), ("connect-src", .medium),
        ("frame-src", .medium), ("worker-src", .medium), ("img-src", .low), ("font-src", .low), ("media-src", .low),
        ("manifest-src", .low),
    ]
    /// Those that do not follow `default-src`.
    private static let apart: [(String, Severity)] = [
        ("frame-ancestors", .medium), ("form-action", .medium), ("base-uri", .medium),
    ]
    private static let anywhere: Set = [
        "*", "http:", "https:", "http://*", "https://*", "*:*", "http://*:*", "https://*:*",
    ]

    /// Judges a policy.
    ///
    /// - Parameters:
    ///   - text: The policy, without commas.
    ///   - isMeta: That it stands in a meta element, where some directives mean nothing.
    init(_ text: String, isMeta: Bool) {
        part = isMeta ? "meta" : "Content-Security-Policy"
        var directives: [String: [String]] = [:]
        for piece in text.split(separator: ";").prefix(200) {
            let words = piece.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
            // Of two with one name browsers take the first.
            guard let name = words.first, directives[name] == nil else { continue }
            directives[name] = Array(words.dropFirst())
        }
        self.directives = directives
        if isMeta {
            for name in ["frame-ancestors", "sandbox", "report-uri"] where directives[name] != nil {
                add(name, "\(name) means nothing in a meta element.", .low)
            }
        }
        judgeSources(isMeta: isMeta)
        judgeScripts()
        judgeStyles()
    }

    private func sources(_ name: String) -> [String]? { directives[name] ?? directives["default-src"] }

    private mutating func judgeSources(isMeta: Bool) {
        if directives["script-src"] == nil, directives["default-src"] == nil {
            // A policy about framing or upgrading alone is none about scripts.
            add("script-src", "The policy says nothing of scripts: neither script-src nor default-src.", .medium)
        }
        var wide: [(String, Severity)] = []
        for (name, severity) in Self.fetching where sources(name)?.contains(where: Self.anywhere.contains) == true {
            // With 'strict-dynamic' browsers ignore where scripts come from.
            if name == "script-src", sources(name)?.contains("'strict-dynamic'") == true { continue }
            wide.append((name, severity))
        }
        for (name, severity) in Self.apart where directives[name]?.contains(where: Self.anywhere.contains) == true {
            if !(isMeta && name == "frame-ancestors") { wide.append((name, severity)) }
        }
        guard let worst = wide.map(\.1).max() else { return }
        add("*", "The policy allows any source: \(wide.map(\.0).joined(separator: ", ")).", worst)
    }

    private mutating func judgeScripts() {
        guard let scripts = sources("script-src") else { return }
        if scripts.contains("'unsafe-inline'"), !isFixed(scripts), !scripts.contains("'strict-dynamic'") {
            add("script-src 'unsafe-inline'", "The policy allows inline scripts ('unsafe-inline').", .medium)
        }
        if scripts.contains("'unsafe-eval'") {
            add("script-src 'unsafe-eval'", "The policy allows scripts to run text ('unsafe-eval').", .medium)
        }
        if scripts.contains("'unsafe-hashes'") {
            add("script-src 'unsafe-hashes'", "The policy allows event handlers ('unsafe-hashes').", .medium)
        }
        if scripts.contains("data:") {
            add("script-src data:", "The policy allows scripts in data: addresses.", .medium)
        }
    }

    private mutating func judgeStyles() {
        guard let styles = sources("style-src"), styles.contains("'unsafe-inline'"), !isFixed(styles) else { return }
        // Said already, if both follow default-src.
        if directives["style-src"] == nil, directives["script-src"] == nil { return }
        add("style-src 'unsafe-inline'", "The policy allows inline styles ('unsafe-inline').", .low)
    }

    /// A nonce or a hash turns 'unsafe-inline' off in every browser that knows them.
    private func isFixed(_ sources: [String]) -> Bool {
        sources.contains { source in ["'nonce-", "'sha256-", "'sha384-", "'sha512-"].contains { source.hasPrefix($0) } }
    }

    /// Each weakness is a finding of its own, told apart by what in the policy it is.
    private mutating func add(_ what: String, _ message: String, _ severity: Severity) {
        hits.append(PassiveCheck.Hit(message, part: "\(part): \(what)", severity: severity))
    }
}
