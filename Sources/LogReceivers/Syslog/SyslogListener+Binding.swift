import Foundation
import Kernel
import NIOCore
import NIOPosix
import NIOSSL

/// The sockets that a listener has.
struct BoundSockets: Sendable {
    /// `nil` comes out for a connection that was refused at once.
    typealias Server = NIOAsyncChannel<SyslogConnection?, Never>

    var datagrams: (any Channel)?
    var servers: [Server] = []
    var ports: SyslogPorts
}

extension SyslogListener {
    /// Reads at most so much of a connection before it is handed over.
    private static let pieceSize = 64 << 10

    /// Binds all ports, or none.
    func bind() async throws -> BoundSockets {
        let encryption = try settings.encryption.map { try $0.context() }
        var bound: [any Channel] = []
        do {
            let datagrams = try await settings.datagramPort.asyncMap { port in
                let channel = try await bindDatagrams(port)
                bound.append(channel)
                return channel
            }
            let stream = try await settings.streamPort.asyncMap { port in
                let server = try await bindServer(port, encryption: nil)
                bound.append(server.channel)
                return server
            }
            let encrypted = try await settings.encryption.asyncMap { wanted in
                let server = try await bindServer(wanted.port, encryption: encryption)
                bound.append(server.channel)
                return server
            }
            return BoundSockets(
                datagrams: datagrams, servers: [stream, encrypted].compactMap { $0 },
                ports: SyslogPorts(
                    datagram: datagrams?.localAddress?.port, stream: stream?.channel.localAddress?.port,
                    encrypted: encrypted?.channel.localAddress?.port))
        } catch {
            for channel in bound { try? await channel.close() }
            throw error
        }
    }

    private func address(_ port: Int) throws -> SocketAddress {
        guard (0...65_535).contains(port), let address = try? SocketAddress(ipAddress: settings.host, port: port) else {
            throw Problem(
                .invalid, code: "logs.no-such-address", "\(settings.host) port \(port) is no address to listen on.",
                hint: "Name an IP address of this machine, or :: for all, and a port from 1 to 65535.")
        }
        return address
    }

    private func bindDatagrams(_ port: Int) async throws -> any Channel {
        let address = try address(port)
        let limits = settings.limits
        do {
            return try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.datagramVectorReadMessageCount, value: DatagramSocket.readAtOnce)
                .channelOption(
                    .recvAllocator,
                    value: FixedSizeRecvByteBufferAllocator(
                        capacity: DatagramSocket.readAtOnce * DatagramSocket.longest)
                )
                .channelOption(.maxMessagesPerRead, value: 4)
                .channelInitializer { [self] channel in
                    DatagramSocket.makeRoom(channel, bytes: limits.datagramBuffer)
                        .flatMap { Self.takeBothVersions(channel, address) }
                        .flatMapThrowing { [self] in
                            try channel.pipeline.syncOperations.addHandler(
                                DatagramReceiver(intake: intake, clock: clock, limit: limits.record))
                            DatagramSocket.watchDrops(channel) { [weak self] in self?.noteKernelDrops($0) }
                        }
                }
                .bind(to: address).get()
        } catch {
            throw Self.problem(error, settings.host, port, "UDP")
        }
    }

    private func bindServer(_ port: Int, encryption: NIOSSLContext?) async throws -> BoundSockets.Server {
        let address = try address(port)
        do {
            return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelInitializer { Self.takeBothVersions($0, address) }
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.backlog, value: 256)
                .childChannelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16 << 10, maximum: Self.pieceSize)
                )
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
                .bind(to: address) { [self] channel in
                    let connection = open(channel, encryption)
                    if connection == nil { channel.close(promise: nil) }
                    return channel.eventLoop.makeSucceededFuture(connection)
                }
        } catch {
            throw Self.problem(error, settings.host, port, "TCP")
        }
    }

    /// Looks at a connection before a byte of it is read; `nil` refuses it.
    private func open(_ channel: any Channel, _ encryption: NIOSSLContext?) -> SyslogConnection? {
        // Without an address it is gone again already.
        guard let peer = channel.remoteAddress.flatMap({ LogSender($0, over: .tcp) }),
            case .address(let address, _) = peer
        else { return nil }
        guard encryption != nil || intake.knows(peer) else {
            intake.refused(1, from: peer, because: .stranger)
            return nil
        }
        guard connections.admit(channel, from: address, encryption == nil ? .ours : .greeting) else {
            intake.refused(1, from: peer, because: .tooManyConnections)
            return nil
        }
        Self.keepAlive(channel)
        do {
            let sender =
                try encryption.map { try EncryptedGreeting.add(to: channel, $0) }
                ?? channel.eventLoop.makeSucceededFuture(peer)
            sender.whenSuccess { [connections] _ in connections.mark(channel, .ours) }
            let stream = try NIOAsyncChannel<ByteBuffer, Never>(
                wrappingChannelSynchronously: channel,
                configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2)))
            return SyslogConnection(stream: stream, peer: peer, sender: sender)
        } catch {
            // It closed while it was looked at.
            return nil
        }
    }

    /// A peer that vanished without a word is noticed within some minutes.
    private static func keepAlive(_ channel: any Channel) {
        #if os(Linux)
            guard let socket = channel as? any SocketOptionProvider else { return }
            for (option, value) in [(TCP_KEEPIDLE, 60), (TCP_KEEPINTVL, 15), (TCP_KEEPCNT, 4)] {
                _ = socket.unsafeSetSocketOption(
                    level: .tcp, name: NIOBSDSocket.Option(rawValue: CInt(option)), value: CInt(value))
            }
        #endif
    }

    /// `::` is every address of both versions of IP, whatever the system's own default is.
    private static func takeBothVersions(_ channel: any Channel, _ address: SocketAddress) -> EventLoopFuture<Void> {
        guard case .v6 = address, let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return socket.unsafeSetSocketOption(level: .ipv6, name: .ipv6_v6only, value: CInt(0))
    }

    private static func problem(_ error: any Error, _ host: String, _ port: Int, _ transport: String) -> Problem {
        let place = "port \(port) (\(transport)) of \(host)"
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            return Problem(
                .unavailable, code: "logs.port-taken", "Another program listens on \(place) already.",
                hint: "`ss -lntup` names it. End it, or choose another port.", cause: "\(error)")
        case EACCES, EPERM:
            return Problem(
                .unavailable, code: "logs.port-denied", "The system does not allow us to listen on \(place).",
                hint: "Ports below 1024 need the capability CAP_NET_BIND_SERVICE; or choose one above, such as 6514.",
                cause: "\(error)")
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            return Problem(
                .unavailable, code: "logs.no-such-address", "This machine has no such address: \(place).",
                hint: "Name one that `ip address` shows, or 0.0.0.0 where there is no IPv6.", cause: "\(error)")
        default:
            return Problem(
                .unavailable, code: "logs.not-listening", "It is not possible to listen on \(place).",
                cause: "\(error)")
        }
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
