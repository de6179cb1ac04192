/// What a record carries (RFC 8446 §5.1).
enum RecordKind: UInt8 {
    case changeCipherSpec = 20
    case alert = 21
    case handshake = 22
    case applicationData = 23
}

/// The messages of a handshake that a probe reads or writes.
enum HandshakeKind: UInt8 {
    case clientHello = 1
    case serverHello = 2
    case newSessionTicket = 4
    case encryptedExtensions = 8
    case certificate = 11
    case serverKeyExchange = 12
    case certificateRequest = 13
    case serverHelloDone = 14
    case certificateVerify = 15
    case finished = 20
    case certificateStatus = 22
}

/// Takes bytes as they come and gives whole records.
struct RecordBuffer {
    /// One record without its header.
    struct Record {
        let kind: RecordKind
        let header: [UInt8]
        let body: [UInt8]
    }

    /// What the bytes so far amount to.
    enum Step {
        case record(Record)
        case needsMore
        /// They are no records of SSL 3 or TLS.
        case nonsense
    }

    /// The longest record: 2^14 bytes and what encryption adds (RFC 5246 §6.2.3, RFC 8446 §5.2).
    private static let longest = 1 << 14 + 2048

    private var bytes: [UInt8] = []
    private var at = 0

    /// What has come and was not taken.
    var pending: ArraySlice<UInt8> { bytes[at...] }

    mutating func append(_ more: [UInt8]) {
        if at > 0 {
            bytes.removeFirst(at)
            at = 0
        }
        bytes += more
    }

    mutating func next() -> Step {
        let rest = bytes[at...]
        guard let first = rest.first else { return .needsMore }
        guard let kind = RecordKind(rawValue: first) else { return .nonsense }
        guard rest.count >= 2 else { return .needsMore }
        guard rest[at + 1] == 3 else { return .nonsense }
        guard rest.count >= 5 else { return .needsMore }
        let length = Int(rest[at + 3]) << 8 | Int(rest[at + 4])
        guard length <= Self.longest else { return .nonsense }
        guard rest.count >= 5 + length else { return .needsMore }
        defer { at += 5 + length }
        return .record(
            Record(kind: kind, header: Array(rest[at..<at + 5]), body: Array(rest[(at + 5)..<(at + 5 + length)])))
    }
}

/// Puts the messages of a handshake together, which records cut where they like.
struct HandshakeBuffer {
    struct Message {
        let kind: UInt8
        let body: [UInt8]
        /// With its header, as it counts for the transcript.
        let bytes: [UInt8]
    }

    /// The longest message that is waited for; certificates of servers are some ten kilobytes.
    static let longest = 1 << 18

    private var bytes: [UInt8] = []
    private var at = 0
    /// Set once a message is longer than anyone needs.
    private(set) var isTooLong = false

    mutating func append(_ more: [UInt8]) {
        if at > 0 {
            bytes.removeFirst(at)
            at = 0
        }
        bytes += more
    }

    mutating func next() -> Message? {
        guard !isTooLong, bytes.count - at >= 4 else { return nil }
        let length = Int(bytes[at + 1]) << 16 | Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
        guard length <= Self.longest else {
            isTooLong = true
            return nil
        }
        guard bytes.count - at >= 4 + length else { return nil }
        defer { at += 4 + length }
        return Message(
            kind: bytes[at], body: Array(bytes[(at + 4)..<(at + 4 + length)]),
            bytes: Array(bytes[at..<(at + 4 + length)])
        )
    }
}
