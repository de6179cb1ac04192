/// A recorded exchange and the question about it, in the shape of `conformance/observatory/cases.json`.
public struct RecordedCase: Decodable, Sendable {
    /// A test's name, or `fn:` and the name of a function of the reference.
    public let test: String
    private let question: Question

    private enum Question: Sendable {
        case test(ObservatoryTest, WebExchange)
        case scan(WebExchange)
        case parsePolicies([String])
        case parseSite(String)
        case grade(Double)
        case modifier(String)
        case unknown
    }

    private enum CodingKeys: CodingKey { case test, input }
    private enum InputKeys: CodingKey { case policies, site, score, result }

    /// Reads a case; what is asked decides which members its input needs.
    ///
    /// - Throws: `DecodingError` with the place where a member is missing or of another kind.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        test = try container.decode(String.self, forKey: .test)
        let input = { try container.nestedContainer(keyedBy: InputKeys.self, forKey: .input) }
        question =
            switch test {
            case "fn:parse-csp": .parsePolicies(try input().decode([String].self, forKey: .policies))
            case "fn:site-parse": .parseSite(try input().decode(String.self, forKey: .site))
            case "fn:grade-for-score": .grade(try input().decode(Double.self, forKey: .score))
            case "fn:score-modifier": .modifier(try input().decode(String.self, forKey: .result))
            case "fn:scan": .scan(try container.decode(RecordedExchange.self, forKey: .input).exchange)
            default:
                if let known = ObservatoryTest(rawValue: test) {
                    .test(known, try container.decode(RecordedExchange.self, forKey: .input).exchange)
                } else {
                    .unknown
                }
            }
    }

    /// Answers as Mozilla's Observatory does.
    public var answer: RecordedAnswer {
        do throws(ObservatoryTest.Refusal) {
            switch question {
            case .test(let known, let exchange): return .outcome(test, try known.judge(exchange, as: .original))
            case .scan(let exchange): return .scan(test, try ObservatoryScan(exchange, as: .original))
            case .grade(let score):
                return .grade(test, max(score, 0))
            case .modifier(let name):
                guard let result = ObservatoryResult(rawValue: name) else {
                    throw ObservatoryTest.Refusal(reason: "There is no result \(name)")
                }
                return .modifier(test, result.modifier)
            case .parsePolicies(let policies):
                do throws(ContentSecurityPolicy.Fault) {
                    return .policy(test, try ContentSecurityPolicy(policies))
                } catch { throw ObservatoryTest.Refusal(reason: error.reason) }
            case .parseSite(let site):
                do throws(ObservatorySite.Fault) {
                    return .site(test, try ObservatorySite(site))
                } catch { throw ObservatoryTest.Refusal(reason: error.reason) }
            case .unknown: break
            }
            throw ObservatoryTest.Refusal(reason: "There is no test \(test)")
        } catch { return .refused(test, reason: error.reason) }
    }
}
