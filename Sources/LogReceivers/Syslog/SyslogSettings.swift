import Kernel

/// Where syslog is listened for, and what is put up with there.
public struct SyslogSettings: Sendable {
    /// TLS for syslog (RFC 5425): senders prove who they are with a certificate of an authority that is named here.
    public struct Encryption: Sendable {
        /// The port; 0 takes one that is free. 6514 is the usual one.
        public var port: Int
        /// The path of our certificate and those between it and the root (PEM).
        public var certificateFile: String
        /// The path of our private key (PEM).
        public var keyFile: String
        /// The path of the authorities whose client certificates are taken (PEM).
        public var clientAuthorityFile: String

        /// TLS on `port`, with files that are read when listening begins.
        public init(port: Int, certificateFile: String, keyFile: String, clientAuthorityFile: String) {
            self.port = port
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.clientAuthorityFile = clientAuthorityFile
        }
    }

    /// Bounds of what one sender, and all together, may take up.
    public struct Limits: Sendable {
        /// The most connections in all. Each may hold some 300 KiB that were read and not handed over.
        public var connections = 512
        /// The most connections from one address.
        public var connectionsPerAddress = 64
        /// The longest that a greeting (TLS) may take.
        public var greeting = Period.seconds(10)
        /// The longest that a connection may be silent. It is generous, because a sender may lose what it writes into a
        /// connection that we close; dead peers are found by keep-alive within minutes.
        public var silence = Period.hours(12)
        /// The most bytes of a record.
        public var record = 65_536
        /// How much the kernel may keep of datagrams that were not read yet, in bytes. It gives less where it is not allowed that much.
        public var datagramBuffer = 32 << 20
        /// The longest that handing over may take once listening ends; what is left then is counted as not handed over.
        public var ending = Period.seconds(10)

        /// The bounds that fit most networks.
        public init() {}
    }

    /// The address of this machine that is listened on. `::` is every one, IPv4 and IPv6; `0.0.0.0` every IPv4 one.
    public var host: String
    /// The port for datagrams; 0 takes one that is free, `nil` listens for none. 514 is the usual one.
    public var datagramPort: Int?
    /// The port for connections without TLS; 0 takes one that is free, `nil` listens for none. 514 or 601 are the usual ones.
    public var streamPort: Int?
    /// TLS; `nil` listens for none.
    public var encryption: Encryption?
    /// What is put up with.
    public var limits: Limits

    /// Settings out of their parts.
    public init(
        host: String = "::", datagramPort: Int? = nil, streamPort: Int? = nil, encryption: Encryption? = nil,
        limits: Limits = Limits()
    ) {
        self.host = host
        self.datagramPort = datagramPort
        self.streamPort = streamPort
        self.encryption = encryption
        self.limits = limits
    }
}

/// The ports that are really listened on.
public struct SyslogPorts: Sendable, Hashable {
    /// For datagrams.
    public let datagram: Int?
    /// For connections without TLS.
    public let stream: Int?
    /// For connections with TLS.
    public let encrypted: Int?
}
