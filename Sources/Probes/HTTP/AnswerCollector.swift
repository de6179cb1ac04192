import Kernel
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import Synchronization
import WebPosture

/// Gathers one answer, whoever reports on it: the stream, the connection below it, or the clock. The first end counts.
final class AnswerCollector: Sendable {
    private struct State {
        var status: Int?
        var version = "1.1"
        var headers = HeaderFields()
        var body: [UInt8] = []
        var certificate: WebResponse.Certificate?
        var peer = ""
        var isDone = false
    }

    private let state = Mutex(State())
    private let promise: EventLoopPromise<WebResponse>
    private let limits: HTTPLimits

    init(_ promise: EventLoopPromise<WebResponse>, limits: HTTPLimits) {
        self.promise = promise
        self.limits = limits
    }

    /// Tells whether the header section is there.
    var hasHead: Bool { state.withLock { $0.status != nil } }
    /// Tells whether nothing more is wanted.
    var isDone: Bool { state.withLock { $0.isDone } }

    /// Calls `body` once nothing more is wanted.
    func whenDone(_ body: @escaping @Sendable () -> Void) { promise.futureResult.whenComplete { _ in body() } }

    /// Which machine was connected to.
    func connected(to peer: String) { state.withLock { $0.peer = peer } }

    /// What the certificate is worth, once that is known.
    func judged(_ certificate: WebResponse.Certificate) { state.withLock { $0.certificate = certificate } }

    /// The header section is there.
    func began(_ head: HTTPResponseHead, isVersion2: Bool) {
        state.withLock { state in
            state.status = Int(head.status.code)
            state.version = isVersion2 ? "2" : "\(head.version.major).\(head.version.minor)"
            state.headers = HeaderFields(head.headers.map { (name: $0.name, value: $0.value) })
        }
    }

    /// More of the body is there.
    ///
    /// - Returns: Whether any more is wanted.
    func received(_ bytes: ByteBuffer) -> Bool {
        let isFull = state.withLock { state in
            let room = limits.body - state.body.count
            // As one piece of memory: byte by byte it would be the slowest step of all.
            bytes.withUnsafeReadableBytes { raw in
                state.body.append(contentsOf: UnsafeRawBufferPointer(rebasing: raw.prefix(room)))
            }
            return state.body.count >= limits.body
        }
        if isFull { ended(cut: .limit) }
        return !isFull
    }

    /// The answer is over, whole or not.
    func ended(cut: WebResponse.Cut? = nil) {
        let response: WebResponse? = state.withLock { state in
            guard !state.isDone, let status = state.status else { return nil }
            state.isDone = true
            return WebResponse(
                status: status, headers: state.headers, body: state.body, cut: cut, version: state.version,
                certificate: state.certificate, peer: state.peer)
        }
        if let response { promise.succeed(response) }
    }

    /// Nothing more will come: what is there is the answer, if it is one at all.
    func failed(_ problem: @autoclosure () -> Problem, cut: WebResponse.Cut) {
        if hasHead { return ended(cut: cut) }
        let isFirst = state.withLock { state in
            defer { state.isDone = true }
            return !state.isDone
        }
        if isFirst { promise.fail(problem()) }
    }

    /// The same for what a handler threw.
    func failed(_ error: any Error) {
        switch error {
        case NIOHTTPDecompression.DecompressionError.limit: failed(HTTPProblem.garbage(error), cut: .limit)
        case is NIOHTTPDecompression.DecompressionError, is NIOHTTPDecompression.ExtraDecompressionError:
            failed(HTTPProblem.garbage(error), cut: .encoding)
        case let problem as Problem: failed(problem, cut: .limit)
        default: failed(HTTPProblem.of(error), cut: .connection)
        }
    }
}
