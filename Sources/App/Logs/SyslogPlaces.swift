import LogReceivers

/// Where a server listens for syslog.
public struct SyslogPlaces: Sendable {
    /// The address of this machine to listen on.
    public var host: String
    /// The port for UDP; 0 for one that is free, `nil` for none.
    public var datagramPort: Int?
    /// The port for TCP.
    public var streamPort: Int?
    /// The port for TLS, with the server's own certificate.
    public var encryptedPort: Int?
    /// The authorities in PEM whose client certificates are taken, for TLS.
    public var clientAuthorityFile: String?

    /// Places out of their parts.
    public init(
        host: String, datagramPort: Int?, streamPort: Int?, encryptedPort: Int?, clientAuthorityFile: String?
    ) {
        self.host = host
        self.datagramPort = datagramPort
        self.streamPort = streamPort
        self.encryptedPort = encryptedPort
        self.clientAuthorityFile = clientAuthorityFile
    }

    /// As the receivers take them; `nil` where nothing is to be listened for.
    ///
    /// - Parameter certificate: The server's own.
    func settings(certificate: CertificateFiles) -> SyslogSettings? {
        guard datagramPort != nil || streamPort != nil || encryptedPort != nil else { return nil }
        return SyslogSettings(
            host: host, datagramPort: datagramPort, streamPort: streamPort,
            encryption: encryptedPort.flatMap { port in
                clientAuthorityFile.map { clients in
                    SyslogSettings.Encryption(
                        port: port, certificateFile: certificate.certificate, keyFile: certificate.key,
                        clientAuthorityFile: clients)
                }
            })
    }
}

extension SyslogPorts {
    /// The ports that are listened on, in words.
    var words: String {
        [("UDP", datagram), ("TCP", stream), ("TLS", encrypted)].compactMap { name, port in
            port.map { "\(name) port \($0)" }
        }.joined(separator: ", ")
    }
}
