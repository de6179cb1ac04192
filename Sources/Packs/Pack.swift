import Kernel

/// A policy taken apart: what every piece of its text is, what it promises, and by which checks each promise is proven.
///
/// Read by `PackReader`, judged by `PackLint`, made by `PackDraft`; the file's form is documented in docs/pack-format.md.
public struct Pack: Hashable, Sendable, Codable {
    /// The only format there is so far; it stands on the first line of every pack.
    public static let format = "vouchsafe/pack@v1"

    /// The document that the pack describes.
    public var policy: Policy
    /// The pieces of the text; together they hold every non-whitespace byte, each exactly once.
    public var spans: [Span]
    /// Everything that the document promises, the unprovable included.
    public var commitments: [Commitment]
    /// What is wrong with the document's own wording.
    public var defects: [Defect]
    /// Where each field stands in the file; no part of what the pack says.
    public var places = PackPlaces()

    /// A pack of these parts; whether they fit each other is for `PackLint` to say.
    public init(
        policy: Policy, spans: [Span], commitments: [Commitment], defects: [Defect] = [],
        places: PackPlaces = PackPlaces()
    ) {
        self.policy = policy
        self.spans = spans
        self.commitments = commitments
        self.defects = defects
        self.places = places
    }

    private enum CodingKeys: String, CodingKey { case policy, spans, commitments, defects }
}

extension Pack {
    /// A published document, known by the hash of its exact text.
    public struct Policy: Hashable, Sendable, Codable {
        /// Lower-case words joined by hyphens; what commands and addresses call it.
        public var id: String
        /// Its title, as published.
        public var title: String
        /// Who published it, and so who promises.
        public var issuer: String
        /// The version as its issuer counts: a number, a month, a date.
        public var version: String
        /// The day it was published (`2021-09-30`), if the document tells.
        public var date: String?
        /// What identifies its exact text.
        public var text: TextDigest

        /// A policy of these fields.
        public init(id: String, title: String, issuer: String, version: String, date: String? = nil, text: TextDigest) {
            self.id = id
            self.title = title
            self.issuer = issuer
            self.version = version
            self.date = date
            self.text = text
        }
    }

    /// What identifies the exact text.
    public struct TextDigest: Hashable, Sendable, Codable {
        /// SHA-256 of the bytes, 64 lower-case hexadecimal digits.
        public var sha256: String
        /// How many bytes the text has.
        public var bytes: Int

        /// A digest of known values.
        public init(sha256: String, bytes: Int) {
            self.sha256 = sha256
            self.bytes = bytes
        }
    }

    /// What a piece of the text is.
    public enum SpanClass: String, Hashable, Sendable, Codable, CaseIterable {
        /// It promises something that evidence can show.
        case commitment
        /// It promises nothing.
        case context
        /// It promises something that no evidence could show as it is worded.
        case unprovable
    }

    /// One classified piece of the text.
    public struct Span: Hashable, Sendable, Codable {
        /// The offset of its first byte in the text.
        public var start: Int
        /// The offset of the byte after its last.
        public var end: Int
        /// What it is.
        public var spanClass: SpanClass
        /// Why it promises nothing, for context.
        public var note: String?
        /// Why no evidence could show it, for the unprovable.
        public var reason: String?
        /// The ids of the commitments that it makes.
        public var commitments: [String]

        /// A span of these fields.
        public init(
            start: Int, end: Int, spanClass: SpanClass, note: String? = nil, reason: String? = nil,
            commitments: [String] = []
        ) {
            self.start = start
            self.end = end
            self.spanClass = spanClass
            self.note = note
            self.reason = reason
            self.commitments = commitments
        }

        private enum CodingKeys: String, CodingKey {
            case start, end, note, reason, commitments
            case spanClass = "class"
        }
    }

    /// One promise.
    public struct Commitment: Hashable, Sendable, Codable, Identifiable {
        /// Lower-case words joined by hyphens, the same from version to version.
        public var id: String
        /// The heading of the document under which it stands.
        public var section: String
        /// The promise in our own words.
        public var summary: String
        /// The role that must act when it is broken: `security`, `people`, `developers`.
        public var owner: String
        /// Why no evidence could show it; `nil` for every promise that can be proven.
        public var unprovable: String?
        /// All of them must hold; empty only for the unprovable.
        public var checks: [CheckUse]
        /// The requirements of frameworks that it serves.
        public var controls: [FrameworkControls]

        /// A commitment of these fields.
        public init(
            id: String, section: String, summary: String, owner: String, unprovable: String? = nil,
            checks: [CheckUse] = [], controls: [FrameworkControls] = []
        ) {
            self.id = id
            self.section = section
            self.summary = summary
            self.owner = owner
            self.unprovable = unprovable
            self.checks = checks
            self.controls = controls
        }
    }

    /// How one check serves one commitment.
    public struct CheckUse: Hashable, Sendable, Codable {
        /// What is measured.
        public var check: CheckID
        /// The whole of these subjects counts.
        public var population: Subject.Kind
        /// How much of the population must pass.
        public var threshold: Threshold
        /// How long a result counts after it was observed.
        public var freshness: Period
        /// What the installation lacks, should it not know the check; the verdict is then *unproven* and names this.
        public var needs: String?

        /// A use of a check.
        public init(
            check: CheckID, population: Subject.Kind, threshold: Threshold = .all, freshness: Period,
            needs: String? = nil
        ) {
            self.check = check
            self.population = population
            self.threshold = threshold
            self.freshness = freshness
            self.needs = needs
        }
    }

    /// The requirements of one framework.
    public struct FrameworkControls: Hashable, Sendable, Codable {
        /// Whose requirements they are.
        public var framework: Framework
        /// In the framework's own numbering: `A.8.24`, `32(1)(a)`.
        public var references: [String]

        /// Requirements of one framework.
        public init(framework: Framework, references: [String]) {
            self.framework = framework
            self.references = references
        }
    }

    /// Something wrong with the document's own wording, in our words.
    public struct Defect: Hashable, Sendable, Codable {
        /// The offset of the first byte that is meant.
        public var start: Int
        /// The offset of the byte after the last.
        public var end: Int
        /// What is wrong there.
        public var finding: String

        /// A defect of these fields.
        public init(start: Int, end: Int, finding: String) {
            self.start = start
            self.end = end
            self.finding = finding
        }
    }
}

/// Where the fields of a pack stand in its file. Two packs that say the same are equal wherever it stands, so all places are equal.
public struct PackPlaces: Hashable, Sendable {
    /// The file's name, if it is known.
    public var file: String?
    /// The line, from 1, by the field's path, such as `spans[3].at`.
    var lines: [String: Int] = [:]

    /// No places yet, in `file`.
    public init(file: String? = nil) {
        self.file = file
    }

    /// The place of `field`, or of the nearest field around it that has one.
    public func place(of field: String) -> Problem.Place {
        var path = Substring(field)
        while !path.isEmpty {
            if let line = lines[String(path)] { return Problem.Place(file: file, line: line, field: field) }
            guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
            path = path[..<cut]
        }
        return Problem.Place(file: file, line: lines[""], field: field)
    }

    /// Always true.
    public static func == (left: PackPlaces, right: PackPlaces) -> Bool { true }

    /// Adds nothing.
    public func hash(into hasher: inout Hasher) {}
}
