import Kernel
import TestSupport
import Testing

@testable import Probes

@Suite("The words before TLS")
struct StartTLSTests {
    struct Talk: Sendable {
        let kind: StartTLS
        /// What the server says, one after the other; the client must be ready after the last.
        let server: [[UInt8]]
        init(_ kind: StartTLS, _ server: String...) {
            self.kind = kind
            self.server = server.map { Array($0.utf8) }
        }
        init(_ kind: StartTLS, bytes: [[UInt8]]) {
            self.kind = kind
            server = bytes
        }
    }

    private static let mysql: [UInt8] =
        [0x4A, 0, 0, 0, 10] + Array("8.0\0".utf8) + [1, 0, 0, 0] + [UInt8](repeating: 1, count: 9) + [0xFF, 0xFF, 33]

    static let willing = [
        Talk(.smtp, "220-hello\r\n220 mail\r\n", "250-a\r\n250 STARTTLS\r\n", "220 ok\r\n"),
        Talk(.lmtp, "220 mail\r\n", "250 STARTTLS\r\n", "220 ok\r\n"),
        Talk(.imap, "* OK ready\r\n", "* CAPABILITY STARTTLS\r\na1 OK begin\r\n"),
        Talk(.pop3, "+OK ready\r\n", "+OK begin\r\n"),
        Talk(.ftp, "220-Welcome\r\n  220 is no code\r\n220 ready\r\n", "234 go\r\n"),
        Talk(.nntp, "201 ready\r\n", "382 go\r\n"),
        Talk(.sieve, "\"STARTTLS\"\r\nOK \"ready\"\r\n", "OK \"go\"\r\n"),
        Talk(.xmpp, "<stream:stream><stream:features><starttls xmlns='x'/></stream:features>", "<proceed xmlns='x'/>"),
        Talk(.xmppServer, "<stream:features><starttls/></stream:features>", "<proceed/>"),
        Talk(.ldap, bytes: [[0x30, 0x0C, 2, 1, 1, 0x78, 7, 0x0A, 1, 0, 4, 0, 4, 0]]),
        Talk(.postgres, "S"),
        Talk(.mysql, bytes: [mysql]),
    ]

    static let unwilling = [
        Talk(.smtp, "554 no\r\n"), Talk(.smtp, "220 mail\r\n", "250 ok\r\n", "502 no\r\n"),
        Talk(.imap, "* BYE\r\n"), Talk(.imap, "* OK\r\n", "a1 BAD\r\n"), Talk(.pop3, "+OK\r\n", "-ERR\r\n"),
        Talk(.ftp, "220 ready\r\n", "502 no\r\n"), Talk(.nntp, "200 ready\r\n", "580 no\r\n"),
        Talk(.sieve, "OK\r\n", "NO\r\n"), Talk(.xmpp, "<stream:features></stream:features>"),
        Talk(.xmpp, "<starttls/>", "<failure/>"),
        Talk(.ldap, bytes: [[0x30, 0x0C, 2, 1, 1, 0x78, 7, 0x0A, 1, 2, 4, 0, 4, 0]]), Talk(.postgres, "N"),
        Talk(.mysql, bytes: [[5, 0, 0, 0, 0xFF, 1, 2, 3, 4]]),
        Talk(.smtp, String(repeating: "220-long\r\n", count: 3000)),
    ]

    /// The step that the dialog comes to when the server says all that, in pieces of `piece` bytes.
    private func end(of talk: Talk, piece: Int) -> StartTLSDialog.Step {
        var dialog = StartTLSDialog(talk.kind, host: "site.example")
        func settle(_ bytes: [UInt8]) -> StartTLSDialog.Step {
            var step = dialog.take(bytes)
            while case .send = step { step = dialog.take([]) }
            return step
        }
        var step = settle([])
        for words in talk.server {
            for start in stride(from: 0, to: words.count, by: piece) where step == .wait {
                step = settle(Array(words[start..<min(start + piece, words.count)]))
            }
        }
        return step
    }

    @Test("every protocol leads to TLS, in whatever pieces the server speaks", arguments: willing)
    func leads(talk: Talk) {
        for piece in [1, 3, 1000] { #expect(end(of: talk, piece: piece) == .ready, "\(talk.kind) by \(piece)") }
    }

    @Test("every protocol can refuse, and one that talks too long does", arguments: unwilling)
    func refuses(talk: Talk) {
        for piece in [1, 1000] { #expect(end(of: talk, piece: piece) == .refused, "\(talk.kind) by \(piece)") }
    }

    @Test("no words stop a dialog")
    func anything() {
        var generator = SeededGenerator(1)
        for round in 0..<3000 {
            let talk = Self.willing[round % Self.willing.count]
            let server = talk.server.map { words in
                words.map {
                    Int.random(in: 0..<20, using: &generator) == 0
                        ? UInt8.random(in: .min ... .max, using: &generator) : $0
                }
            }
            _ = end(of: Talk(talk.kind, bytes: server), piece: Int.random(in: 1...40, using: &generator))
        }
    }

    @Test("one that is cut short is waited for", arguments: [StartTLS.smtp, .imap, .xmpp, .ldap, .mysql])
    func waits(kind: StartTLS) throws {
        let talk = try #require(Self.willing.first { $0.kind == kind })
        let last = try #require(talk.server.last)
        let cut = Talk(kind, bytes: talk.server.dropLast() + [Array(last.prefix(5))])
        #expect(end(of: cut, piece: 5) == .wait)
    }
}

@Suite("How a person names a server")
struct ServerAddressTests {
    @Test(
        "host, port and brackets",
        arguments: [
            ("site.example", "site.example", 443), ("site.example:8443", "site.example", 8443),
            ("[::1]:9", "::1", 9), ("[::1]", "::1", 443), ("::1", "::1", 443), ("127.0.0.1:1", "127.0.0.1", 1),
        ])
    func reads(text: String, host: String, port: Int) throws {
        let address = try ServerAddress(text, standardPort: 443)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(
        "anything else is refused with its name",
        arguments: [
            "", ":443", "a:b", "a:0", "a:65536", "a:+1", "https://a", "a/b", "[::1", "[a]:1", "a b", "[::1]x",
            "ä.example",
        ])
    func refuses(text: String) {
        #expect(throws: Problem.self) { try ServerAddress(text, standardPort: 443) }
    }

    @Test("an address of this machine or of the organisation's own networks is meant to be internal")
    func isInternal() throws {
        for text in ["localhost", "LOCALHOST", "127.0.0.1", "10.0.0.1", "[::1]:1", "[fd12::1]:1", "a.localhost"] {
            #expect(try Reach.implied(by: ServerAddress(text, standardPort: 443).host) == .internalAddresses, "\(text)")
        }
        for text in ["site.example", "1.1.1.1", "localhost.example"] {
            #expect(try Reach.implied(by: ServerAddress(text, standardPort: 443).host) == .publicAddresses, "\(text)")
        }
    }
}
