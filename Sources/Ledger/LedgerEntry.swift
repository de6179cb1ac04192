import Kernel

/// Stands for whoever keeps a ledger of their own: an organisation or the installation. See ``LedgerEntry/organisation``.
public enum LedgerOwner {}

/// One entry of a ledger: who did what to what, when, and a commitment to the rows that were written.
///
/// It holds pseudonymous identifiers only and can be published. Its text is the Merkle leaf's content, so one entry has
/// one text: reading accepts exactly what writing gives.
public struct LedgerEntry: Hashable, Sendable {
    /// Whose ledger it is in.
    public let organisation: Identifier<LedgerOwner>
    /// When it happened, by the clock of the server that wrote it.
    public let at: Instant
    /// Who did it: `person:<id>`, `token:<id>`, `job:<name>`, `operator` or `public`.
    public let actor: String
    /// What was done, in lower-case words joined by points: `policy.imported`.
    public let action: String
    /// What it was done to, `<kind>:<id>`, or nothing in particular.
    public let subject: String?
    /// How many rows the change wrote.
    public let rows: UInt64
    /// The root over the digests of these rows in the order of writing: see ``ContentTree``.
    public let content: MerkleHash

    /// An entry out of its parts.
    ///
    /// - Throws: A `Problem` (invalid, `entry.malformed`) if a name is not of the form its property tells, or if there is
    ///   content without rows.
    public init(
        organisation: Identifier<LedgerOwner>, at: Instant, actor: String, action: String, subject: String?,
        rows: UInt64,
        content: MerkleHash
    ) throws(Problem) {
        guard EntryName.isReference(actor) else { throw Self.malformed("\(actor) cannot name an actor.", .invalid) }
        guard EntryName.isAction(action) else { throw Self.malformed("\(action) cannot name an action.", .invalid) }
        guard subject.map(EntryName.isReference) ?? true else {
            throw Self.malformed("\(subject ?? "-") cannot name a subject.", .invalid)
        }
        guard rows > 0 || content == .emptyRoot else {
            throw Self.malformed("It has content without rows.", .invalid)
        }
        self.organisation = organisation
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.rows = rows
        self.content = content
    }

    static let formatLine = "vouchsafe/entry@v1"

    /// The canonical text: the content of the Merkle leaf, at most a few hundred bytes.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(320)
        bytes.append(contentsOf: "\(Self.formatLine)\n".utf8)
        func field(_ name: StaticString, _ value: String) {
            name.withUTF8Buffer { bytes.append(contentsOf: $0) }
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: value.utf8)
            bytes.append(TextLines.lineFeed)
        }
        field("organisation", organisation.description)
        field("at", at.description)
        field("actor", actor)
        field("action", action)
        field("subject", subject ?? "-")
        field("rows", String(rows))
        field("content", content.description)
        return bytes
    }

    /// The hash of the Merkle leaf that carries this entry.
    public var leafHash: MerkleHash { MerkleHash(leaf: encoded) }

    /// The longest entry that tiles could carry (c2sp.org/tlog-tiles: lengths have 16 bits).
    public static let sizeLimit = 65_535

    /// Reads an entry.
    ///
    /// - Throws: A `Problem` (refused, `entry.malformed`) unless `bytes` are exactly what ``encoded`` gives for some entry.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= Self.sizeLimit else { throw Self.malformed("It is longer than \(Self.sizeLimit) bytes.") }
        guard var fields = FieldReader(bytes, formatLine: Self.formatLine) else {
            throw Self.malformed("It does not begin with \(Self.formatLine), or its last line is not ended.")
        }
        guard let organisation = fields.next("organisation").flatMap({ Identifier<LedgerOwner>($0) }),
            let at = fields.next("at").flatMap({ Instant($0) }), let actor = fields.next("actor"),
            let action = fields.next("action"), let subject = fields.next("subject"),
            let rows = fields.next("rows").flatMap(TextLines.number),
            let content = fields.next("content").flatMap({ MerkleHash($0) }), fields.isAtEnd
        else { throw Self.malformed("Line \(fields.line) is not what belongs there.", line: fields.line) }
        do {
            try self.init(
                organisation: organisation, at: at, actor: actor, action: action,
                subject: subject == "-" ? nil : subject,
                rows: rows, content: content)
        } catch {
            throw Problem(.refused, code: error.code, error.message)
        }
        guard encoded == bytes else { throw Self.malformed("It is not written in the one canonical form.") }
    }

    private static func malformed(_ reason: String, _ kind: Problem.Kind = .refused, line: Int? = nil) -> Problem {
        Problem(
            kind, code: "entry.malformed", "The ledger entry is malformed. \(reason)",
            place: line.map { Problem.Place(line: $0) })
    }
}

/// The grammar of the names in an entry.
enum EntryName {
    /// A lower-case word, or such a word, a colon and an identifier or name: `operator`, `job:checks`, `person:0192…`.
    static func isReference(_ text: String) -> Bool { isReference(Array(text.utf8).span) }

    /// As ``isReference(_:)-(String)``, over bytes that lie in a larger buffer.
    static func isReference(_ text: Span<UInt8>) -> Bool {
        guard text.count <= 200 else { return false }
        for index in text.indices where text[index] == UInt8(ascii: ":") {
            return isDotted(text.extracting(..<index), isPath: false)
                && isDotted(text.extracting((index + 1)...), isPath: true)
        }
        return isDotted(text, isPath: false)
    }

    /// Lower-case words joined by points, hyphens within words.
    static func isAction(_ text: String) -> Bool { isAction(Array(text.utf8).span) }

    /// As ``isAction(_:)-(String)``, over bytes that lie in a larger buffer.
    static func isAction(_ text: Span<UInt8>) -> Bool { text.count <= 100 && isDotted(text, isPath: false) }

    /// - Parameter isPath: Whether slashes may join words too.
    private static func isDotted(_ text: Span<UInt8>, isPath: Bool) -> Bool {
        var previousIsJoint = true
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): previousIsJoint = false
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                guard !previousIsJoint else { return false }
                previousIsJoint = true
            case UInt8(ascii: "/"):
                guard isPath, !previousIsJoint else { return false }
                previousIsJoint = true
            default: return false
            }
        }
        return !previousIsJoint
    }
}

/// Reads the `name value` lines of a text in the order in which they must stand.
struct FieldReader {
    private var rest: ArraySlice<ArraySlice<UInt8>>
    /// The line that was read last, from 1.
    private(set) var line = 1

    init?(_ bytes: [UInt8], formatLine: String) {
        guard let lines = TextLines.split(bytes[...]), lines[0].elementsEqual(formatLine.utf8) else { return nil }
        rest = lines.dropFirst()
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The value of the next line, if its name is `name`.
    mutating func next(_ name: String) -> String? {
        line += 1
        guard let bytes = rest.popFirst(), let text = TextLines.string(bytes), text.utf8.starts(with: "\(name) ".utf8)
        else {
            return nil
        }
        return String(text.utf8.dropFirst(name.utf8.count + 1))
    }
}
