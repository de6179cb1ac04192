import Kernel
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A server that probes may go to: the addresses are found and judged once, so that a name cannot lead elsewhere later.
public struct Destination: Hashable, Sendable {
    /// The name or address as it stood in the target, without brackets.
    public let host: String
    /// The port, 1…65535.
    public let port: Int
    /// Where to connect to, in this order; at least one.
    public let addresses: [SocketAddress]

    /// `host:port`, an IPv6 address in brackets.
    public var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Finds the addresses of names. Injected, so that tests can answer otherwise the second time.
public struct Resolver: Sendable {
    private let addresses: @Sendable (_ host: String, _ port: Int) async throws -> [SocketAddress]

    /// A resolver that asks `addresses` each time.
    public init(addresses: @escaping @Sendable (_ host: String, _ port: Int) async throws -> [SocketAddress]) {
        self.addresses = addresses
    }

    /// The system's, asked on a few threads of its own: a name server that does not answer holds up those who ask for names and
    /// nobody else.
    public static let system = Resolver { host, port in
        try await threads.runIfActive { try systemAddresses(of: host, port: port) }
    }

    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 16)
        pool.start()
        return pool
    }()

    /// The most addresses of one name that are tried.
    private static let addressLimit = 8

    /// The server at `host` and `port`, if probes of this reach may go there.
    ///
    /// - Parameters:
    ///   - host: A name, or an address without brackets.
    ///   - port: 1…65535.
    /// - Throws: `Problem` (unavailable) `probe.unknown-host` if the name has no address, `probe.private-address` (refused) if
    ///   each lies where this reach must not go; `CancellationError`.
    public func destination(_ host: String, port: Int, reach: Reach) async throws -> Destination {
        let found: [SocketAddress]
        do {
            found = try await inTime(host, port)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Problem(
                .unavailable, code: "probe.unknown-host", "There is no address for \(host).",
                hint: "Check the name, and that this machine can resolve names.", cause: "\(error)")
        }
        let allowed = found.filter { reach.allows($0) }
        guard !allowed.isEmpty else {
            throw Problem(
                .refused, code: "probe.private-address",
                "\(host) leads to an address that is not public, and was not visited.",
                hint: reach == .internalAddresses
                    ? "No scan goes there: such addresses belong to one link or to the machine, and clouds keep secrets there."
                    : "If it is meant, scan with --internal, or register the site with `vouchsafe sites add --internal`."
            )
        }
        return Destination(host: host, port: port, addresses: Array(allowed.prefix(Self.addressLimit)))
    }

    /// The most time that finding addresses takes; the thread that asks may go on for longer, whoever waits for it does not.
    private static let patience = TimeAmount.seconds(10)

    private func inTime(_ host: String, _ port: Int) async throws -> [SocketAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [SocketAddress].self)
        let outcome = Outcome(promise)
        let timer = loop.scheduleTask(in: Self.patience) { outcome.end(.failure(Unresolved(reason: "timed out"))) }
        defer { timer.cancel() }
        Task { [addresses] in
            do {
                outcome.end(.success(try await addresses(host, port)))
            } catch { outcome.end(.failure(error)) }
        }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            outcome.end(.failure(CancellationError()))
        }
    }

    /// A promise that whoever comes first fulfils.
    private final class Outcome: Sendable {
        private let promise: Mutex<EventLoopPromise<[SocketAddress]>?>

        init(_ promise: EventLoopPromise<[SocketAddress]>) { self.promise = Mutex(promise) }

        func end(_ result: Result<[SocketAddress], any Error>) {
            promise.withLock { promise in
                defer { promise = nil }
                return promise
            }?.completeWith(result)
        }
    }

    private static func systemAddresses(of host: String, port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { throw Unresolved(reason: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            guard let raw = entry.pointee.ai_addr else { continue }
            switch entry.pointee.ai_family {
            case AF_INET:
                found.append(
                    raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee, host: host) })
            case AF_INET6:
                found.append(
                    raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee, host: host) })
            default: continue
            }
        }
        return found
    }

    private struct Unresolved: Error { let reason: String }
}
