import Kernel

/// Reads a log source out of an event, or off a command line.
public enum LogSourceText {
    /// A source as JSON: an object with `product`, `category` and `service` (text or a list); what is not text is left out.
    static func read(_ bytes: [UInt8]) -> LogSource {
        guard let fields = try? JSONValue.members(of: bytes) else { return LogSource() }
        func texts(_ name: String) -> [String] {
            (fields[name]?.elements ?? [fields[name]].compactMap { $0 }).compactMap(\.text)
        }
        return LogSource(
            product: texts("product").first, categories: texts("category"), services: texts("service"))
    }

    /// A source as `product=…,category=…,service=…`; several categories and services are repeated.
    ///
    /// - Throws: A ``Problem`` that names what is not understood.
    public static func parse(_ text: String) throws(Problem) -> LogSource {
        var source = LogSource()
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else { throw unknown(part) }
            switch sides[0] {
            case "product": source.product = sides[1]
            case "category": source.categories.append(sides[1])
            case "service": source.services.append(sides[1])
            default: throw unknown(part)
            }
        }
        return source
    }

    private static func unknown(_ part: Substring) -> Problem {
        Problem(
            .invalid, code: "log-source.text", "`\(part.prefix(60))` names no part of a log source.",
            hint: "Write product=NAME, category=NAME or service=NAME, with commas between them.")
    }
}
