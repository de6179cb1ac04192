import Kernel

/// Seals one age file as its plaintext comes (c2sp.org/age), with memory for one chunk of 64 KiB.
///
/// It cannot be copied: two files sealed with the same key and nonces would give both away.
public struct AgeEncryptor: ~Copyable, Sendable {
    private var payload: PayloadSealer
    private var armour: ArmourWriter?
    /// The header and the payload's nonce, until they have been handed out.
    private var front: [UInt8]
    private var isFinished = false

    /// Begins a file that each of `recipients` can open.
    ///
    /// - Parameters:
    ///   - recipients: At least one, and all of one kind: one X25519 recipient would undo what the hybrid ones are for.
    ///   - isArmoured: Whether the file is to be text.
    ///   - randomness: Where keys and nonces come from. What wraps the key for hybrid recipients draws from the system itself.
    /// - Throws: A `Problem` (invalid): `age.no-recipients`, `age.mixed-recipients` or `age.too-many-recipients`.
    public init(
        to recipients: [AgeRecipient], isArmoured: Bool = false, randomness: Randomness = .system
    ) throws(Problem) {
        guard let first = recipients.first else {
            throw Problem(
                .invalid, code: "age.no-recipients", "There is no one to seal the age file for.",
                hint: "Name at least one recipient.")
        }
        guard recipients.allSatisfy({ $0.kind == first.kind }) else {
            throw Problem(
                .invalid, code: "age.mixed-recipients",
                "Recipients of different kinds cannot share one age file: the weaker would decide.",
                hint: "Name only age1pq1… recipients, or only age1… ones.")
        }
        let fileKey = FileKey(randomness: randomness)
        var stanzas: [Stanza] = []
        for recipient in recipients { try stanzas.append(recipient.wrap(fileKey, randomness: randomness)) }
        try self.init(fileKey, stanzas: stanzas, isArmoured: isArmoured, randomness: randomness)
    }

    /// Begins a file that `passphrase` opens. This takes the time and memory that its work factor asks for.
    ///
    /// - Throws: A `Problem` (unavailable, `age.passphrase-memory`).
    public init(
        passphrase: AgePassphrase, isArmoured: Bool = false, randomness: Randomness = .system
    ) throws(Problem) {
        let fileKey = FileKey(randomness: randomness)
        let stanza = try passphrase.wrap(fileKey, randomness: randomness)
        try self.init(fileKey, stanzas: [stanza], isArmoured: isArmoured, randomness: randomness)
    }

    private init(
        _ fileKey: FileKey, stanzas: [Stanza], isArmoured: Bool, randomness: Randomness
    ) throws(Problem) {
        let nonce = randomness.bytes(Payload.nonceSize)
        front = try Header(stanzas: stanzas, fileKey: fileKey).encoded + nonce
        payload = PayloadSealer(key: fileKey.payloadKey(nonce: nonce))
        armour = isArmoured ? ArmourWriter() : nil
    }

    /// Seals more plaintext, in pieces of any size, and appends to `sealed` what of the file is ready.
    ///
    /// - Throws: A `Problem`: `age.finished` (invalid) after ``finish(into:)``, `age.seal` (unavailable).
    public mutating func seal(_ bytes: Span<UInt8>, into sealed: inout [UInt8]) throws(Problem) {
        guard !isFinished else { throw AgeProblem.finished }
        try handOut(into: &sealed) { (payload, sealed) throws(Problem) in
            try bytes.withUnsafeBufferPointer { (bytes) throws(Problem) in try payload.seal(bytes, into: &sealed) }
        }
    }

    /// Seals more plaintext, as ``seal(_:into:)`` does for spans.
    ///
    /// - Throws: A `Problem`: `age.finished` (invalid) after ``finish(into:)``, `age.seal` (unavailable).
    public mutating func seal(_ bytes: [UInt8], into sealed: inout [UInt8]) throws(Problem) {
        try seal(bytes.span, into: &sealed)
    }

    /// Ends the file and appends the rest of it to `sealed`. Without this the file is not complete and does not open.
    ///
    /// - Throws: A `Problem`: `age.finished` (invalid) the second time, `age.seal` (unavailable).
    public mutating func finish(into sealed: inout [UInt8]) throws(Problem) {
        guard !isFinished else { throw AgeProblem.finished }
        isFinished = true
        try handOut(into: &sealed) { (payload, sealed) throws(Problem) in try payload.finish(into: &sealed) }
        armour?.finish(into: &sealed)
    }

    /// Appends what `work` makes of the payload to `sealed`, in armour if the file is to be so.
    private mutating func handOut(
        into sealed: inout [UInt8], _ work: (inout PayloadSealer, inout [UInt8]) throws(Problem) -> Void
    ) throws(Problem) {
        var binary: [UInt8] = []
        swap(&binary, &front)
        if armour == nil {
            sealed.append(contentsOf: binary)
            try work(&payload, &sealed)
        } else {
            try work(&payload, &binary)
            armour?.write(binary, into: &sealed)
        }
    }
}
