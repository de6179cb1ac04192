/// Takes what a server sends as it comes, and says when there is nothing more to wait for.
public struct FlightReader: Sendable {
    /// The most bytes that are taken from one server in one connection.
    public static let mostBytes = 1 << 18

    private let keys: KeyOffer?
    private let isSSL2: Bool
    private var transcript: [UInt8]
    private var records = RecordBuffer()
    private var messages = HandshakeBuffer()
    private var opener: HandshakeKeys?
    private var flight: ServerFlight?
    private var taken = 0
    /// The answer, once it is whole.
    public private(set) var answer: ServerAnswer?

    /// A reader for the answer to one question.
    ///
    /// - Parameter question: What was sent.
    public init(for question: Question) {
        keys = question.keys
        isSSL2 = question.version == nil
        transcript = question.message
    }

    /// Takes what came; ``answer`` tells afterwards whether that was all.
    public mutating func take(_ bytes: [UInt8]) {
        guard answer == nil else { return }
        taken += bytes.count
        records.append(bytes)
        if isSSL2, records.pending.first ?? 0 >= 0x80 { return takeSSL2() }
        while answer == nil {
            switch records.next() {
            case .needsMore:
                if taken > Self.mostBytes { answer = whatCame(or: .nonsense) }
                return
            case .nonsense: answer = whatCame(or: .nonsense)
            case .record(let record): take(record)
            }
        }
    }

    /// The server ended the connection, or its time is up.
    ///
    /// - Parameter timedOut: Which of the two.
    public mutating func end(timedOut: Bool) -> ServerAnswer {
        let answer = answer ?? whatCame(or: timedOut ? .silence : .closed)
        self.answer = answer
        return answer
    }

    /// A server that agreed has agreed, whatever became of the rest.
    private func whatCame(or otherwise: ServerAnswer) -> ServerAnswer { flight.map(ServerAnswer.agreed) ?? otherwise }

    private mutating func takeSSL2() {
        let pending = Array(records.pending)
        guard pending.count >= 2, pending.count >= 2 + (Int(pending[0] & 0x7F) << 8 | Int(pending[1])) else { return }
        // Whatever else it says in that language is an error, and no agreement.
        answer = SSL2.accepted(in: pending).map(ServerAnswer.ssl2) ?? .closed
    }

    private mutating func take(_ record: RecordBuffer.Record) {
        switch record.kind {
        case .handshake:
            messages.append(record.body)
            readMessages()
        case .alert: takeAlert(record.body)
        case .applicationData:
            guard var opener else {
                answer = whatCame(or: .nonsense)
                return
            }
            guard let (kind, content) = opener.open(record) else {
                answer = whatCame(or: .nonsense)
                return
            }
            self.opener = opener
            switch RecordKind(rawValue: kind) {
            case .handshake:
                messages.append(content)
                readMessages()
            case .alert: takeAlert(content)
            default: answer = whatCame(or: .nonsense)
            }
        case .changeCipherSpec: break
        }
    }

    private mutating func takeAlert(_ body: [UInt8]) {
        guard body.count == 2 else {
            answer = whatCame(or: .nonsense)
            return
        }
        let alert = Alert(level: body[0], code: body[1])
        if alert.isEnd || alert.code == 0 { answer = whatCame(or: .alert(alert)) }
    }

    private mutating func readMessages() {
        while answer == nil, let message = messages.next() { take(message) }
        if messages.isTooLong, answer == nil { answer = whatCame(or: .nonsense) }
    }

    private mutating func take(_ message: HandshakeBuffer.Message) {
        guard let kind = HandshakeKind(rawValue: message.kind) else { return }
        guard flight != nil else {
            guard kind == .serverHello, let hello = ServerHello(message.body) else {
                // A HelloRequest may come at any time, and says nothing (RFC 5246 §7.4.1.1).
                if message.kind != 0 { answer = .nonsense }
                return
            }
            return take(hello, message.bytes)
        }
        switch kind {
        case .certificate:
            let isTLS13 = flight?.version == .tls13
            guard let chain = CertificateMessage(message.body, isTLS13: isTLS13) else { return }
            flight?.certificates = chain.certificates
            if isTLS13 {
                flight?.stapled = chain.stapled
                flight?.timestamps = chain.timestamps
            }
        case .certificateStatus:
            var reader = ByteReader(message.body)
            flight?.stapled = CertificateMessage.status(&reader)
        case .serverKeyExchange:
            let key = flight.flatMap { EphemeralKey(message.body, for: $0.suite) }
            flight?.key = key
        case .certificateRequest: flight?.wantsClientCertificate = true
        case .encryptedExtensions: readEncryptedExtensions(message.body)
        case .certificateVerify:
            var reader = ByteReader(message.body)
            flight?.signatureScheme = reader.short()
            finish()
        case .serverHelloDone, .finished: finish()
        case .clientHello, .serverHello, .newSessionTicket: answer = whatCame(or: .nonsense)
        }
    }

    private mutating func finish() {
        flight?.isWhole = true
        answer = whatCame(or: .nonsense)
    }

    private mutating func take(_ hello: ServerHello, _ bytes: [UInt8]) {
        guard let version = ProtocolVersion(rawValue: hello.version) else {
            answer = .nonsense
            return
        }
        let suite = CipherSuite(hello.suite)
        if hello.isRetryRequest {
            answer = hello.group.map { .retry(suite: suite, group: $0) } ?? .nonsense
            return
        }
        var flight = ServerFlight(version: version, suite: suite)
        flight.compresses = hello.compression != 0
        flight.hasSecureRenegotiation = hello.hasRenegotiationInfo
        flight.hasExtendedMasterSecret = hello.hasExtendedMasterSecret
        flight.hasSessionTicket = hello.hasSessionTicket
        flight.applicationProtocol = hello.applicationProtocol
        flight.timestamps = hello.timestamps
        if version == .tls13 { flight.key = hello.group.map(EphemeralKey.curve) }
        self.flight = flight
        guard version == .tls13 else { return }
        transcript += bytes
        if let group = hello.group, let secret = keys?.secret(with: hello.publicKey, of: group) {
            opener = HandshakeKeys(suite: hello.suite, secret: secret, transcript: transcript)
        }
        // Without keys the rest cannot be read, and there is nothing to wait for.
        if opener == nil { answer = .agreed(flight) }
    }

    private mutating func readEncryptedExtensions(_ body: [UInt8]) {
        var reader = ByteReader(body)
        guard var list = reader.vector(lengthBytes: 2) else { return }
        while !list.isAtEnd {
            guard let kind = list.short(), var value = list.vector(lengthBytes: 2) else { return }
            if kind == HelloExtension.applicationProtocols.rawValue {
                flight?.applicationProtocol = ServerHello.applicationProtocol(&value)
            }
        }
    }
}
