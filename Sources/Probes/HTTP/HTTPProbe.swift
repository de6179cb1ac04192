import Kernel
import NIOCore
import NIOPosix
import NIOSSL
import WebPosture

/// Asks web servers, one exchange at a time, and gets an answer or a reason in bounded time and space whatever they do.
///
/// Goes to the addresses that ``Resolver`` judged and to no others; follows nothing by itself. HTTP/1.1 and HTTP/2, as the
/// server chooses. A value that many scans share: one list of authorities, one group of event loops.
public struct HTTPProbe: Sendable {
    private let resolver: Resolver
    private let trust: ServerTrust
    private let context: NIOSSLContext
    private let limits: HTTPLimits
    private let userAgent: String
    private let group: any EventLoopGroup

    /// A probe.
    ///
    /// - Parameters:
    ///   - userAgent: What it calls itself where a request does not say otherwise.
    ///   - resolver: Finds and judges addresses.
    ///   - trust: Which authorities it trusts.
    ///   - limits: How much of an answer it reads.
    ///   - group: Where its connections run.
    /// - Throws: `Problem` (unavailable) `probe.tls-library` if encryption cannot be set up at all.
    public init(
        userAgent: String, resolver: Resolver = .system, trust: ServerTrust = .system,
        limits: HTTPLimits = HTTPLimits(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) throws(Problem) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // Old servers are to be looked at too; what they offer is judged elsewhere.
        configuration.minimumTLSVersion = .tlsv1
        configuration.applicationProtocols = ["h2", "http/1.1"]
        // ``ServerTrust`` judges the chain; a mode that verifies is what makes the library ask it.
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.shutdownTimeout = .seconds(1)
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Problem(
                .unavailable, code: "probe.tls-library", "Encrypted connections cannot be set up here.",
                cause: "\(error)")
        }
        self.resolver = resolver
        self.trust = trust
        self.limits = limits
        self.userAgent = userAgent
        self.group = group
    }

    /// Asks once.
    ///
    /// - Parameters:
    ///   - request: What to ask for.
    ///   - reach: Where the probe may go.
    ///   - time: The most time that all of it takes, looking up the name included.
    /// - Throws: `Problem` `probe.…`: the name has no address or leads where the probe may not go, nothing listens, no
    ///   encryption could be agreed on, no header section came in time, or what came is not HTTP; `CancellationError`.
    public func answer(to request: WebRequest, reach: Reach, within time: Duration) async throws -> WebResponse {
        try Task.checkCancellation()
        guard (request.headers.fields + request.secrets.fields).allSatisfy(\.canBeSent) else {
            throw HTTPProblem.request
        }
        let loop = group.next()
        let address = request.address
        let host = address.lookupHost
        let deadline = NIODeadline.now() + TimeAmount(time)
        let promise = loop.makePromise(of: WebResponse.self)
        let collector = AnswerCollector(promise, limits: limits)
        let timer = loop.scheduleTask(deadline: deadline) {
            collector.failed(HTTPProblem.timedOut(host), cut: .deadline)
        }
        let connection = HTTPConnection(
            request: request, headers: fields(of: request), host: host, collector: collector, limits: limits,
            trust: trust, context: address.scheme == .https ? context : nil)
        // Not a child of this task: a name that nobody answers for must not outlast the deadline.
        Task { [resolver] in
            do {
                let destination = try await resolver.destination(host, port: address.port, reach: reach)
                connection.open(destination.addresses[...], on: loop, until: deadline)
            } catch {
                collector.failed(
                    error as? Problem ?? HTTPProblem.unreachable(host, error), cut: .connection)
            }
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            do {
                let response = try await promise.futureResult.get()
                try Task.checkCancellation()
                return response
            } catch {
                try Task.checkCancellation()
                throw error
            }
        } onCancel: {
            collector.failed(HTTPProblem.stopped, cut: .deadline)
        }
    }

    /// What belongs to the connection, and is no business of a request's.
    private static let connectionFields: Set = ["host", "connection", "content-length", "transfer-encoding"]

    /// What is sent: what the request says, and what it does not.
    private func fields(of request: WebRequest) -> HeaderFields {
        var fields: HeaderFields = [("Host", request.address.authority)]
        let usual = [("User-Agent", userAgent), ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate")]
        for (name, value) in usual where request.headers.first(name) == nil && request.secrets.first(name) == nil {
            fields.add(name, value)
        }
        let given = request.headers.fields + request.secrets.fields
        for field in given where !Self.connectionFields.contains(field.name.lowercased()) {
            fields.add(field.name, field.value)
        }
        return fields
    }
}

extension HeaderFields.Field {
    /// Tells whether name and value are of the characters that they may hold (RFC 9110 §5.1 and §5.5), so that none begins
    /// another field.
    fileprivate var canBeSent: Bool {
        let isToken = { (byte: UInt8) in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
        return !name.isEmpty && name.utf8.allSatisfy(isToken)
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}
