import TestSupport
import Testing

@testable import TLSPosture

@Suite("What goes over the wire")
struct WireTests {
    private func question(_ version: ProtocolVersion?) -> Question {
        Question(id: 1, bytes: [], version: version, message: [], keys: nil, offersProtocols: false)
    }

    private func answer(_ bytes: [UInt8], to version: ProtocolVersion? = .tls12, timedOut: Bool = false) -> ServerAnswer
    {
        var reader = FlightReader(for: question(version))
        reader.take(bytes)
        return reader.end(timedOut: timedOut)
    }

    @Test("a hello says what it is told to say, in every version", arguments: ProtocolVersion.allCases)
    func hello(version: ProtocolVersion) throws {
        var hello = ClientHello(
            version: version, suites: [0x1301, 0xC02F], groups: [.x25519, .secp256r1], serverName: "site.example")
        hello.compressions = [1, 0]
        hello.keys = KeyOffer(for: [.x25519, .secp384r1])
        let message = hello.message(random: [UInt8](repeating: 1, count: 32), session: [9])
        let read = try #require(ReadHello(message))
        #expect(read.suites == [0x1301, 0xC02F])
        #expect(read.compressions == [1, 0])
        #expect(read.session == [9])
        #expect(read.version == min(version, .tls12).rawValue)
        #expect(read.groups == (version == .ssl3 ? [] : [.x25519, .secp256r1]))
        #expect(read.serverName == (version == .ssl3 ? nil : "site.example"))
        #expect(read.versions == (version == .tls13 ? [0x0304] : []))
        #expect(read.shares == (version == .tls13 ? [.x25519, .secp384r1] : []))
        let record = ClientHello.record(message, version: version)
        #expect(record.prefix(3) == [22, 3, version == .ssl3 ? 0 : 1])
        #expect(record.count == message.count + 5)
    }

    @Test("a hello with everything stays below what servers with old faults can take in one record")
    func size() {
        let hello = ClientHello(
            version: .tls12, suites: CipherSuite.beforeTLS13.map(\.value), groups: NamedGroup.beforeTLS13,
            serverName: String(repeating: "a", count: 253))
        #expect(hello.message(random: [], session: []).count < 1 << 14)
    }

    @Test("the SSL 2 hello is as its draft has it")
    func ssl2Hello() {
        let hello = SSL2.hello(challenge: [UInt8](repeating: 5, count: 16))
        #expect(hello.prefix(11) == [0x80, 49, 1, 0, 2, 0, 24, 0, 0, 0, 16])
        #expect(hello.count == 51)
    }

    @Test("SSL 2 answers are told from all others")
    func ssl2Answers() {
        #expect(answer(PretendServer.ssl2Hello([[1, 0, 0x80]]), to: nil) == .ssl2(["SSL_CK_RC4_128_WITH_MD5"]))
        #expect(answer(PretendServer.ssl2Hello([]), to: nil) == .ssl2([]))
        // An error of SSL 2, and an alert of TLS.
        #expect(answer([0x80, 3, 0, 0, 1], to: nil) == .closed)
        #expect(answer(PretendServer.alert(70), to: nil) == .alert(Alert(level: 2, code: 70)))
    }

    @Test("an end, a silence, an alert and nonsense are told apart")
    func failures() {
        #expect(answer([]) == .closed)
        #expect(answer([], timedOut: true) == .silence)
        #expect(answer([22, 3, 3], timedOut: true) == .silence)
        #expect(answer(PretendServer.alert(40)) == .alert(Alert(level: 2, code: 40)))
        #expect(answer([21, 3, 1, 0, 2, 1, 0]) == .alert(Alert(level: 1, code: 0)))
        #expect(answer(Array("HTTP/1.1 400 Bad Request\r\n".utf8)) == .nonsense)
        #expect(answer([22, 3, 3, 0xFF, 0xFF]) == .nonsense)
        #expect(answer([22, 3, 3, 0, 4, 2, 0xFF, 0xFF, 0xFF]) == .nonsense)
        #expect(answer([23, 3, 3, 0, 1, 0]) == .nonsense)
        // A finished message before a hello.
        #expect(answer([22, 3, 3, 0, 4, 20, 0, 0, 0]) == .nonsense)
    }

    @Test("a warning about the name does not end the handshake")
    func warning() {
        var server = PretendServer(suites: [.tls12: [0xC02F]])
        server.warnsFirst = true
        #expect(observations(of: server).suites(in: .tls12).map(\.value) == [0xC02F])
    }

    @Test("an answer means the same in whatever pieces it comes", arguments: [1, 2, 3, 5, 17, 1000])
    func pieces(size: Int) throws {
        for version in ProtocolVersion.allCases {
            let server = PretendServer(suites: [version: version == .tls13 ? [0x1301] : [0x0033, 0xC02F, 0x002F]])
            var plan = ScanPlan(serverName: "site.example", randomness: seededRandomness(3))
            while let question = plan.next() {
                let whole = server.answer(to: question)
                #expect(server.answer(to: question, piece: size) == whole)
                plan.take(whole, to: question)
            }
        }
    }

    @Test("a server that never stops is read up to a bound")
    func endless() {
        var reader = FlightReader(for: question(.tls12))
        let warning: [UInt8] = [21, 3, 1, 0, 2, 1, 112]
        var taken = 0
        while reader.answer == nil, taken < 1 << 20 {
            reader.take(warning)
            taken += warning.count
        }
        #expect(reader.answer == .nonsense)
        #expect(taken <= FlightReader.mostBytes + warning.count)
    }

    @Test(
        "sizes of primes and curves are read",
        arguments: [
            (0x0033, [0, 3, 0, 0x7F, 0xFF, 0, 1, 2], 15), (0x0033, [0, 0, 0, 1, 2], nil), (0x0033, [0, 9, 1], nil),
            (0xC02F, [3, 0, 0x17, 1, 4], 256), (0xC02F, [3, 0], nil), (0xC02F, [1, 2, 0, 0xFF], 8),
            (0xC02F, [2, 0, 163], 163), (0xC02F, [7], nil), (0x002F, [3, 0, 0x17], nil),
        ] as [(UInt16, [UInt8], Int?)])
    func keyExchange(suite: UInt16, body: [UInt8], bits: Int?) {
        #expect(EphemeralKey(body, for: CipherSuite(suite))?.bits == bits)
    }

    @Test("certificates and what comes with them are read, in TLS 1.3 too")
    func certificates() throws {
        let chain = try #require(CertificateMessage([0, 0, 9, 0, 0, 2, 1, 2, 0, 0, 1, 3], isTLS13: false))
        #expect(chain.certificates == [[1, 2], [3]])
        let entry: [UInt8] = [0, 0, 1, 7, 0, 16, 0, 5, 0, 5, 1, 0, 0, 1, 9, 0, 18, 0, 3, 0, 1, 0xEE]
        let body: [UInt8] = [0, 0, 0, UInt8(entry.count)] + entry
        let modern = CertificateMessage(body, isTLS13: true)
        #expect(modern?.certificates == [[7]])
        #expect(modern?.stapled == [9])
        #expect(CertificateMessage([0, 0, 5, 0, 0, 9, 1, 2], isTLS13: false) == nil)
    }
}
