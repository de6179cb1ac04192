import ArgumentParser
import Foundation
import Kernel
import WebPosture

/// Answers recorded exchanges as Mozilla's Observatory does.
struct ScanRecorded: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "recorded", abstract: "Judge recorded exchanges exactly as Mozilla's HTTP Observatory does.",
        discussion: """
            The file holds an array of cases: a test's name and the exchange, or fn: and a function's name with its input. One \
            line of JSON comes out for each, in their order. What Mozilla's HTTP Observatory gets wrong is wrong here too; a \
            live scan corrects it.
            """)

    /// What comes out.
    enum Format: String, ExpressibleByArgument, CaseIterable { case jsonl }

    @Argument(help: "The file with the cases; - is standard input.")
    var file: String

    @Option(help: "jsonl: one line of JSON for each case.")
    var format: Format = .jsonl

    private static let limit = 256 << 20

    /// A case that may be none: what cannot be read is answered in its place and stops nothing.
    private enum Entry: Decodable {
        case readable(RecordedCase)
        case unreadable(test: String, reason: String)

        private enum CodingKeys: CodingKey { case test }

        init(from decoder: any Decoder) throws {
            do {
                self = .readable(try RecordedCase(from: decoder))
            } catch {
                let test = try? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .test)
                self = .unreadable(test: test ?? "", reason: Self.reason(error))
            }
        }

        private static func reason(_ error: any Error) -> String {
            guard let error = error as? DecodingError else { return "The case cannot be read." }
            let context: DecodingError.Context
            switch error {
            case .keyNotFound(let key, let found):
                return "The case has no \(path(found.codingPath + [key]))."
            case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
            @unknown default: return "The case cannot be read."
            }
            return "The case's \(path(context.codingPath)) is not what it should be."
        }

        private static func path(_ keys: [any CodingKey]) -> String {
            keys.drop { $0.intValue != nil }.map(\.stringValue).joined(separator: ".")
        }

        var answer: RecordedAnswer {
            switch self {
            case .readable(let recorded): recorded.answer
            case .unreadable(let test, let reason): .refused(test, reason: reason)
            }
        }
    }

    func run() throws {
        let bytes = try Input.bytes(of: file, limit: Self.limit)
        let entries: [Entry]
        do {
            entries = try JSONDecoder().decode([Entry].self, from: Data(bytes))
        } catch {
            throw Problem(
                .invalid, code: "recorded.malformed", "The file is no array of cases in JSON.",
                hint: "Each case has a test and an input; docs/scanner.md shows one.",
                place: Problem.Place(file: file), cause: "\(error)")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for entry in entries { Output.write(Array(try encoder.encode(entry.answer)) + [UInt8(ascii: "\n")]) }
    }
}
