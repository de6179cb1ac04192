import Kernel
import LogFormats
import NIOCore
import NIOPosix
import Synchronization

/// Listens for syslog over UDP, TCP and TLS, and hands over what comes.
///
/// A sender with a connection is slowed down while the intake has no room: nothing more is read from it. Datagrams cannot be
/// slowed down; what there is no room for is counted, by the intake or by the kernel (``kernelDrops``).
public final class SyslogListener: Sendable {
    private struct State {
        var ports: SyslogPorts?
        var kernelDrops: UInt64 = 0
    }

    let settings: SyslogSettings
    let intake: any LogIntake
    let clock: WallClock
    let connections: OpenConnections
    private let listening: @Sendable (SyslogPorts) -> Void
    private let state = Mutex(State())

    /// A listener; nothing is bound before ``run()``.
    ///
    /// - Parameter listening: Told the ports once all of them are bound.
    public init(
        _ settings: SyslogSettings, intake: any LogIntake, clock: WallClock = .system,
        listening: @escaping @Sendable (SyslogPorts) -> Void = { _ in }
    ) {
        self.settings = settings
        self.intake = intake
        self.clock = clock
        self.listening = listening
        connections = OpenConnections(limits: settings.limits)
    }

    /// The ports that are listened on; `nil` before they are bound.
    public var ports: SyslogPorts? { state.withLock { $0.ports } }

    /// How many datagrams the kernel has thrown away because they came faster than they were read, since listening began. At most a
    /// quarter of a second old.
    public var kernelDrops: UInt64 { state.withLock { $0.kernelDrops } }

    /// How many connections are open.
    public var openConnections: Int { connections.count }

    /// Listens until the task is cancelled; then closes, hands over what was read, and returns.
    ///
    /// - Throws: `Problem` (unavailable) `logs.port-taken`, `logs.port-denied`, `logs.no-such-address` or `logs.not-listening` if a
    ///   port cannot be had, `logs.tls-files` if TLS cannot be set up, `logs.listening-ended` if the system ends it.
    public func run() async throws {
        let sockets = try await bind()
        state.withLock { $0.ports = sockets.ports }
        listening(sockets.ports)
        // The work itself is not cancelled with this task: what was read must still be handed over. It ends because its sockets
        // close, and is cancelled only when handing over takes too long.
        let serving = Task { await serve(sockets) }
        await withTaskCancellationHandler {
            await serving.value
        } onCancel: {
            end(sockets)
            let patience = TimeAmount.milliseconds(settings.limits.ending.milliseconds)
            MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: patience) { serving.cancel() }
        }
        guard !Task.isCancelled else { return }
        throw Problem(
            .unavailable, code: "logs.listening-ended", "The system ended listening for syslog.",
            hint: "It is begun again with the next start; look at the system's own log for the reason.")
    }

    private func serve(_ sockets: BoundSockets) async {
        await withTaskGroup(of: Void.self) { watch in
            watch.addTask {
                while (try? await Task.sleep(for: self.settings.limits.lookingInterval)) != nil {
                    self.connections.closeOverdue()
                }
            }
            await withTaskGroup(of: Void.self) { listening in
                for server in sockets.servers {
                    listening.addTask { await self.takeConnections(of: server) }
                }
                if let datagrams = sockets.datagrams {
                    listening.addTask { try? await datagrams.closeFuture.get() }
                }
                // Whichever ends first ends all: half a listener is a gap that nobody sees.
                await listening.next()
                end(sockets)
                await listening.waitForAll()
            }
            watch.cancelAll()
        }
    }

    private func takeConnections(of server: BoundSockets.Server) async {
        await withDiscardingTaskGroup { serving in
            // An error of the listening socket ends it; that is told by `run`.
            try? await server.executeThenClose { accepted in
                for try await connection in accepted {
                    if let connection { serving.addTask { await self.receive(from: connection) } }
                }
            }
        }
    }

    /// Connections end before the sockets that accept them: one that is accepted in between is then refused, and not forgotten.
    private func end(_ sockets: BoundSockets) {
        connections.end()
        for server in sockets.servers { server.channel.close(promise: nil) }
        sockets.datagrams?.close(promise: nil)
    }

    func noteKernelDrops(_ count: UInt64) {
        state.withLock { $0.kernelDrops += count }
    }
}
