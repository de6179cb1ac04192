import App
import ArgumentParser

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

    var places: SyslogPlaces {
        SyslogPlaces(
            host: syslogHost, datagramPort: syslogUdp, streamPort: syslogTcp, encryptedPort: syslogTls,
            clientAuthorityFile: syslogClients)
    }
}
