import Foundation
import NIOCore
import NIOPosix

/// What is asked of the kernel for the socket of datagrams: much room, and how often it was not enough.
enum DatagramSocket {
    /// Datagrams that are read with one system call.
    static let readAtOnce = 32
    /// The longest datagram.
    static let longest = 1 << 16

    /// Asks for room for what was not read yet: beyond what the system allows everyone if we may, else as much as that.
    static func makeRoom(_ channel: any Channel, bytes: Int) -> EventLoopFuture<Void> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        let size = CInt(clamping: bytes)
        let asEveryone: @Sendable (any Error) -> EventLoopFuture<Void> = { _ in
            socket.unsafeSetSocketOption(level: .socket, name: .so_rcvbuf, value: size)
        }
        #if os(Linux)
            return socket.unsafeSetSocketOption(
                level: .socket, name: NIOBSDSocket.Option(rawValue: SO_RCVBUFFORCE), value: size
            ).flatMapError(asEveryone)
        #else
            return asEveryone(ChannelError.operationUnsupported)
        #endif
    }

    /// Tells `note` each quarter of a second how many datagrams the kernel threw away since then, until the socket closes.
    static func watchDrops(_ channel: any Channel, note: @escaping @Sendable (UInt64) -> Void) {
        #if os(Linux)
            guard let socket = channel as? any SocketOptionProvider else { return }
            let seen = NIOLoopBoundBox(UInt32(0), eventLoop: channel.eventLoop)
            let watch = channel.eventLoop.scheduleRepeatedAsyncTask(
                initialDelay: .milliseconds(250), delay: .milliseconds(250)
            ) { _ in
                let memory: EventLoopFuture<SocketMemory> = socket.unsafeGetSocketOption(
                    level: .socket, name: NIOBSDSocket.Option(rawValue: SocketMemory.option))
                return memory.map { memory in
                    // The kernel counts in 32 bits and begins anew after them.
                    let fresh = memory.drops &- seen.value
                    seen.value = memory.drops
                    if fresh > 0 { note(UInt64(fresh)) }
                }.recover { _ in }
            }
            channel.closeFuture.whenComplete { _ in watch.cancel() }
        #endif
    }
}

/// What the kernel tells of a socket's memory: `SO_MEMINFO`, since Linux 4.12 (include/uapi/linux/sock_diag.h).
private struct SocketMemory: Sendable {
    static let option: CInt = 55

    private var inReceiveQueue: UInt32 = 0
    private var receiveBuffer: UInt32 = 0
    private var inSendQueue: UInt32 = 0
    private var sendBuffer: UInt32 = 0
    private var reserved: UInt32 = 0
    private var inWriteQueue: UInt32 = 0
    private var options: UInt32 = 0
    private var backlog: UInt32 = 0
    /// How many packets did not fit in.
    private(set) var drops: UInt32 = 0
}
