import Foundation
import TestSupport

/// One nginx with a server for each configuration, on ports of this machine that were free, and an authority of its own.
final class NginxServers {
    /// One certificate and how it is made.
    struct Certificate: Decodable {
        var key: String
        var issuer: String?
        var md: String
        var days: Int
        var san: String
        var isExpired = false
        var isSelfSigned = false
        var extra: String?

        enum CodingKeys: String, CodingKey { case key, issuer, md, days, san, extra }
    }

    /// One server's lines.
    struct Server {
        let certificates: [String]
        let lines: [String]
    }

    static let program = "/usr/sbin/nginx"
    static var isInstalled: Bool {
        [program, "/usr/bin/openssl", "/usr/bin/curl"].allSatisfy(FileManager.default.isExecutableFile)
    }

    private let folder: TemporaryFolder
    private var processID: Int32 = 0
    private(set) var ports: [Int] = []
    private var statusPort = 0

    /// Makes what the servers need and starts them; returns once they listen.
    init(_ servers: [Server], certificates: [String: Certificate]) throws {
        folder = try TemporaryFolder()
        try makeAuthorities()
        for (name, certificate) in certificates { try make(certificate, name) }
        try openSSL("genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dh2048.pem")
        if servers.contains(where: { $0.lines.contains { $0.contains("dh1024") } }) {
            try openSSL("dhparam -dsaparam -out dh1024.pem 1024")
        }
        // Another process may take a port between its choice and its use.
        for attempt in 1... {
            try start(servers)
            if processID > 0 { return }
            guard attempt < 3 else { throw CocoaError(.executableLoad) }
        }
    }

    deinit { if processID > 0 { kill(processID, SIGTERM) } }

    /// The certificates that clients of these servers trust.
    func anchors() throws -> [UInt8] { try bytes("ca.pem") + bytes("rca.pem") }

    /// How many connections nginx has accepted so far; asking is one of them.
    func accepted() throws -> Int {
        let page = try Self.run("/usr/bin/curl", ["-s", "http://127.0.0.1:\(statusPort)/"], in: folder.path)
        // The third line: accepted, handled, requests.
        let numbers = page.split(separator: "\n").dropFirst(2).first?.split(separator: " ").compactMap { Int($0) }
        return numbers?.first ?? 0
    }

    // MARK: - Certificates

    private func makeAuthorities() throws {
        let usage = "-addext keyUsage=critical,keyCertSign,cRLSign"
        try openSSL(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650 -subj /CN=Test-CA \(usage)"
        )
        try openSSL(
            "req -x509 -newkey rsa:2048 -nodes -keyout rca.key -out rca.pem -days 3650 -subj /CN=Test-RSA-CA \(usage)")
        try openSSL("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out inter.key")
        try openSSL("req -new -key inter.key -subj /CN=Test-Inter -out inter.csr")
        try write(
            "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n",
            "inter.ext")
        try openSSL(
            "x509 -req -in inter.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile inter.ext -out inter.pem"
        )
        try write("", "index.txt")
        try write("01\n", "serial")
        try write(
            "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n",
            "ca.cnf")
    }

    private func make(_ certificate: Certificate, _ name: String) throws {
        try openSSL("genpkey \(certificate.key) -out \(name).key")
        try openSSL("req -new -key \(name).key -subj /CN=localhost -out \(name).csr")
        try write(
            """
            subjectAltName=\(certificate.san)
            keyUsage=critical,digitalSignature,keyEncipherment
            extendedKeyUsage=serverAuth
            basicConstraints=critical,CA:FALSE
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            \(certificate.extra ?? "")

            """, "\(name).ext")
        let files = "-in \(name).csr -extfile \(name).ext -out \(name).pem"
        if certificate.isSelfSigned {
            try openSSL("x509 -req \(files) -signkey \(name).key -days \(certificate.days)")
        } else if certificate.isExpired {
            try openSSL(
                "ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key \(files) -notext -startdate 20260101000000Z -enddate 20260301000000Z"
            )
        } else {
            let issuer = certificate.issuer ?? "ca"
            try openSSL(
                "x509 -req \(files) -CA \(issuer).pem -CAkey \(issuer).key -CAcreateserial -days \(certificate.days) -\(certificate.md)"
            )
        }
        if name.hasSuffix("full") {
            try Data(bytes("\(name).pem") + bytes("inter.pem")).write(to: url("\(name).pem"))
        }
    }

    private func openSSL(_ arguments: String) throws {
        _ = try Self.run("/usr/bin/openssl", arguments.split(separator: " ").map(String.init), in: folder.path)
    }

    // MARK: - nginx

    private func start(_ servers: [Server]) throws {
        let free = try FreePorts.find(servers.count + 1)
        ports = Array(free.dropLast())
        statusPort = free[servers.count]
        var text = """
            worker_processes 1;
            pid \(folder.path)/nginx.pid;
            error_log \(folder.path)/error.log;
            events { worker_connections 2048; }
            http {
            access_log off;
            server { listen 127.0.0.1:\(statusPort); location / { stub_status; } }

            """
        for (port, server) in zip(ports, servers) {
            text += "server { listen 127.0.0.1:\(port) ssl; return 200;\n"
            for name in server.certificates {
                text += "ssl_certificate \(folder.path)/\(name).pem; ssl_certificate_key \(folder.path)/\(name).key;\n"
            }
            text +=
                server.lines.map { $0.replacingOccurrences(of: "FOLDER", with: folder.path) + ";\n" }.joined() + "}\n"
        }
        try write(text + "}\n", "nginx.conf")
        // It goes into the background once it listens, and the process that was started ends only then.
        guard try Self.startAndWait([Self.program, "-c", folder.path + "/nginx.conf", "-p", folder.path]) == 0 else {
            return
        }
        processID =
            Int32(String(decoding: try bytes("nginx.pid"), as: UTF8.self).trimmingCharacters(in: .newlines)) ?? 0
    }

    private func url(_ name: String) -> URL { URL(fileURLWithPath: folder.path + "/" + name) }
    private func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(name))) }
    private func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: url(name)) }

    /// Foundation's own process would not end before what it left in the background.
    private static func startAndWait(_ words: [String]) throws -> Int32 {
        var arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var id: pid_t = 0
        guard posix_spawn(&id, words[0], nil, nil, &arguments, environ) == 0 else { throw CocoaError(.executableLoad) }
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private static func run(_ program: String, _ arguments: [String], in folder: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return String(decoding: text, as: UTF8.self)
    }
}
