import Foundation
import Kernel

/// One library in the data of Retire.js.
struct LibraryEntry: Decodable {
    struct Hole: Decodable {
        struct Identifiers: Decodable {
            let summary: String?
            let names: [String]

            private struct Name: CodingKey {
                let stringValue: String
                let intValue: Int? = nil
                init(_ name: String) { stringValue = name }
                init?(stringValue: String) { self.stringValue = stringValue }
                init?(intValue: Int) { nil }
            }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Name.self)
                summary = try? container.decode(String.self, forKey: Name("summary"))
                // Each of them is a word or a list, as whoever wrote it pleased.
                names = ["CVE", "githubID", "osvdb", "bug", "issue", "PR", "retid"].flatMap { name -> [String] in
                    if let list = try? container.decode([String].self, forKey: Name(name)) { return list }
                    return (try? container.decode(String.self, forKey: Name(name))).map { [$0] } ?? []
                }
            }
        }

        struct Span: Decodable {
            let below: String?
            let atOrAbove: String?
        }

        let spans: [Span]
        let excludes: [String]
        let severity: Severity
        let identifiers: Identifiers?
        let summary: String?
        let weaknesses: [String]

        private enum CodingKeys: String, CodingKey {
            case below, atOrAbove, ranges, excludes, severity, identifiers, summary, cwe
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            // Newer files have several ranges in place of one.
            spans = try container.decodeIfPresent([Span].self, forKey: .ranges) ?? [Span(from: decoder)]
            excludes = (try? container.decode([String].self, forKey: .excludes)) ?? []
            severity =
                switch (try? container.decode(String.self, forKey: .severity))?.lowercased() {
                case "critical": .critical
                case "high": .high
                case "low": .low
                case "none", "info": .informational
                default: .medium
                }
            identifiers = try? container.decode(Identifiers.self, forKey: .identifiers)
            summary = try? container.decode(String.self, forKey: .summary)
            weaknesses = (try? container.decode([String].self, forKey: .cwe)) ?? []
        }

        func concerns(_ version: String) -> Bool {
            guard !excludes.contains(version) else { return false }
            return spans.contains { span in
                guard span.below != nil || span.atOrAbove != nil else { return false }
                return (span.below.map { !LibraryVersion.isAtOrAbove(version, $0) } ?? true)
                    && (span.atOrAbove.map { LibraryVersion.isAtOrAbove(version, $0) } ?? true)
            }
        }
    }

    struct Extractors: Decodable {
        let uri, filename, filecontent, filecontentreplace: [String]?
        let hashes: [String: String]?
    }

    let vulnerabilities: [Hole]?
    let extractors: Extractors?

    /// Reads a whole file; keys that are no libraries are passed over.
    static func read(_ bytes: [UInt8]) throws(Problem) -> [String: LibraryEntry] {
        struct Lenient: Decodable {
            let entry: LibraryEntry?
            init(from decoder: any Decoder) throws { entry = try? LibraryEntry(from: decoder) }
        }
        // The place of the version stands in the file as a word of its own.
        let text = String(decoding: bytes, as: UTF8.self).replacingOccurrences(
            of: "§§version§§", with: #"[0-9][0-9.a-z_\\-]+"#)
        do {
            return try JSONDecoder().decode([String: Lenient].self, from: Data(text.utf8)).compactMapValues(\.entry)
        } catch {
            throw Problem(
                .invalid, code: "scan.libraries", "The file of libraries is not in the data format of Retire.js.",
                hint: "Take jsrepository.json of the project Retire.js.", cause: "\(error)")
        }
    }
}
