import Kernel
import TestSupport

@testable import TLSPosture

/// A server of bytes alone, which agrees to what it is told to and says so as real ones do.
struct PretendServer {
    var suites: [ProtocolVersion: [UInt16]] = [:]
    var groups: [NamedGroup] = [.x25519, .secp256r1]
    var prefersOwnOrder = false
    var refusesFallback = true
    var compresses = false
    var extensions: [HelloExtension] = [.renegotiationInfo, .extendedMasterSecret, .sessionTicket]
    var ssl2: [[UInt8]]?
    /// Hellos of this many bytes and more get no answer.
    var longestHello = Int.max
    /// What it says instead of TLS.
    var nonsense: [UInt8]?
    /// Whether it ends the connection where others say why they refuse.
    var closesSilently = false
    /// Whether it wants a key in each hello of TLS 1.3.
    var wantsKeys = false
    /// Whether it refuses clients that name protocols, none of which it speaks.
    var refusesProtocols = false
    /// In which version its warning about the name comes first.
    var warnsFirst = false
    var prime = [UInt8](repeating: 0xFF, count: 256)
    var certificate: [UInt8] = [0x30, 0]

    /// The suites for which the server also has a curve that is asked for before TLS 1.3.
    func reachable(in version: ProtocolVersion) -> Set<UInt16> {
        let hasCurve = groups.contains {
            version == .ssl3 ? $0.kind == .curve : NamedGroup.curvesBeforeTLS13.contains($0)
        }
        return Set((suites[version] ?? []).filter { version == .tls13 || hasCurve || !CipherSuite($0).usesCurve })
    }

    /// What the reader makes of the server's bytes, which come in pieces of `piece` bytes.
    func answer(to question: Question, piece: Int = .max) -> ServerAnswer {
        var reader = FlightReader(for: question)
        guard question.bytes.count < longestHello else { return reader.end(timedOut: true) }
        let bytes = bytes(to: question)
        var rest = bytes.first == 21 && bytes.count == 7 && closesSilently ? [] : bytes[...]
        while !rest.isEmpty, reader.answer == nil {
            reader.take(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
        return reader.end(timedOut: false)
    }

    func bytes(to question: Question) -> [UInt8] {
        if let nonsense { return nonsense }
        guard question.version != nil else { return ssl2.map(Self.ssl2Hello) ?? Self.alert(40) }
        guard let hello = ReadHello(question.message) else { return Self.alert(50) }
        let warning: [UInt8] = warnsFirst ? [21, 3, 1, 0, 2, 1, 112] : []
        return warning + bytes(to: hello)
    }

    private func bytes(to hello: ReadHello) -> [UInt8] {
        let spoken = suites.filter { !$0.value.isEmpty }.keys.max() ?? .ssl3
        guard let version = suites.keys.filter({ !(suites[$0] ?? []).isEmpty && hello.offers($0) }).max() else {
            return Self.alert(70)
        }
        if refusesFallback, hello.suites.contains(CipherSuite.fallbackSignal), version < spoken {
            return Self.alert(86)
        }
        let taken = suites[version] ?? []
        let shared = prefersOwnOrder ? taken.filter(hello.suites.contains) : hello.suites.filter(taken.contains)
        // A hello that names no groups, as in SSL 3, takes any (RFC 8422 §4).
        let offered = hello.groups.isEmpty ? groups : hello.groups
        let curves = prefersOwnOrder ? groups.filter(offered.contains) : offered.filter(groups.contains)
        if refusesProtocols, hello.extensions.contains(HelloExtension.applicationProtocols.rawValue) {
            return Self.alert(120)
        }
        if version == .tls13 {
            guard let suite = shared.first, let group = curves.first else { return Self.alert(40) }
            if wantsKeys, hello.shares.isEmpty { return Self.alert(47) }
            let isRetry = !hello.shares.contains(group)
            return record(version, serverHello13(hello, suite: suite, group: group, isRetry: isRetry))
        }
        let curve = curves.first { $0.kind == .curve }
        guard let suite = shared.first(where: { curve != nil || !CipherSuite($0).usesCurve }) else {
            return Self.alert(40)
        }
        return record(version, serverFlight(hello, version, CipherSuite(suite), curve))
    }

    // MARK: - Bytes

    static func alert(_ code: UInt8) -> [UInt8] { [21, 3, 1, 0, 2, 2, code] }

    private func record(_ version: ProtocolVersion, _ messages: [UInt8]) -> [UInt8] {
        var record: [UInt8] = [22]
        record.append(short: min(version, .tls12).rawValue)
        record.appendVector(lengthBytes: 2) { $0 += messages }
        return record
    }

    private func message(_ kind: HandshakeKind, _ write: (inout [UInt8]) -> Void) -> [UInt8] {
        var message = [kind.rawValue]
        message.appendVector(lengthBytes: 3, write)
        return message
    }

    private func serverHello13(_ hello: ReadHello, suite: UInt16, group: NamedGroup, isRetry: Bool) -> [UInt8] {
        message(.serverHello) { body in
            body.append(short: 0x0303)
            body += isRetry ? ServerHello.retryRandom : [UInt8](repeating: 7, count: 32)
            body.appendVector(lengthBytes: 1) { $0 += hello.session }
            body.append(short: suite)
            body.append(0)
            body.appendVector(lengthBytes: 2) { list in
                list += [0, 43, 0, 2, 3, 4]
                list.append(short: 51)
                list.appendVector(lengthBytes: 2) { value in
                    value.append(short: group.value)
                    if !isRetry { value.appendVector(lengthBytes: 2) { $0 += [1, 2, 3] } }
                }
            }
        }
    }

    private func serverFlight(
        _ hello: ReadHello, _ version: ProtocolVersion, _ suite: CipherSuite, _ curve: NamedGroup?
    ) -> [UInt8] {
        var flight = message(.serverHello) { body in
            body.append(short: version.rawValue)
            body += [UInt8](repeating: 7, count: 32)
            body.append(0)
            body.append(short: suite.value)
            body.append(compresses && hello.compressions.contains(1) ? 1 : 0)
            guard version > .ssl3 else { return }
            body.appendVector(lengthBytes: 2) { list in
                for kind in extensions where hello.extensions.contains(kind.rawValue) {
                    list.append(short: kind.rawValue)
                    list.appendVector(lengthBytes: 2) { if kind == .renegotiationInfo { $0.append(0) } }
                }
            }
        }
        if !suite.isAnonymous {
            flight += message(.certificate) { body in
                body.appendVector(lengthBytes: 3) { list in list.appendVector(lengthBytes: 3) { $0 += certificate } }
            }
        }
        if suite.usesCurve, let curve {
            flight += message(.serverKeyExchange) {
                $0 += [3, UInt8(curve.value >> 8), UInt8(curve.value & 0xFF), 1, 4]
            }
        } else if suite.keyExchange == .ephemeralDiffieHellman {
            flight += message(.serverKeyExchange) { body in
                if suite.name.contains("PSK") { body += [0, 0] }
                for number in [prime, [2], [3]] { body.appendVector(lengthBytes: 2) { $0 += number } }
            }
        }
        return flight + message(.serverHelloDone) { _ in }
    }

    static func ssl2Hello(_ ciphers: [[UInt8]]) -> [UInt8] {
        var body: [UInt8] = [4, 0, 1, 0, 2, 0, 2]
        body.append(short: UInt16(ciphers.count * 3))
        body += [0, 1, 0x30, 0] + ciphers.flatMap { $0 } + [9]
        return [0x80 | UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
    }
}

/// A hello as a server reads it.
struct ReadHello {
    let version: UInt16
    let session: [UInt8]
    let suites: [UInt16]
    let compressions: [UInt8]
    private(set) var extensions: [UInt16] = []
    private(set) var groups: [NamedGroup] = []
    private(set) var shares: [NamedGroup] = []
    private(set) var versions: [UInt16] = []
    private(set) var serverName: String?

    init?(_ message: [UInt8]) {
        var reader = ByteReader(message)
        guard reader.byte() == 1, var body = reader.vector(lengthBytes: 3), reader.isAtEnd,
            let version = body.short(), body.take(32) != nil, var session = body.vector(lengthBytes: 1),
            var suites = body.vector(lengthBytes: 2), var compressions = body.vector(lengthBytes: 1)
        else { return nil }
        self.version = version
        self.session = session.rest()
        self.suites = Self.shorts(&suites)
        self.compressions = compressions.rest()
        guard !body.isAtEnd else { return }
        guard var list = body.vector(lengthBytes: 2), body.isAtEnd else { return nil }
        while !list.isAtEnd {
            guard let kind = list.short(), var value = list.vector(lengthBytes: 2) else { return nil }
            extensions.append(kind)
            switch HelloExtension(rawValue: kind) {
            case .supportedGroups:
                guard var values = value.vector(lengthBytes: 2) else { return nil }
                groups = Self.shorts(&values).map(NamedGroup.init)
            case .supportedVersions:
                guard var values = value.vector(lengthBytes: 1) else { return nil }
                versions = Self.shorts(&values)
            case .keyShare:
                guard var values = value.vector(lengthBytes: 2) else { return nil }
                while let group = values.short(), values.vector(lengthBytes: 2) != nil {
                    shares.append(NamedGroup(group))
                }
            case .serverName:
                guard var names = value.vector(lengthBytes: 2), names.byte() == 0,
                    var name = names.vector(lengthBytes: 2)
                else { return nil }
                serverName = String(decoding: name.rest(), as: UTF8.self)
            default: break
            }
        }
    }

    /// Before TLS 1.3 a hello offers its version and all below it.
    func offers(_ wanted: ProtocolVersion) -> Bool {
        versions.isEmpty ? wanted < .tls13 && wanted.rawValue <= version : versions.contains(wanted.rawValue)
    }

    private static func shorts(_ reader: inout ByteReader) -> [UInt16] {
        var values: [UInt16] = []
        while let value = reader.short() { values.append(value) }
        return values
    }
}

/// Asks a pretended server everything, several questions at a time, whose answers come in any order.
func observations(
    of server: PretendServer, name: String? = "site.example", atOnce: Int = 3, seed: UInt64 = 1
) -> ServerObservations {
    var plan = ScanPlan(serverName: name, randomness: seededRandomness(seed))
    var generator = SeededGenerator(seed)
    var open: [Question] = []
    while true {
        while open.count < atOnce, let question = plan.next() { open.append(question) }
        guard !open.isEmpty else { return plan.observed }
        let question = open.remove(at: Int.random(in: open.indices, using: &generator))
        plan.take(server.answer(to: question, piece: Int.random(in: 1...300, using: &generator)), to: question)
    }
}
