import Foundation
import Kernel
import Synchronization
import TestSupport
import Testing

@testable import LogReceivers

/// Starts a listener on free ports and stops it at the end.
func listening(
    _ settings: SyslogSettings, _ intake: RecordingIntake,
    _ body: (SyslogListener, SyslogPorts) async throws -> Void
) async throws {
    let listener = SyslogListener(settings, intake: intake)
    try await during({ try await listener.run() }) {
        #expect(await eventually { listener.ports != nil })
        try await body(listener, try #require(listener.ports))
    }
    #expect(listener.openConnections == 0)
}

@Suite("Listening for syslog", .timeLimit(.minutes(3)))
struct SyslogListenerTests {
    private static let loopback = SyslogSettings(host: "127.0.0.1", datagramPort: 0, streamPort: 0)
    private static func address(_ transport: LogSender.Transport) throws -> LogSender {
        .address(try #require(PeerAddress("127.0.0.1")), transport)
    }

    @Test("datagrams, each a record, from whoever sent them")
    func datagrams() async throws {
        let intake = RecordingIntake()
        try await listening(Self.loopback, intake) { _, ports in
            let (first, second) = (
                try Peer(SOCK_DGRAM, port: try #require(ports.datagram)),
                try Peer(SOCK_DGRAM, port: try #require(ports.datagram), from: 0x7F00_0002)
            )
            try await first.send("<13>one\n")
            try await second.send("<13>two\nlines")
            try await first.send("")
            try await first.send([UInt8](repeating: 0x61, count: 65_507))
            #expect(await eventually { intake.count == 3 })
        }
        let other = LogSender.address(try #require(PeerAddress("127.0.0.2")), .udp)
        #expect(intake.records(of: try Self.address(.udp)).map(\.utf8.count) == [7, 65_507])
        #expect(intake.records(of: other) == ["<13>two\nlines"])
    }

    @Test("IPv4 senders are themselves where both versions of IP are listened to")
    func bothVersions() async throws {
        let intake = RecordingIntake()
        try await listening(SyslogSettings(host: "::", datagramPort: 0, streamPort: 0), intake) { _, ports in
            try await Peer(SOCK_DGRAM, port: try #require(ports.datagram)).send("<13>one")
            let peer = try Peer(SOCK_STREAM, port: try #require(ports.stream))
            try await peer.send("<13>two\n")
            #expect(await eventually { intake.count == 2 })
        }
        #expect(intake.senders == [try Self.address(.udp), try Self.address(.tcp)])
    }

    @Test("a connection's messages come in order, those of one read in one batch, the last without an end as well")
    func connection() async throws {
        let intake = RecordingIntake()
        let messages = (0..<20_000).map { "<13>message number \($0)" }
        try await listening(Self.loopback, intake) { _, ports in
            let peer = try Peer(SOCK_STREAM, port: try #require(ports.stream))
            try await peer.send(messages.map { "\($0.utf8.count) \($0)" }.joined() + "<13>last")
            await peer.finish()
            #expect(await eventually { intake.count == messages.count + 1 })
        }
        #expect(intake.records == messages + ["<13>last"])
        #expect(intake.state.withLock { $0.batches.count } < messages.count / 20)
    }

    @Test("a sender that is not read is slowed down and loses nothing, and the others go on")
    func backPressure() async throws {
        let intake = RecordingIntake()
        try await listening(Self.loopback, intake) { _, ports in
            let port = try #require(ports.stream)
            intake.fill()
            let peer = try Peer(SOCK_STREAM, port: port)
            let lines = (0..<200_000).map { "<13>line \($0) \(String(repeating: "x", count: 60))\n" }
            let bytes = Array(lines.joined().utf8)
            var sent = 0
            // It is stuck when nothing went for a while though there is more.
            var stuck = 0
            while stuck < 50, sent < bytes.count {
                if let count = peer.sendWithoutWaiting(bytes[sent..<min(sent + 65_536, bytes.count)]) {
                    sent += count
                    stuck = 0
                } else {
                    stuck += 1
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            #expect(sent < bytes.count, "all of \(bytes.count) bytes went")
            #expect(intake.count == 0)
            #expect(intake.state.withLock { $0.waiting } == 1)
            // Datagrams are not kept waiting; they are offered, and counted.
            try await Peer(SOCK_DGRAM, port: try #require(ports.datagram)).send("<13>dropped")
            #expect(await eventually { intake.state.withLock { $0.dropped } == 1 })
            intake.empty()
            let other = try Peer(SOCK_STREAM, port: port, from: 0x7F00_0003)
            try await other.send("<13>other\n")
            try await peer.send(Array(bytes[sent...]))
            #expect(await eventually { intake.count == lines.count + 1 })
        }
        #expect(intake.records(of: try Self.address(.tcp)).count == 200_000)
        #expect(intake.records(of: try Self.address(.tcp)).last?.hasPrefix("<13>line 199999 ") == true)
    }

    @Test("one sender that floods does not stop another")
    func fairness() async throws {
        let intake = RecordingIntake()
        try await listening(Self.loopback, intake) { _, ports in
            let port = try #require(ports.stream)
            let flood = try Peer(SOCK_STREAM, port: port, from: 0x7F00_0004)
            let bytes = Array(String(repeating: "<13>flood\n", count: 6000).utf8)
            let flooding = Task { while !Task.isCancelled { try await flood.send(bytes) } }
            defer { flooding.cancel() }
            #expect(await eventually { intake.count > 10_000 })
            let quiet = try Peer(SOCK_STREAM, port: port)
            for number in 0..<20 {
                try await quiet.send("<13>quiet \(number)\n")
                let expected = number + 1
                #expect(try await eventually { try intake.count(of: Self.address(.tcp)) == expected })
            }
        }
    }

    @Test("a stranger is not read, over TCP and UDP, and is counted")
    func strangers() async throws {
        let intake = RecordingIntake()
        intake.state.withLock { $0.isStranger = { _ in true } }
        try await listening(Self.loopback, intake) { _, ports in
            let peer = try Peer(SOCK_STREAM, port: try #require(ports.stream))
            #expect(await peer.isClosed())
            let datagrams = try Peer(SOCK_DGRAM, port: try #require(ports.datagram))
            for _ in 0..<10 { try await datagrams.send("<13>x") }
            #expect(await eventually { intake.faults(.stranger) == 11 })
        }
        #expect(intake.count == 0)
    }

    @Test("who becomes a stranger while connected is cut off, and what came before is kept")
    func laterStranger() async throws {
        let intake = RecordingIntake()
        try await listening(Self.loopback, intake) { _, ports in
            let peer = try Peer(SOCK_STREAM, port: try #require(ports.stream))
            try await peer.send("<13>one\n")
            #expect(await eventually { intake.count == 1 })
            intake.state.withLock { $0.isStranger = { _ in true } }
            try await peer.send("<13>two\n")
            #expect(await peer.isClosed())
        }
        #expect(intake.faults(.stranger) == 1)
    }

    @Test("connections are bounded, in all and from one address")
    func bounds() async throws {
        let intake = RecordingIntake()
        var settings = Self.loopback
        settings.limits.connections = 3
        settings.limits.connectionsPerAddress = 2
        try await listening(settings, intake) { listener, ports in
            let port = try #require(ports.stream)
            var open = [try Peer(SOCK_STREAM, port: port), try Peer(SOCK_STREAM, port: port)]
            #expect(await eventually { listener.openConnections == 2 })
            #expect(await (try Peer(SOCK_STREAM, port: port)).isClosed())
            open.append(try Peer(SOCK_STREAM, port: port, from: 0x7F00_0002))
            #expect(await eventually { listener.openConnections == 3 })
            #expect(await (try Peer(SOCK_STREAM, port: port, from: 0x7F00_0003)).isClosed())
            #expect(intake.faults(.tooManyConnections) == 2)
            open.removeFirst()
            #expect(await eventually { listener.openConnections == 2 })
            let later = try Peer(SOCK_STREAM, port: port)
            try await later.send("<13>later\n")
            #expect(await eventually { intake.records == ["<13>later"] })
        }
    }

    @Test("a connection that is silent for too long is closed, one that waits for us is not")
    func silence() async throws {
        let intake = RecordingIntake()
        var settings = Self.loopback
        settings.limits.silence = .seconds(2)
        try await listening(settings, intake) { listener, ports in
            let port = try #require(ports.stream)
            intake.fill()
            let waiting = try Peer(SOCK_STREAM, port: port)
            try await waiting.send("<13>one\n")
            #expect(await eventually { intake.state.withLock { $0.waiting } == 1 })
            let silent = try Peer(SOCK_STREAM, port: port)
            #expect(await silent.isClosed())
            #expect(listener.openConnections == 1)
            intake.empty()
            #expect(await eventually { intake.count == 1 })
            #expect(await waiting.isClosed())
        }
    }

    @Test("what was read when listening ends is handed over, also to an intake that has no room yet")
    func ending() async throws {
        let intake = RecordingIntake()
        intake.fill()
        var settings = Self.loopback
        // Longer than a busy machine keeps this test waiting.
        settings.limits.ending = .minutes(10)
        let listener = SyslogListener(settings, intake: intake)
        let running = Task { try await listener.run() }
        #expect(await eventually { listener.ports != nil })
        let peer = try Peer(SOCK_STREAM, port: try #require(listener.ports?.stream))
        try await peer.send("<13>one\n<13>cut o")
        #expect(await eventually { intake.state.withLock { $0.waiting } == 1 })
        running.cancel()
        #expect(await peer.isClosed())
        intake.empty()
        try await running.value
        #expect(intake.records == ["<13>one", "<13>cut o"])
    }

    @Test("what finds no room before the end's limit is counted")
    func notHandedOver() async throws {
        let intake = RecordingIntake()
        intake.fill()
        var settings = Self.loopback
        settings.limits.ending = Period(milliseconds: 50)
        let listener = SyslogListener(settings, intake: intake)
        let running = Task { try await listener.run() }
        #expect(await eventually { listener.ports != nil })
        let peer = try Peer(SOCK_STREAM, port: try #require(listener.ports?.stream))
        try await peer.send("<13>one\n<13>two\n")
        #expect(await eventually { intake.state.withLock { $0.waiting } == 1 })
        running.cancel()
        try await running.value
        #expect(intake.faults(.notHandedOver) == 2)
    }

    @Test("an intake that refuses ends the connection, and what it refused is counted")
    func failing() async throws {
        let intake = RecordingIntake()
        intake.state.withLock { $0.failures = 1 }
        try await listening(Self.loopback, intake) { _, ports in
            let peer = try Peer(SOCK_STREAM, port: try #require(ports.stream))
            try await peer.send("<13>one\n")
            #expect(await peer.isClosed())
            #expect(intake.faults(.notHandedOver) == 1)
        }
    }

    @Test("a port that is taken is named, and nothing else stays bound")
    func taken() async throws {
        let closed = try ClosedPort()
        let free = try FreePorts.find(1)[0]
        let settings = SyslogSettings(host: "127.0.0.1", datagramPort: free, streamPort: closed.number)
        let problem = try #require(
            await problem { try await SyslogListener(settings, intake: RecordingIntake()).run() })
        #expect(problem.code == "logs.port-taken")
        #expect(problem.message.contains("\(closed.number)"))
        #expect(problem.hint != nil)
        // Free again: it can be bound.
        try await listening(SyslogSettings(host: "127.0.0.1", datagramPort: free), RecordingIntake()) { _, ports in
            #expect(ports.datagram == free)
        }
    }

    @Test(
        "an address that is not ours, or none, is a problem",
        arguments: [("192.0.2.1", 5140), ("localhost", 5140), ("127.0.0.1", 70_000)])
    func wrongAddress(host: String, port: Int) async throws {
        let problem = await problem {
            try await SyslogListener(SyslogSettings(host: host, streamPort: port), intake: RecordingIntake()).run()
        }
        #expect(problem?.code == "logs.no-such-address")
    }

    @Test("a flood of datagrams beyond the room there is: each is kept, or counted")
    func flood() async throws {
        let intake = RecordingIntake()
        try await listening(Self.loopback, intake) { listener, ports in
            let peer = try Peer(SOCK_DGRAM, port: try #require(ports.datagram))
            let dropped = { intake.state.withLock { $0.dropped } }
            for number in 0..<20_000 {
                if number == 5000 { intake.fill() }
                if number == 15_000 {
                    // On a busy machine the listener may not have had its turn so far.
                    #expect(await eventually { dropped() > 0 })
                    intake.empty()
                }
                try await peer.send("<13>datagram \(number)")
            }
            #expect(await eventually { intake.count + dropped() + Int(listener.kernelDrops) == 20_000 })
        }
    }

    @Test("listening may end at any moment, with connections coming and going", arguments: 0..<10 as Range<UInt64>)
    func endings(seed: UInt64) async throws {
        var generator = SeededGenerator(seed)
        let intake = RecordingIntake()
        let listener = SyslogListener(Self.loopback, intake: intake)
        let running = Task { try await listener.run() }
        #expect(await eventually { listener.ports != nil })
        let port = try #require(listener.ports?.stream)
        let lasts = Int.random(in: 0..<60, using: &generator)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for _ in 0..<40 {
                        guard let peer = try? Peer(SOCK_STREAM, port: port, from: 0x7F00_0010 + UInt32(number)) else {
                            return
                        }
                        guard (try? await peer.send("<13>one\n<13>tw")) != nil else { return }
                    }
                }
            }
            group.addTask {
                _ = await eventually(within: .seconds(5)) { intake.count >= lasts }
                running.cancel()
            }
        }
        try await running.value
        #expect(listener.openConnections == 0)
        #expect(Set(intake.records).isSubset(of: ["<13>one", "<13>tw"]))
    }

    @Test("datagrams that the kernel threw away are counted")
    func kernelDrops() async throws {
        let intake = RecordingIntake()
        // Asking it holds up the event loop, as a machine that is too busy would.
        let isHeld = Mutex(true)
        intake.state.withLock { state in
            state.isStranger = { _ in
                while isHeld.withLock({ $0 }) { usleep(1000) }
                return false
            }
        }
        var settings = Self.loopback
        settings.limits.datagramBuffer = 4096
        try await listening(settings, intake) { listener, ports in
            let peer = try Peer(SOCK_DGRAM, port: try #require(ports.datagram))
            let message = [UInt8](repeating: 0x61, count: 1000)
            for _ in 0..<500 { try await peer.send(message) }
            isHeld.withLock { $0 = false }
            #expect(await eventually { intake.count + Int(listener.kernelDrops) == 500 })
            #expect(listener.kernelDrops > 0)
            #expect(intake.count > 0)
        }
    }
}
