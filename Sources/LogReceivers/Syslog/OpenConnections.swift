import Kernel
import NIOCore
import Synchronization

/// The connections that are open: how many from where, and which of them take too long.
final class OpenConnections: Sendable {
    /// What a connection is doing.
    enum Phase: Sendable {
        /// TLS is being agreed on.
        case greeting
        /// We wait for the sender.
        case listening
        /// It is our turn, and the sender waits for us: that is never held against it.
        case ours
    }

    private struct Connection {
        let address: PeerAddress
        let channel: any Channel
        var phase: Phase
        var since: ContinuousClock.Instant
    }

    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var counts: [PeerAddress: Int] = [:]
        var isEnding = false
    }

    private let limits: SyslogSettings.Limits
    private let state = Mutex(State())

    init(limits: SyslogSettings.Limits) {
        self.limits = limits
    }

    var count: Int { state.withLock { $0.connections.count } }

    /// Lets a connection in; it leaves by itself when it closes.
    ///
    /// - Returns: `false` if there are too many.
    func admit(_ channel: any Channel, from address: PeerAddress, _ phase: Phase) -> Bool {
        let isAdmitted = state.withLock { state in
            guard !state.isEnding, state.connections.count < limits.connections,
                state.counts[address, default: 0] < limits.connectionsPerAddress
            else { return false }
            state.connections[ObjectIdentifier(channel)] = Connection(
                address: address, channel: channel, phase: phase, since: .now)
            state.counts[address, default: 0] += 1
            return true
        }
        if isAdmitted { channel.closeFuture.whenComplete { [self] _ in leave(channel) } }
        return isAdmitted
    }

    func mark(_ channel: any Channel, _ phase: Phase) {
        state.withLock { state in
            state.connections[ObjectIdentifier(channel)]?.phase = phase
            state.connections[ObjectIdentifier(channel)]?.since = .now
        }
    }

    /// Closes connections that took too long.
    func closeOverdue(at now: ContinuousClock.Instant = .now) {
        let overdue = state.withLock { state in
            state.connections.values.filter { connection in
                guard let patience = limits.patience(connection.phase) else { return false }
                return now - connection.since > .milliseconds(patience.milliseconds)
            }
        }
        for connection in overdue { connection.channel.close(promise: nil) }
    }

    /// Closes all, and lets none in any more.
    func end() {
        let all = state.withLock { state in
            state.isEnding = true
            return state.connections.values.map(\.channel)
        }
        for channel in all { channel.close(promise: nil) }
    }

    private func leave(_ channel: any Channel) {
        state.withLock { state in
            guard let connection = state.connections.removeValue(forKey: ObjectIdentifier(channel)) else { return }
            let left = state.counts[connection.address, default: 1] - 1
            state.counts[connection.address] = left > 0 ? left : nil
        }
    }
}

extension SyslogSettings.Limits {
    fileprivate func patience(_ phase: OpenConnections.Phase) -> Period? {
        switch phase {
        case .greeting: greeting
        case .listening: silence
        case .ours: nil
        }
    }

    /// How often connections that take too long are looked for.
    var lookingInterval: Duration {
        .milliseconds(min(1000, max(10, min(greeting.milliseconds, silence.milliseconds) / 4)))
    }
}
