import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import App

@Suite struct ConnectionCareTests {
    private static let request = HTTPRequest(method: .post, scheme: "https", authority: "localhost", path: "/sign-in")

    /// A connection from `address`, open and looked after.
    private func connection(
        _ counts: ConnectionCounts = ConnectionCounts(perNetwork: 10), from address: String = "192.0.2.1"
    ) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ConnectionCare(counting: counts))
        // Of a channel that is embedded, the other end is what it was connected to.
        channel.connect(to: try SocketAddress(ipAddress: address, port: 4000), promise: nil)
        return channel
    }

    private func answer(_ channel: EmbeddedChannel, _ headers: HTTPFields = [:]) throws -> HTTPFields {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .badRequest, headerFields: headers)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        guard case .head(let head)? = try channel.readOutbound(as: HTTPResponsePart.self) else { return [:] }
        return head.headerFields
    }

    private func isOpen(_ channel: EmbeddedChannel, after seconds: Int64) -> Bool {
        channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
        return channel.isActive
    }

    @Test func whoNeverFinishesTheFirstHeadIsCutOffAfterFifteenSeconds() throws {
        let channel = try connection()
        #expect(isOpen(channel, after: 14))
        #expect(!isOpen(channel, after: 1))
    }

    @Test func whoSendsABodyByteByByteIsCutOffAfterAMinute() throws {
        let channel = try connection()
        try channel.writeInbound(HTTPRequestPart.head(Self.request))
        for _ in 0..<59 {
            #expect(isOpen(channel, after: 1))
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
        }
        #expect(!isOpen(channel, after: 1))
    }

    @Test func anAnswerMayTakeAsLongAsItNeeds() throws {
        let channel = try connection()
        try channel.writeInbound(HTTPRequestPart.head(Self.request))
        try channel.writeInbound(HTTPRequestPart.end(nil))
        #expect(isOpen(channel, after: 3600), "a stream of events goes on for hours")
    }

    @Test func betweenTwoRequestsThereIsAMinute() throws {
        let channel = try connection()
        for _ in 0..<3 {
            try channel.writeInbound(HTTPRequestPart.head(Self.request))
            try channel.writeInbound(HTTPRequestPart.end(nil))
            _ = try answer(channel)
            #expect(isOpen(channel, after: 59))
        }
        #expect(!isOpen(channel, after: 1))
    }

    @Test func anAnswerThatCameBeforeTheBodyEndedLeavesTheBodyItsDeadline() throws {
        let channel = try connection()
        try channel.writeInbound(HTTPRequestPart.head(Self.request))
        #expect(isOpen(channel, after: 40))
        _ = try answer(channel)
        #expect(!isOpen(channel, after: 20))
    }

    @Test func whoDoesNotTakeTheAnswerIsCutOffAfterAMinute() throws {
        let channel = try connection()
        try channel.writeInbound(HTTPRequestPart.head(Self.request))
        try channel.writeInbound(HTTPRequestPart.end(nil))
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(isOpen(channel, after: 59))
        #expect(!isOpen(channel, after: 1))
    }

    @Test func whoHangsUpGetsTheAnswersThatAreDueAndHoldsNothingAfterThat() throws {
        let idle = try connection()
        idle.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!idle.isActive)
        let waiting = try connection()
        try waiting.writeInbound(HTTPRequestPart.head(Self.request))
        try waiting.writeInbound(HTTPRequestPart.end(nil))
        waiting.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(waiting.isActive)
        #expect(try answer(waiting)[.cacheControl] == "no-store")
        #expect(!waiting.isActive)
    }

    @Test func oneNetworkHasItsShareOfConnectionsAndNoMore() throws {
        let counts = ConnectionCounts(perNetwork: 2)
        let first = try connection(counts)
        let second = try connection(counts)
        #expect(first.isActive && second.isActive)
        #expect(try !connection(counts).isActive)
        #expect(try connection(counts, from: "192.0.2.2").isActive, "others come in")
        try first.close().wait()
        #expect(try connection(counts).isActive, "a place is free again")
        #expect(try !connection(counts).isActive)
    }

    @Test func anAnswerThatNoRouteGaveCarriesTheHeadersOfAllOthers() throws {
        let headers = try answer(try connection())
        for field in HTTPFields.onEveryAnswer { #expect(headers[field.name] == field.value) }
        #expect(headers[.cacheControl] == "no-store")
    }

    @Test func whatARouteSaidStands() throws {
        #expect(
            try answer(try connection(), [.cacheControl: "public, max-age=30"])[.cacheControl] == "public, max-age=30")
    }

    @Test(
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"), ("::1", "0:0:0:0::/64"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ])
    func aNetworkIsWhatOnePartyHolds(address: String, network: String) throws {
        #expect(Network.name(of: try SocketAddress(ipAddress: address, port: 1)) == network)
    }
}
