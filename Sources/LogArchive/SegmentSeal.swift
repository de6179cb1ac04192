import Kernel
import Vault

/// Seals and opens the frames of one segment, each in its place and nowhere else.
struct SegmentSeal {
    let segment: Identifier<LogSegment>
    private let cipher: XAES256GCM
    private let preamble: [UInt8]

    init(segment: Identifier<LogSegment>, key: [UInt8]) throws(Problem) {
        self.segment = segment
        cipher = try XAES256GCM(key: key)
        preamble = SegmentFormat.preamble(of: segment)
    }

    /// The header of the segment.
    func header(_ randomness: Randomness) throws(Problem) -> [UInt8] {
        let nonce = randomness.bytes(XAES256GCM.nonceSize)
        return try cipher.seal([], nonce: nonce[...], additionalData: headerData, after: preamble + nonce)
    }

    /// - Throws: A `Problem` (refused) if `header` is not that of this segment, sealed with this key.
    func check(_ header: [UInt8], of path: String) throws(Problem) {
        guard header.count == SegmentFormat.headerSize, header.starts(with: preamble.prefix(16)) else {
            throw ArchiveProblem.notASegment(path)
        }
        let seal = header[SegmentFormat.preambleSize...]
        guard header.starts(with: preamble),
            cipher.open(
                seal.dropFirst(XAES256GCM.nonceSize), nonce: seal.prefix(XAES256GCM.nonceSize),
                additionalData: headerData) != nil
        else { throw ArchiveProblem.wrongKey(path) }
    }

    /// A whole frame: head, nonce, ciphertext and tag.
    func frame(_ kind: SegmentFormat.Kind, number: Int, _ plain: [UInt8], _ randomness: Randomness) throws(Problem)
        -> [UInt8]
    {
        let head = FrameHead(kind: kind, number: number, length: plain.count + SegmentFormat.sealOverhead)
        guard head.length <= SegmentFormat.maximumSealed else {
            throw Problem(
                .tooLarge, code: "archive.too-large", "A block of the log archive would be too large.",
                place: Problem.Place(field: "block \(number)"))
        }
        let nonce = randomness.bytes(XAES256GCM.nonceSize)
        var front: [UInt8] = []
        front.reserveCapacity(SegmentFormat.frameHeadSize + nonce.count)
        head.append(to: &front)
        front.append(contentsOf: nonce)
        return try cipher.seal(plain, nonce: nonce[...], additionalData: data(head), after: front)
    }

    /// What a frame holds; `nil` if it is not the one that `head` says, of this segment, sealed with this key.
    func open(_ sealed: ArraySlice<UInt8>, _ head: FrameHead) -> [UInt8]? {
        guard sealed.count == head.length else { return nil }
        return cipher.open(
            sealed.dropFirst(XAES256GCM.nonceSize), nonce: sealed.prefix(XAES256GCM.nonceSize),
            additionalData: data(head))
    }

    private static let label = Array("vouchsafe/log-segment@v1".utf8)

    private var headerData: [UInt8] { Self.label + preamble }

    private func data(_ head: FrameHead) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.label.count + preamble.count + SegmentFormat.frameHeadSize)
        bytes.append(contentsOf: Self.label)
        bytes.append(contentsOf: preamble)
        head.append(to: &bytes)
        return bytes
    }
}
