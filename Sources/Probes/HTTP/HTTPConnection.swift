import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPCompression
import NIOPosix
import NIOSSL
import NIOTLS
import WebPosture

/// How one connection is opened and what stands on it: everything that one exchange needs, and nothing afterwards.
struct HTTPConnection: Sendable {
    let request: WebRequest
    let headers: HeaderFields
    let host: String
    let collector: AnswerCollector
    let limits: HTTPLimits
    let trust: ServerTrust
    /// `nil` over plain HTTP.
    let context: NIOSSLContext?

    /// Connects to the first of `addresses` that answers; each gets its share of the time.
    func open(_ addresses: ArraySlice<SocketAddress>, on loop: any EventLoop, until deadline: NIODeadline) {
        guard let address = addresses.first, !collector.isDone else { return }
        let left = (deadline - .now()).nanoseconds / Int64(addresses.count)
        ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(max(left, 1_000_000)))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try prepare(channel) } }
            .connect(to: address)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    collector.connected(to: address.ipAddress ?? "")
                    collector.whenDone { channel.close(promise: nil) }
                case .failure(let error):
                    if addresses.count > 1 {
                        open(addresses.dropFirst(), on: loop, until: deadline)
                    } else {
                        collector.failed(HTTPProblem.unreachable(host, error), cut: .connection)
                    }
                }
            }
    }

    private func prepare(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteMeter(collector, limits: limits))
        guard let context else { return try addVersion1(to: pipeline) }
        // An address is no server name (RFC 6066 §3).
        let name = IPAddress.isAddress(host) ? nil : host
        let tls = try NIOSSLClientHandler(context: context, serverHostname: name) {
            [trust, host, collector, isConfidential = !request.secrets.fields.isEmpty] chain, promise in
            let chain = chain.map { (try? $0.toDERBytes()) ?? [] }
            promise.completeWithTask {
                let worth = await trust.judge(chain, for: host)
                collector.judged(worth)
                if isConfidential, case .fails(let reason) = worth {
                    collector.failed(HTTPProblem.untrusted(host, reason), cut: .connection)
                    return .failed
                }
                // Read in any case; what it is worth stands in the answer.
                return .certificateVerified
            }
        }
        try pipeline.addHandler(tls)
        try pipeline.addHandler(
            ApplicationProtocolNegotiationHandler { result, channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if result == .negotiated("h2") {
                        try addVersion2(to: pipeline)
                    } else {
                        try addVersion1(to: pipeline)
                    }
                }
            })
        try pipeline.addHandler(ConnectionWatch(collector))
    }

    private func addVersion1(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        var bounds = NIOHTTPDecoderLimitConfiguration()
        bounds.maxHeaderFieldSize = limits.headers
        bounds.maxHeaderListSize = limits.headers
        try pipeline.addHTTPClientHandlers(
            leftOverBytesStrategy: .dropBytes, enableOutboundHeaderValidation: true, decoderLimitConfiguration: bounds)
        var fields = head.headers
        fields.add(name: "Connection", value: "close")
        try pipeline.addHandler(NIOHTTPResponseDecompressor(limit: .size(limits.body)))
        try pipeline.addHandler(
            AnswerHandler(
                HTTPRequestHead(version: .http1_1, method: head.method, uri: head.uri, headers: fields), to: collector,
                isVersion2: false))
    }

    private func addVersion2(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0), HTTP2Setting(parameter: .maxConcurrentStreams, value: 0),
            HTTP2Setting(parameter: .maxHeaderListSize, value: min(limits.headers, 64 << 10)),
        ]
        let multiplexer = try pipeline.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: connection, streamConfiguration: .init()
        ) { stream in stream.close() }
        multiplexer.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture {
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https))
                try pipeline.addHandler(NIOHTTPResponseDecompressor(limit: .size(limits.body)))
                try pipeline.addHandler(AnswerHandler(head, to: collector, isVersion2: true))
            }
        }.whenFailure { [collector] error in collector.failed(error) }
    }

    private var head: HTTPRequestHead {
        HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue), uri: request.address.target,
            headers: HTTPHeaders(headers.fields.map { ($0.name, $0.value) }))
    }
}
