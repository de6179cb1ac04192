import Kernel

/// What a witness answers to `add-checkpoint` over HTTP (c2sp.org/tlog-witness).
public struct WitnessAnswer: Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// The media type of the body.
    public let contentType: String
    /// The body.
    public let body: [UInt8]

    /// An answer out of its parts, as it was received.
    public init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// The size that the witness cosigned last, if the answer is that the log is mistaken about it: ask again from
    /// there.
    ///
    /// It is the witness's word alone; a size beyond the log's own must not be believed.
    public var conflictSize: UInt64? {
        guard status == 409, contentType == Self.sizeType, body.last == TextLines.lineFeed else { return nil }
        return TextLines.string(body.dropLast()).flatMap { TextLines.number($0) }
    }

    static let sizeType = "text/x.tlog.size"
}

extension WitnessJudgement {
    /// The answer to the log. For ``cosign(_:text:)`` the new memory must have been stored before.
    ///
    /// - Parameters:
    ///   - cosigner: The witness's key.
    ///   - now: The present moment, which the cosignature bears.
    /// - Throws: A `Problem` (unavailable, `note.signing`) if the key fails.
    public func answer(by cosigner: Cosigner, at now: Instant) throws(Problem) -> WitnessAnswer {
        switch self {
        case .cosign(_, let text):
            let lines = SignedNote.lines([try cosigner.cosign(text, at: now)])
            return WitnessAnswer(status: 200, contentType: Self.plain, body: lines)
        case .conflict(let size):
            return WitnessAnswer(status: 409, contentType: WitnessAnswer.sizeType, body: Array("\(size)\n".utf8))
        case .malformed(let problem): return Self.refusal(400, problem.message)
        case .unknownOrigin: return Self.refusal(404, "This witness does not look after that log.")
        case .unsigned(let problem): return Self.refusal(403, problem.message)
        case .inconsistent(let problem): return Self.refusal(422, problem.message)
        }
    }

    private static func refusal(_ status: Int, _ message: String) -> WitnessAnswer {
        WitnessAnswer(status: status, contentType: plain, body: Array("\(message)\n".utf8))
    }

    private static let plain = "text/plain; charset=utf-8"
}
