import Kernel

/// Opens one age file as it comes (c2sp.org/age), binary or armoured, with memory for one chunk of 64 KiB and the header.
///
/// Everything handed out is authentic and in its place. Only ``finish(into:)`` tells that it is also complete: until then the
/// plaintext may be the beginning of a longer one.
public struct AgeDecryptor: Sendable {
    private var reader: FileReader<Opening>

    /// Opens a file that was sealed for the recipient of one of `identities`.
    public init(with identities: [AgeIdentity]) {
        reader = FileReader(Opening(secret: .identities(identities)))
    }

    /// Opens a file that was sealed with `passphrase`.
    public init(with passphrase: AgePassphrase) {
        reader = FileReader(Opening(secret: .passphrase(passphrase)))
    }

    /// Takes more of the file, in pieces of any size, and appends to `plaintext` what could be authenticated by now.
    ///
    /// - Throws: A `Problem` (refused) that says what is wrong: `age.format`, `age.version`, `age.armour`, `age.header`,
    ///   `age.work-factor`, `age.no-match`, `age.mac`, `age.payload`, `age.trailing`. The same again at every later call.
    public mutating func open(_ bytes: Span<UInt8>, into plaintext: inout [UInt8]) throws(Problem) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(Problem) in try reader.read(bytes, into: &plaintext) }
    }

    /// Takes more of the file, as ``open(_:into:)`` does for spans.
    ///
    /// - Throws: A `Problem` (refused) that says what is wrong.
    public mutating func open(_ bytes: [UInt8], into plaintext: inout [UInt8]) throws(Problem) {
        try open(bytes.span, into: &plaintext)
    }

    /// Tells the end of the file and appends the last of the plaintext, which is complete if this does not throw.
    ///
    /// - Throws: A `Problem` (refused): those of ``open(_:into:)``, and `age.truncated` if the file is cut off.
    public mutating func finish(into plaintext: inout [UInt8]) throws(Problem) {
        try reader.finish(into: &plaintext)
    }
}

/// The parts of a file put together to its plaintext.
private struct Opening: FileParts {
    enum Secret: Sendable {
        case identities([AgeIdentity])
        case passphrase(AgePassphrase)
    }

    private let secret: Secret
    private var fileKey: FileKey?
    private var payload: PayloadOpener?

    init(secret: Secret) { self.secret = secret }

    mutating func meet(_ header: Header) throws(Problem) {
        let fileKey = try unwrap(header)
        guard fileKey.isValid(header.mac, over: header.covered) else { throw AgeProblem.mac }
        self.fileKey = fileKey
    }

    mutating func begin(nonce: [UInt8]) throws(Problem) {
        payload = fileKey.map { PayloadOpener(key: $0.payloadKey(nonce: nonce)) }
        fileKey = nil
    }

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, into plaintext: inout [UInt8]) throws(Problem) {
        try payload?.open(bytes, into: &plaintext)
    }

    mutating func finish(into plaintext: inout [UInt8]) throws(Problem) {
        try payload?.finish(into: &plaintext)
    }

    private func unwrap(_ header: Header) throws(Problem) -> FileKey {
        let passphraseStanza = header.stanzas.first { $0.type == AgePassphrase.stanzaType }
        switch secret {
        case .passphrase(let passphrase):
            guard let passphraseStanza else {
                throw AgeProblem.noMatch(
                    "It was not sealed with a passphrase.", hint: "Give the identity that it was sealed for.")
            }
            guard let fileKey = try passphrase.unwrap(passphraseStanza) else {
                throw AgeProblem.noMatch("The passphrase is not the one it was sealed with.")
            }
            return fileKey
        case .identities(let identities):
            for identity in identities {
                if let fileKey = try identity.unwrap(header) { return fileKey }
            }
            guard passphraseStanza == nil else {
                throw AgeProblem.noMatch("It was sealed with a passphrase.", hint: "Give the passphrase.")
            }
            throw AgeProblem.noMatch(
                "It was sealed for other recipients than those of the identities given.",
                hint: "Give the identity of one of its recipients.")
        }
    }
}
