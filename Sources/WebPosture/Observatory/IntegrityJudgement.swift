/// Judges how scripts come into the page: over HTTPS, and from elsewhere only with a hash of their content (SRI §3).
enum IntegrityJudgement {
    private static let documentTypes: Set = ["text/html", "application/xhtml+xml"]

    private static let order: [ObservatoryResult] = [
        .integrityOfAll, .integrityOfExternal, .integrityInsecure, .integrityMissing, .integrityMissingAndInsecure,
        .integrityNotHTML,
    ]

    static func outcome(
        _ exchange: WebExchange, as manner: ObservatoryTest.Manner
    ) throws(ObservatoryTest.Refusal) -> ObservatoryTest.Outcome {
        guard let answer = exchange.answer else {
            return ObservatoryTest.Outcome(.integrityNoScripts, passes: false)
        }
        let type = answer.headers.first("content-type")?.prefix { $0 != ";" } ?? ""
        guard type.isEmpty || documentTypes.contains(String(type)) else {
            return ObservatoryTest.Outcome(.integrityNotHTML, passes: true)
        }
        return ObservatoryTest.Outcome(
            try result(exchange, as: manner),
            passingFor: [.integrityOfAll, .integrityOfExternal, .integrityOwnScripts, .integrityNoScripts])
    }

    private static func result(
        _ exchange: WebExchange, as manner: ObservatoryTest.Manner
    ) throws(ObservatoryTest.Refusal) -> ObservatoryResult {
        let isSecurePage = exchange.address.flatMap { WebAddress($0) }?.scheme == .https
        var result: ObservatoryResult?
        var hasScripts = false
        var hasForeign = false
        for token in HTMLTokenizer(exchange.document ?? []) {
            guard case .start(let tag) = token, tag.name == "script" else { continue }
            hasScripts = true
            guard let source = tag["src"], !source.isEmpty else { continue }
            let integrity = tag["integrity"].map { !$0.isEmpty } ?? false
            switch try place(of: source, host: exchange.host, as: manner) {
            case .own(let isSecure):
                // A hash of one's own script earns the bonus too.
                if integrity, isSecure ?? isSecurePage, result == nil { result = .integrityOfAll }
            case .foreign(let isSecure):
                hasForeign = true
                switch (integrity, isSecure) {
                case (true, true): break
                case (true, false): result = .worse(.integrityInsecure, result, of: order)
                case (false, true): result = .worse(.integrityMissing, result, of: order)
                case (false, false): result = .worse(.integrityMissingAndInsecure, result, of: order)
                }
            }
        }
        guard hasScripts else { return .integrityNoScripts }
        return result ?? (hasForeign ? .integrityOfExternal : .integrityOwnScripts)
    }

    private enum Place {
        /// The page's own registered domain; the scheme is known only where the address names one.
        case own(isSecure: Bool?)
        case foreign(isSecure: Bool)
    }

    private static func place(
        of source: String, host: String, as manner: ObservatoryTest.Manner
    ) throws(ObservatoryTest.Refusal) -> Place {
        // Browsers leave out spaces around an address and line ends within it, and read a scheme in either case.
        let source =
            manner == .original
            ? source : source.filter { !"\t\n\r".contains($0) }.trimmedAsJavaScript.replacing("\\", with: "/")
        let start = source.utf8.prefix(8).map(\.lowercasedASCII)
        if source.hasPrefix("//"), source.utf8.count > 2, !source.hasPrefix("///") {
            return .foreign(isSecure: false)
        }
        let isAbsolute = start.starts(with: "http://".utf8) || start.starts(with: "https://".utf8)
        let isWrittenSo = source.hasPrefix("http://") || source.hasPrefix("https://")
        guard manner == .original ? isWrittenSo : isAbsolute else { return .own(isSecure: nil) }
        guard let address = WebAddress(WebAddress.withoutCredentials(source)) else {
            guard manner == .corrected else { throw ObservatoryTest.Refusal(reason: "Invalid URL") }
            return .own(isSecure: nil)
        }
        let suffixes = PublicSuffixes.embedded
        let isSecure = address.scheme == .https
        let domain = suffixes.registeredDomain(of: address.host)
        // Two hosts without a domain, such as addresses of digits, are the same to the original.
        let isSame =
            domain == suffixes.registeredDomain(of: host)
            && (domain != nil || manner == .original || address.host == host)
        return isSame ? .own(isSecure: isSecure) : .foreign(isSecure: isSecure)
    }
}
