/// Protocols in which TLS begins after a few words in the clear.
public enum StartTLS: String, Sendable, CaseIterable {
    case smtp, lmtp, imap, pop3, ftp, ldap, nntp, sieve, xmpp, postgres, mysql
    case xmppServer = "xmpp-server"

    /// The port where it is usually spoken.
    public var port: Int {
        switch self {
        case .smtp: 25
        case .lmtp: 24
        case .imap: 143
        case .pop3: 110
        case .ftp: 21
        case .ldap: 389
        case .nntp: 119
        case .sieve: 4190
        case .xmpp: 5222
        case .xmppServer: 5269
        case .postgres: 5432
        case .mysql: 3306
        }
    }
}

/// The words before TLS, as a machine without sockets.
struct StartTLSDialog: Sendable {
    /// What comes next.
    enum Step: Equatable {
        case send([UInt8])
        case wait
        case ready
        /// The server does not offer TLS, or speaks something else.
        case refused
    }

    /// What the server must have said for the dialog to go on.
    private enum Expectation {
        /// A reply of one or more lines that begins with a number, the last with a space behind it (RFC 5321 §4.2.1).
        case number(String)
        /// A line that begins like this; one that begins like the others is a refusal.
        case line(String, refusals: [String])
        /// A text that contains this; one that contains the other is a refusal.
        case text(String, refusal: String)
        /// The answer to an extended operation of LDAP (RFC 4511 §4.12).
        case ldap
        /// One byte (PostgreSQL, "SSL Session Encryption").
        case byte(UInt8)
        /// The greeting of MySQL, which tells whether TLS can be had ("Connection Phase").
        case mysql
    }

    private struct Turn {
        let expected: Expectation?
        let reply: [UInt8]

        init(_ expected: Expectation?, _ reply: String) { self.init(expected, Array(reply.utf8)) }

        init(_ expected: Expectation?, _ reply: [UInt8]) {
            self.expected = expected
            self.reply = reply
        }
    }

    /// The most bytes that a server may say before TLS.
    private static let mostBytes = 1 << 14

    private var turns: ArraySlice<Turn>
    private var heard: [UInt8] = []
    private var said = 0

    /// - Parameter host: The name that some protocols want to hear.
    init(_ kind: StartTLS, host: String) { turns = Self.turns(kind, host: host)[...] }

    /// Takes what the server said, first of all nothing; to be called again with nothing after each ``Step/send(_:)``.
    mutating func take(_ bytes: [UInt8]) -> Step {
        heard += bytes
        said += bytes.count
        guard let turn = turns.first else { return .ready }
        if let expected = turn.expected {
            switch judge(expected, last: bytes) {
            case nil: return said > Self.mostBytes ? .refused : .wait
            case false?: return .refused
            case true?: heard = []
            }
        }
        turns = turns.dropFirst()
        return turn.reply.isEmpty ? take([]) : .send(turn.reply)
    }

    /// Whether what was heard is what is expected; `nil` while it may still become so.
    ///
    /// - Parameter bytes: What came last: words that come one byte at a time are not read anew with each.
    private mutating func judge(_ expected: Expectation, last bytes: [UInt8]) -> Bool? {
        switch expected {
        case .number(let number):
            for line in takeLines(bytes) where line.count >= 4 && line.utf8.dropFirst(3).first != UInt8(ascii: "-") {
                // Lines within a long reply may look like anything; its last begins with a number and a space.
                if line.prefix(3).utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return line.hasPrefix(number) }
            }
            return nil
        case .line(let wanted, let refusals):
            for line in takeLines(bytes) {
                if line.hasPrefix(wanted) { return true }
                if refusals.contains(where: line.hasPrefix) { return false }
            }
            return nil
        case .text(let wanted, let refusal):
            guard bytes.contains(UInt8(ascii: ">")) else { return nil }
            let text = String(decoding: heard, as: UTF8.self)
            if text.contains(wanted) { return true }
            return text.contains(refusal) ? false : nil
        case .byte(let wanted): return heard.first.map { $0 == wanted }
        case .ldap: return Self.isLDAPSuccess(heard)
        case .mysql: return Self.offersTLS(mysql: heard)
        }
    }

    /// The lines that are whole; what stands behind the last line feed stays.
    private mutating func takeLines(_ bytes: [UInt8]) -> [String] {
        guard bytes.contains(10), let end = heard.lastIndex(of: 10) else { return [] }
        let lines = heard[..<end].split(separator: 10)
        heard.removeFirst(end + 1)
        return lines.map { String(decoding: $0.last == 13 ? $0.dropLast() : $0, as: UTF8.self) }
    }

    private static func isLDAPSuccess(_ bytes: [UInt8]) -> Bool? {
        // A short message: its number, then the tag of an extended response (0x78), then the result's code.
        guard bytes.count >= 10 else { return nil }
        guard bytes[0] == 0x30, let tag = bytes[2...].firstIndex(of: 0x78) else { return false }
        guard let code = bytes[tag...].firstIndex(of: 0x0A), code + 2 < bytes.count else { return nil }
        return bytes[code + 2] == 0
    }

    private static func offersTLS(mysql bytes: [UInt8]) -> Bool? {
        guard bytes.count >= 5 else { return nil }
        // Behind the header: the protocol's number, the version up to a zero, 4 + 8 + 1 bytes, then what the server can.
        guard bytes[4] == 10 else { return false }
        guard let end = bytes[5...].firstIndex(of: 0), bytes.count >= end + 16 else { return nil }
        return bytes[end + 15] & 0x08 != 0
    }

    private static func turns(_ kind: StartTLS, host: String) -> [Turn] {
        switch kind {
        case .smtp, .lmtp:
            [
                Turn(.number("220"), "\(kind == .smtp ? "EHLO" : "LHLO") scanner.invalid\r\n"),
                Turn(.number("250"), "STARTTLS\r\n"), Turn(.number("220"), ""),
            ]
        case .imap:
            [
                Turn(.line("* OK", refusals: ["* BYE", "* PREAUTH"]), "a1 STARTTLS\r\n"),
                Turn(.line("a1 OK", refusals: ["a1 "]), ""),
            ]
        case .pop3:
            [Turn(.line("+OK", refusals: ["-"]), "STLS\r\n"), Turn(.line("+OK", refusals: ["-"]), "")]
        case .ftp: [Turn(.number("220"), "AUTH TLS\r\n"), Turn(.number("234"), "")]
        case .nntp: [Turn(.number("20"), "STARTTLS\r\n"), Turn(.number("382"), "")]
        case .sieve:
            [
                Turn(.line("OK", refusals: ["NO", "BYE"]), "STARTTLS\r\n"),
                Turn(.line("OK", refusals: ["NO", "BYE"]), ""),
            ]
        case .xmpp, .xmppServer:
            [
                Turn(
                    nil,
                    "<?xml version='1.0'?><stream:stream xmlns='jabber:\(kind == .xmpp ? "client" : "server")' "
                        + "xmlns:stream='http://etherx.jabber.org/streams' to='\(host)' version='1.0'>"),
                Turn(
                    .text("<starttls", refusal: "</stream:features"),
                    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                Turn(.text("<proceed", refusal: "<failure"), ""),
            ]
        case .ldap:
            [
                Turn(
                    nil, [0x30, 0x1D, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16] + Array("1.3.6.1.4.1.1466.20037".utf8)),
                Turn(.ldap, ""),
            ]
        case .postgres: [Turn(nil, [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]), Turn(.byte(UInt8(ascii: "S")), "")]
        case .mysql:
            [
                Turn(
                    .mysql,
                    [0x20, 0, 0, 1, 0x05, 0xAE, 0x03, 0, 0, 0, 0, 1, 33] + [UInt8](repeating: 0, count: 23))
            ]
        }
    }
}
