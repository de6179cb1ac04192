import ScanResults

/// All tests of one exchange with the score and the grade that follow.
public struct ObservatoryScan: Hashable, Sendable {
    /// The version of Mozilla's algorithm: which tests there are and what each result is worth.
    public static let algorithmVersion = 6

    /// One test and what it found.
    public struct Entry: Hashable, Sendable {
        /// The test.
        public let test: ObservatoryTest
        /// What it found.
        public let outcome: ObservatoryTest.Outcome
    }

    /// Every test in its order.
    public let entries: [Entry]
    /// The score, 0 and above.
    public let score: Int

    /// Only so good a score without bonuses earns them.
    private static let bonusThreshold = 90

    /// Judges an exchange by every test.
    ///
    /// - Throws: ``ObservatoryTest/Refusal`` where nothing answered, or with a status that says nothing about the site; in the
    ///   manner of the original also where one of its tests gives up.
    public init(_ exchange: WebExchange, as manner: ObservatoryTest.Manner) throws(ObservatoryTest.Refusal) {
        guard let answer = exchange.answer else {
            throw ObservatoryTest.Refusal(reason: "The site seems to be down.")
        }
        guard (200..<400).contains(answer.status) || answer.status == 401 || answer.status == 403 else {
            throw ObservatoryTest.Refusal(
                reason: "Site did respond with an unexpected HTTP status code \(answer.status).")
        }
        var entries: [Entry] = []
        for test in ObservatoryTest.allCases {
            entries.append(Entry(test: test, outcome: try test.judge(exchange, as: manner)))
        }
        self.entries = entries
        let modifiers = entries.map(\.outcome.result.modifier)
        let penalties = 100 + modifiers.filter { $0 < 0 }.reduce(0, +)
        score = max(0, penalties >= Self.bonusThreshold ? 100 + modifiers.reduce(0, +) : penalties)
    }

    /// The grade of ``score``.
    public var grade: ScanGrade { Self.grade(of: score) }

    /// How many tests passed.
    public var passed: Int { entries.count { $0.outcome.passes } }

    /// What one test found.
    public func outcome(of test: ObservatoryTest) -> ObservatoryTest.Outcome? {
        entries.first { $0.test == test }?.outcome
    }

    /// The grade of a score, rounded down to a multiple of five; more than 100 is as good as 100.
    public static func grade(of score: Int) -> ScanGrade {
        switch min(max(score, 0), 100) / 5 * 5 {
        case 100: .aPlus
        case 90...95: .a
        case 85: .aMinus
        case 80: .bPlus
        case 70...75: .b
        case 65: .bMinus
        case 60: .cPlus
        case 50...55: .c
        case 45: .cMinus
        case 40: .dPlus
        case 30...35: .d
        case 25: .dMinus
        default: .f
        }
    }
}
