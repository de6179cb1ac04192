import App
import ArgumentParser
import Kernel
import LogReceivers

/// Where `serve` listens for syslog.
struct SyslogOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The address to listen on for syslog.", valueName: "address"))
    var syslogHost = "::"

    @Option(help: ArgumentHelp("Listen for syslog over UDP on this port, usually 514.", valueName: "port"))
    var syslogUdp: Int?

    @Option(help: ArgumentHelp("Listen for syslog over TCP on this port, usually 514 or 601.", valueName: "port"))
    var syslogTcp: Int?

    @Option(
        help: ArgumentHelp(
            "Listen for syslog over TLS on this port, usually 6514, with the server's certificate.", valueName: "port"))
    var syslogTls: Int?

    @Option(
        help: ArgumentHelp(
            "The authorities in PEM whose client certificates may send syslog over TLS.", valueName: "file"))
    var syslogClients: String?

    func validate() throws {
        for port in [syslogUdp, syslogTcp, syslogTls].compactMap({ $0 }) where !(0...65_535).contains(port) {
            throw ValidationError("\(port) is no port.")
        }
        guard (syslogTls == nil) == (syslogClients == nil) else {
            throw ValidationError("Give --syslog-tls and --syslog-clients together: senders show who they are.")
        }
    }

    /// - Parameter certificate: The files that the server was given; `nil` for those of its own making.
    func settings(certificate: CertificateFiles?, in folder: DataFolder) -> SyslogSettings? {
        guard syslogUdp != nil || syslogTcp != nil || syslogTls != nil else { return nil }
        return SyslogSettings(
            host: syslogHost, datagramPort: syslogUdp, streamPort: syslogTcp,
            encryption: syslogTls.flatMap { port in
                syslogClients.map { clients in
                    SyslogSettings.Encryption(
                        port: port, certificateFile: certificate?.certificate ?? folder.certificate,
                        keyFile: certificate?.key ?? folder.certificateKey, clientAuthorityFile: clients)
                }
            })
    }

    /// The ports that are listened on, in words.
    static func words(_ ports: SyslogPorts) -> String {
        [("UDP", ports.datagram), ("TCP", ports.stream), ("TLS", ports.encrypted)].compactMap { name, port in
            port.map { "\(name) port \($0)" }
        }.joined(separator: ", ")
    }
}
