import Kernel
import NIOCore
import NIOPosix
import TLSPosture

/// Asks a server everything that a plan wants to know.
public struct TLSScanner: Sendable {
    /// The longest that one answer may take.
    public let timeout: Period
    /// The longest that the whole scan may take; what is not asked by then counts as not answered.
    public let patience: Period
    /// The words before TLS, if there are any.
    public let startTLS: StartTLS?
    /// How many connections are open at once.
    public let connectionsAtOnce: Int

    /// A scanner out of its settings.
    public init(
        timeout: Period = .seconds(5), patience: Period = .seconds(60), startTLS: StartTLS? = nil,
        connectionsAtOnce: Int = 4
    ) {
        self.timeout = timeout
        self.patience = patience
        self.startTLS = startTLS
        self.connectionsAtOnce = connectionsAtOnce
    }

    /// Asks the server at `destination`.
    ///
    /// - Parameter heard: Told after each answer how many there were.
    /// - Throws: `Problem` (unavailable) `probe.no-connection` if no address of it takes a connection, `probe.no-starttls` if it
    ///   does not go over to TLS, `probe.no-tls` if it never answers in TLS.
    public func observe(
        _ destination: Destination, heard: @Sendable (_ answers: Int) -> Void = { _ in }
    ) async throws -> ServerObservations {
        var plan = ScanPlan(
            serverName: destination.isNamed ? destination.host : nil,
            applicationProtocols: startTLS == nil ? ["h2", "http/1.1"] : [], randomness: .system)
        let begun = ContinuousClock.now
        let end = begun + .milliseconds(patience.milliseconds)
        guard let first = plan.next() else { return plan.observed }
        // The first address that takes a connection is the server for the whole scan.
        let (address, answer) = try await firstAnswer(first, destination, until: end)
        plan.take(answer, to: first)
        var answers = 1
        var refusal: Alert? = answer.alert
        try await withThrowingTaskGroup(of: (Question, ServerAnswer).self) { group in
            var open = 0
            while true {
                while open < connectionsAtOnce, let question = plan.next() {
                    open += 1
                    group.addTask {
                        guard ContinuousClock.now < end else { return (question, .silence) }
                        return (question, try await ask(question, at: address, destination))
                    }
                }
                guard open > 0, let (question, answer) = try await group.next() else { return }
                open -= 1
                plan.take(answer, to: question)
                answers += 1
                refusal = refusal ?? answer.alert
                heard(answers)
            }
        }
        guard plan.observed.isTLSServer else { throw noTLS(destination, refusal) }
        return plan.observed
    }

    private func noTLS(_ destination: Destination, _ refusal: Alert?) -> Problem {
        if let refusal {
            return Problem(
                .unavailable, code: "probe.no-tls",
                "\(destination.authority) refuses every handshake (\(refusal.name)).",
                hint: refusal.code == Alert.unrecognizedName
                    ? "It serves other names than \(destination.host): name the one that its visitors use."
                    : "It may want a client's certificate, another name, or clients that it knows.")
        }
        return Problem(
            .unavailable, code: "probe.no-tls", "\(destination.authority) does not answer in TLS.",
            hint: startTLS == nil
                ? "Check the port; where TLS begins after a few words, name the protocol with --starttls."
                : "Check the port.")
    }

    private func firstAnswer(
        _ question: Question, _ destination: Destination, until end: ContinuousClock.Instant
    ) async throws -> (SocketAddress, ServerAnswer) {
        var failure: (any Error)?
        for (number, address) in destination.addresses.enumerated() where number == 0 || ContinuousClock.now < end {
            try Task.checkCancellation()
            do {
                return (address, try await connect(question, to: address, destination))
            } catch let error as Unconnected {
                failure = error
            }
        }
        throw Problem(
            .unavailable, code: "probe.no-connection", "\(destination.authority) takes no connection.",
            hint: "Check the port, and whether a firewall stands between.", cause: failure.map { "\($0)" })
    }

    /// An address that took a connection before and takes none now has ended it, as far as the plan is concerned.
    private func ask(
        _ question: Question, at address: SocketAddress, _ destination: Destination
    ) async throws -> ServerAnswer {
        do {
            return try await connect(question, to: address, destination)
        } catch is Unconnected {
            return .closed
        }
    }

    private struct Unconnected: Error { let cause: any Error }

    private func connect(
        _ question: Question, to address: SocketAddress, _ destination: Destination
    ) async throws -> ServerAnswer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answered = loop.makePromise(of: ServerAnswer.self)
        let dialog = startTLS.map { StartTLSDialog($0, host: destination.host) }
        let time = TimeAmount.milliseconds(timeout.milliseconds)
        let connection = ClientBootstrap(group: loop)
            .connectTimeout(time)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FlightHandler(question, dialog: dialog, timeout: time, answered: answered))
                }
            }
            .connect(to: address)
        do {
            _ = try await connection.get()
        } catch {
            // The handler has answered already when it was taken out; nobody else waits for that answer.
            answered.succeed(.closed)
            throw Unconnected(cause: error)
        }
        return try await answered.futureResult.get()
    }
}

extension Destination {
    /// Whether it was named, and not given as an address: only names go into a hello (RFC 6066 §3).
    var isNamed: Bool { literalAddress == nil }

    /// The 4 or 16 bytes of an address that was given instead of a name.
    public var literalAddress: [UInt8]? { (try? SocketAddress(ipAddress: host, port: port))?.addressBytes }
}
