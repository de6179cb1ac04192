import Kernel
import ScanResults

/// What is wrong with what a server speaks.
struct ServerFindings {
    let target: String
    let observed: ServerObservations
    private var view: ProfileView { ProfileView(observed) }

    var all: [Finding] { versions + suites + keyExchange + handshake }

    private func finding(
        _ rule: String, _ title: String, _ severity: Severity, _ message: String, _ fix: Fix, weakness: Int = 327
    ) -> Finding {
        Finding(
            rule: "tls.\(rule)", title: title, severity: severity, message, at: .init(target), fix: fix,
            weakness: weakness)
    }

    private var versions: [Finding] {
        var found: [Finding] = []
        if observed.ssl2 != nil {
            found.append(
                finding(
                    "version.ssl2", "SSL 2", .critical,
                    "The server speaks SSL 2, which anyone can break (RFC 6176, DROWN).",
                    TLSFixes.versions))
        }
        for version in observed.versions {
            switch version {
            case .ssl3:
                found.append(
                    finding(
                        "version.ssl3", "SSL 3", .high,
                        "The server speaks SSL 3.0, which gives plaintext away (RFC 7568, POODLE).",
                        TLSFixes.versions))
            case .tls10, .tls11:
                found.append(
                    finding(
                        version == .tls10 ? "version.tls10" : "version.tls11", "An old version of TLS", .medium,
                        "The server speaks \(version), which is withdrawn (RFC 8996).", TLSFixes.versions))
            case .tls12, .tls13: break
            }
        }
        if observed.suites(in: .tls13).isEmpty {
            found.append(
                finding(
                    "version.no-tls13", "No TLS 1.3", .low, "The server does not speak TLS 1.3 (RFC 8446).",
                    TLSFixes.versions))
        }
        return found
    }

    /// A sentence names so many suites; the report has them all.
    private static let mostNames = 6

    private var suites: [Finding] {
        let kinds: [(rule: String, title: String, Severity, why: String, (CipherSuite) -> Bool)] = [
            ("suites.null", "Suites without encryption", .critical, "encrypt nothing", { $0.cipherClass == .null }),
            (
                "suites.anonymous", "Suites without authentication", .critical,
                "let anyone stand between client and server", { $0.isAnonymous }
            ),
            (
                "suites.export", "Suites for export", .critical, "were made weak on purpose (FREAK, Logjam)",
                { $0.cipherClass == .export }
            ),
            ("suites.rc4", "Suites with RC4", .high, "give plaintext away (RFC 7465)", { $0.cipherClass == .rc4 }),
            (
                "suites.des", "Suites with DES", .high, "repeat blocks of 64 bits (SWEET32) or have too short a key",
                { $0.cipherClass == .des }
            ),
            (
                "suites.no-forward-secrecy", "Suites without forward secrecy", .medium,
                "let whoever gets the server's key later read what was recorded",
                { !$0.hasForwardSecrecy && !$0.isBroken }
            ),
            (
                "suites.cbc", "Suites with a separate MAC", .low, "have a long history of leaks (Lucky 13)",
                { ($0.cipherClass == .cbc || $0.cipherClass == .other) && !$0.isBroken }
            ),
        ]
        return kinds.compactMap { kind in
            let names = Set(observed.agreements.map(\.suite).filter(kind.4)).map(\.name).sorted()
            guard !names.isEmpty else { return nil }
            let more = names.count - Self.mostNames
            let listed = names.prefix(Self.mostNames).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
            return finding(
                kind.rule, kind.title, kind.2, "The server takes suites that \(kind.why): \(listed).", TLSFixes.suites)
        }
    }

    private var keyExchange: [Finding] {
        var found: [Finding] = []
        if let bits = view.smallestDH, bits < 2048 {
            found.append(
                finding(
                    "key-exchange.prime", "A small prime for Diffie-Hellman", bits < 1024 ? .critical : .high,
                    "Diffie-Hellman uses a prime of \(bits) bits (Logjam).", TLSFixes.prime, weakness: 326))
        }
        if let bits = view.smallestECDH, bits < 224 {
            found.append(
                finding(
                    "key-exchange.curve", "A small curve", .high, "The key exchange uses a curve of \(bits) bits.",
                    TLSFixes.groups, weakness: 326))
        }
        let wanted = MozillaProfile.intermediate.groups
        let unusual = view.groups.filter { !wanted.contains($0) }
        if !unusual.isEmpty {
            found.append(
                finding(
                    "key-exchange.groups", "Groups beyond the profile", .informational,
                    "The server takes groups that Mozilla's profiles do not name: \(unusual.joined(separator: ", ")).",
                    TLSFixes.groups))
        }
        if !observed.suites(in: .tls13).isEmpty, !observed.groupsOfTLS13.contains(where: { $0.kind == .postQuantum }) {
            found.append(
                finding(
                    "key-exchange.post-quantum", "No post-quantum key exchange", .informational,
                    "What is recorded today can be read once there are quantum computers: no hybrid group is taken.",
                    TLSFixes.groups))
        }
        return found
    }

    private var handshake: [Finding] {
        var found: [Finding] = []
        if view.compresses {
            found.append(
                finding(
                    "compression", "Compression", .high,
                    "The server compresses what clients send, which gives secrets away (CRIME).",
                    TLSFixes.compression, weakness: 310))
        }
        if !view.hasSecureRenegotiation {
            found.append(
                finding(
                    "renegotiation", "Insecure renegotiation", .high,
                    "A renegotiation is not tied to its connection, so that others can put words in front (RFC 5746).",
                    TLSFixes.library, weakness: 310))
        }
        if !view.refusesFallback {
            found.append(
                finding(
                    "fallback", "Fallback is not refused", .medium,
                    "Clients can be made to speak an older version: TLS_FALLBACK_SCSV is not honoured (RFC 7507).",
                    TLSFixes.library, weakness: 757))
        }
        if !view.hasExtendedMasterSecret {
            found.append(
                finding(
                    "extended-master-secret", "No extended master secret", .low,
                    "The secret of a session is not tied to its handshake (RFC 7627).", TLSFixes.library, weakness: 310)
            )
        }
        return found
    }
}
