import RawStructuredFieldValues

/// Judges whether browsers may guess what a response is (Fetch §3.5).
enum SniffingJudgement {
    static func outcome(_ exchange: WebExchange) -> ObservatoryTest.Outcome {
        guard let field = exchange.answer?.headers.first("x-content-type-options"), !field.isEmpty else {
            return ObservatoryTest.Outcome(.sniffingMissing, passes: false)
        }
        let isOff = field.prefixAsJavaScript(256).trimmedAsJavaScript.lowercased() == "nosniff"
        return ObservatoryTest.Outcome(isOff ? .sniffingOff : .sniffingInvalid, passes: isOff)
    }
}

/// Judges whether other sites may put the page into a frame (RFC 7034, CSP Level 3 §6.4.2).
enum FramingJudgement {
    static func outcome(_ exchange: WebExchange, as manner: ObservatoryTest.Manner) -> ObservatoryTest.Outcome {
        guard let answer = exchange.answer else { return ObservatoryTest.Outcome(.framingMissing, passes: false) }
        let policy = PolicyJudgement(exchange)
        // The original takes a frame-ancestors of a meta element, which browsers ignore, and one that allows everybody.
        let isByPolicy =
            manner == .original ? policy.policy?["frame-ancestors"] != nil : policy.headerStopsFraming
        return ObservatoryTest.Outcome(
            isByPolicy ? .framingByCSP : result(answer.headers.first("x-frame-options")),
            passingFor: [.framingByCSP, .framingDenied, .framingAllowFrom])
    }

    private static func result(_ field: String?) -> ObservatoryResult {
        guard let field, !field.isEmpty else { return .framingMissing }
        let value = field.prefixAsJavaScript(1024).trimmedAsJavaScript.lowercased()
        if value == "deny" || value == "sameorigin" { return .framingDenied }
        return value.hasPrefix("allow-from") ? .framingAllowFrom : .framingInvalid
    }
}

/// Judges who may load the response as a resource (Fetch §3.7).
enum ResourcePolicyJudgement {
    static func outcome(_ exchange: WebExchange) -> ObservatoryTest.Outcome {
        guard let answer = exchange.answer else { return ObservatoryTest.Outcome(.resourceMissing, passes: false) }
        let fields = answer.headers["cross-origin-resource-policy"]
        guard fields.count < 2 else { return ObservatoryTest.Outcome(.resourceInvalid, passes: false) }
        let field = fields.first.flatMap { $0.isEmpty ? nil : $0 }
        let meta = answer.metaHeaders?["cross-origin-resource-policy"]?.last
        let value = (field ?? meta)?.prefixAsJavaScript(256).trimmedAsJavaScript.lowercased()
        switch value {
        case nil, "": return ObservatoryTest.Outcome(.resourceMissing, passes: true)
        case "same-site": return ObservatoryTest.Outcome(.resourceSameSite, passes: true)
        case "same-origin": return ObservatoryTest.Outcome(.resourceSameOrigin, passes: true)
        case "cross-origin": return ObservatoryTest.Outcome(.resourceCrossOrigin, passes: true)
        default: return ObservatoryTest.Outcome(.resourceInvalid, passes: false)
        }
    }
}

/// Judges the two headers that part a page from others; both are items of RFC 8941 whose value is a token.
struct IsolationJudgement {
    let field: String
    let results: [String: ObservatoryResult]
    let missing: ObservatoryResult
    let invalid: ObservatoryResult

    /// What the page takes in of others (HTML §7.1.4).
    static let embedder = IsolationJudgement(
        field: "cross-origin-embedder-policy",
        results: [
            "require-corp": .embedderRequires, "credentialless": .embedderCredentialless,
            "unsafe-none": .embedderUnsafe,
        ], missing: .embedderMissing, invalid: .embedderInvalid)

    /// Who holds on to the page's window (HTML §7.1.3).
    static let opener = IsolationJudgement(
        field: "cross-origin-opener-policy",
        results: [
            "same-origin": .openerSameOrigin, "same-origin-allow-popups": .openerPopups,
            "noopener-allow-popups": .openerNoOpener, "unsafe-none": .openerUnsafe,
        ], missing: .openerMissing, invalid: .openerInvalid)

    func outcome(_ exchange: WebExchange) -> ObservatoryTest.Outcome {
        guard let answer = exchange.answer else { return ObservatoryTest.Outcome(missing, passes: false) }
        let fields = answer.headers[field]
        guard fields.count < 2 else { return ObservatoryTest.Outcome(invalid, passes: false) }
        guard let value = fields.first, !value.isEmpty else { return ObservatoryTest.Outcome(missing, passes: true) }
        let token = Self.token(value.prefixAsJavaScript(1024).trimmedAsJavaScript)
        guard let result = token.flatMap({ results[$0] }) else {
            return ObservatoryTest.Outcome(invalid, passes: false)
        }
        return ObservatoryTest.Outcome(result, passes: true)
    }

    private static func token(_ text: String) -> String? {
        var parser = StructuredFieldValueParser(Array(text.utf8))
        guard let item = try? parser.parseItemFieldValue(), case .token(let token) = item.rfc9651BareItem else {
            return nil
        }
        return token
    }
}
