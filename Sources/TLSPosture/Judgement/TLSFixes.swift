import ScanResults

/// What to change in a server's configuration, with the lines that do it.
enum TLSFixes {
    static let versions = Fix(
        "Speak only TLS 1.2 and TLS 1.3.",
        snippets: [
            .nginx: "ssl_protocols TLSv1.2 TLSv1.3;",
            .apache: "SSLProtocol -all +TLSv1.2 +TLSv1.3",
            .caddy: "tls {\n    protocols tls1.2 tls1.3\n}",
        ])

    static let suites = Fix(
        "Take only suites with an ephemeral key on a curve that encrypt and authenticate in one.",
        snippets: [
            .nginx: "ssl_ciphers \(openSSLSuites);\nssl_prefer_server_ciphers off;",
            .apache: "SSLCipherSuite \(openSSLSuites)\nSSLHonorCipherOrder off",
            .caddy: "tls {\n    ciphers \(ianaSuites)\n}",
        ])

    static let groups = Fix(
        "Exchange keys over X25519MLKEM768, X25519, P-256 and P-384 only; leave out the first where the library does not know it yet.",
        snippets: [
            .nginx: "ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;",
            .apache: "SSLOpenSSLConfCmd Curves X25519MLKEM768:X25519:prime256v1:secp384r1",
            .caddy: "tls {\n    curves x25519mlkem768 x25519 secp256r1 secp384r1\n}",
        ])

    static let prime = Fix(
        "Leave out suites with DHE, or use one of the primes of RFC 7919 with at least 2048 bits.",
        snippets: [
            .nginx:
                "# openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out /etc/ssl/ffdhe2048.pem\nssl_dhparam /etc/ssl/ffdhe2048.pem;",
            .apache: "SSLOpenSSLConfCmd DHParameters /etc/ssl/ffdhe2048.pem",
        ])

    static let stapling = Fix(
        "Let the server bring the OCSP response along.",
        snippets: [
            .nginx: "ssl_stapling on;\nssl_stapling_verify on;",
            .apache: "SSLUseStapling On\nSSLStaplingCache \"shmcb:logs/ssl_stapling(32768)\"",
        ])

    static let chain = Fix(
        "Send the server's certificate first and after it every certificate up to, but without, the root.",
        snippets: [
            .nginx: "ssl_certificate /etc/ssl/fullchain.pem;",
            .apache: "SSLCertificateFile /etc/ssl/fullchain.pem",
            .caddy: "tls /etc/ssl/fullchain.pem /etc/ssl/key.pem",
        ])

    static let compression = Fix(
        "Switch compression of TLS off.", snippets: [.apache: "SSLCompression off"])

    static let library = Fix("Update the server's TLS library; every one that is still cared for does this right.")

    private static let openSSLSuites = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")

    private static let ianaSuites = MozillaProfile.intermediate.suitesBefore.sorted().joined(separator: " ")
}
