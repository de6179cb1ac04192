/// Judges Strict-Transport-Security (RFC 6797) and the preload list.
enum TransportJudgement {
    /// Six months have 15,768,000 seconds; this many are asked for, because that is what many sites send.
    private static let sixMonths = 15_552_000.0

    static func outcome(_ exchange: WebExchange, as manner: ObservatoryTest.Manner) -> ObservatoryTest.Outcome {
        ObservatoryTest.Outcome(result(exchange, as: manner), passingFor: [.hstsLong, .hstsPreloaded])
    }

    private static func result(_ exchange: WebExchange, as manner: ObservatoryTest.Manner) -> ObservatoryResult {
        guard let answer = exchange.overHTTPS else { return .hstsNoHTTPS }
        if exchange.preloaded.entry(covering: exchange.host) != nil { return .hstsPreloaded }
        guard answer.isVerified else { return .hstsInvalidCertificate }
        guard let field = answer.headers.first("strict-transport-security") else { return .hstsMissing }
        return judge(field.prefixAsJavaScript(1024), as: manner)
    }

    private static func judge(_ field: String, as manner: ObservatoryTest.Manner) -> ObservatoryResult {
        // A comma means that the field was sent twice.
        guard !field.contains(",") else { return .hstsInvalid }
        var age: Double?
        for part in field.split(separator: ";", omittingEmptySubsequences: false) {
            let part = part.trimmedAsJavaScript.lowercased()
            if part.hasPrefix("max-age=") { age = seconds(String(part.dropFirst(8).prefix(120)), as: manner) }
        }
        guard let age else { return .hstsInvalid }
        // The original takes what is no number for one, and finds that it is not too small.
        if age.isNaN { return manner == .original ? .hstsLong : .hstsInvalid }
        return age < sixMonths ? .hstsShort : .hstsLong
    }

    /// The number at the beginning of a value as `parseInt` finds it; not a number if there is none.
    private static func seconds(_ text: String, as manner: ObservatoryTest.Manner) -> Double {
        var text = text.trimmedAsJavaScript[...]
        // RFC 6797 §6.1 lets the value stand in quotation marks.
        if manner == .corrected, text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") {
            text = text.dropFirst().dropLast()
        }
        let sign = text.hasPrefix("-") ? -1.0 : 1.0
        if text.hasPrefix("-") || text.hasPrefix("+") { text = text.dropFirst() }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return digits.isEmpty ? .nan : sign * (Double(digits) ?? .nan)
    }
}
