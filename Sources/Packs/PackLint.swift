import Kernel

/// Names everything that is wrong with a pack: in itself, against the text that it describes, and against what the
/// installation can measure. A pack without problems is ready to be imported.
public enum PackLint {
    /// Judges a pack.
    ///
    /// - Parameters:
    ///   - pack: as read by `PackReader`, whose lines the problems name.
    ///   - text: the exact bytes of the policy; without them the text is taken to be what the pack says.
    ///   - textFile: the text's file name, for the places of problems in it.
    ///   - catalogue: what this installation can measure.
    /// - Returns: the problems, the pack's in the order of its file, then the text's; at most 1,000.
    public static func problems(
        _ pack: Pack, text: [UInt8]?, textFile: String? = nil, catalogue: [Check]
    ) -> [Problem] {
        problems(
            PackReading(pack: pack, problems: [], salvage: pack, lostSpans: false, lostCommitments: false), text: text,
            textFile: textFile, catalogue: catalogue)
    }

    /// Judges what reading a file gave: its problems of form, and all others that can be told in spite of them.
    public static func problems(
        _ reading: PackReading, text: [UInt8]?, textFile: String? = nil, catalogue: [Check]
    ) -> [Problem] {
        guard let pack = reading.salvage else { return reading.problems }
        var collected = LintProblems(places: pack.places, textFile: textFile)
        LintCommitments(pack: pack, catalogue: catalogue, knowsAllSpans: !reading.lostSpans).check(&collected)
        LintSpans(pack: pack, text: text.map(PolicyText.init), knowsAllCommitments: !reading.lostCommitments)
            .check(&collected)
        if let text {
            LintText(pack: pack, text: PolicyText(text), knowsAllSpans: !reading.lostSpans).check(&collected)
        }
        let inPack = (reading.problems + collected.inPack).enumerated().sorted {
            ($0.element.place?.line ?? 0, $0.offset) < ($1.element.place?.line ?? 0, $1.offset)
        }
        return limited(inPack.map(\.element) + collected.inText)
    }

    private static func limited(_ problems: [Problem]) -> [Problem] {
        guard problems.count > PackLimits.problems else { return problems }
        return problems.prefix(PackLimits.problems - 1) + [
            Problem(
                .invalid, code: "pack.more-problems",
                "And \(problems.count - PackLimits.problems + 1) more problems, which are not listed.")
        ]
    }
}

/// The problems found so far, those of the pack apart from those of the text.
struct LintProblems {
    let places: PackPlaces
    let textFile: String?
    private(set) var inPack: [Problem] = []
    private(set) var inText: [Problem] = []

    init(places: PackPlaces, textFile: String?) {
        self.places = places
        self.textFile = textFile
    }

    /// Something wrong in the pack's `field`.
    mutating func add(_ code: String, _ message: String, hint: String? = nil, at field: String) {
        inPack.append(Problem(.invalid, code: code, message, hint: hint, place: places.place(of: field)))
    }

    /// Something that the text has and the pack has not.
    mutating func add(_ code: String, _ message: String, hint: String? = nil, atTextLine line: Int) {
        inText.append(
            Problem(
                .invalid, code: code, message, hint: hint, place: Problem.Place(file: textFile ?? "text", line: line)))
    }
}
