/// Judges what the page tells other sites about where a visitor comes from (Referrer Policy §3).
enum ReferrerJudgement {
    private static let kept: Set = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"]
    private static let told: Set = [
        "origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade",
    ]

    static func outcome(_ exchange: WebExchange) -> ObservatoryTest.Outcome {
        guard let answer = exchange.answer else { return ObservatoryTest.Outcome(.referrerMissing, passes: false) }
        // What a meta element says comes last, and so wins.
        let values = answer.headers["referrer-policy"] + (answer.metaHeaders?["referrer-policy"] ?? [])
        guard !values.isEmpty else { return ObservatoryTest.Outcome(.referrerMissing, passes: true) }
        let words = values.joined(separator: ", ").split(separator: ",").map { $0.lowercased().trimmedAsJavaScript }
        switch words.last(where: { kept.contains($0) || told.contains($0) }) {
        case .some(let word) where kept.contains(word): return ObservatoryTest.Outcome(.referrerPrivate, passes: true)
        case .some: return ObservatoryTest.Outcome(.referrerUnsafe, passes: false)
        case nil: return ObservatoryTest.Outcome(.referrerInvalid, passes: false)
        }
    }
}
