/// What `%name%` stands for where a rule says `expand`: the values of one's own surroundings.
public struct Placeholders: Sendable {
    private let values: [String: [String]]

    /// Placeholders with the values that each stands for; any of them fits.
    public init(_ values: [String: [String]] = [:]) {
        self.values = values
    }

    /// Every text that `text` stands for, or the first name that stands for nothing.
    func expanded(_ text: String) -> Result<[String], Unknown> {
        var texts = [""]
        var rest = text[...]
        while let start = rest.firstIndex(of: "%") {
            let behind = rest[rest.index(after: start)...]
            guard let end = behind.firstIndex(of: "%"), Self.isName(behind[..<end]) else {
                texts = texts.map { $0 + rest[...start] }
                rest = behind
                continue
            }
            let name = String(behind[..<end])
            guard let known = values[name], texts.count * known.count <= Self.limit else {
                return .failure(Unknown(name: name))
            }
            texts = texts.flatMap { text in known.map { text + rest[..<start] + $0 } }
            rest = behind[behind.index(after: end)...]
        }
        return .success(texts.map { $0 + rest })
    }

    /// A placeholder that stands for nothing here, or for too much.
    struct Unknown: Error {
        let name: String
    }

    private static let limit = 10_000

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
