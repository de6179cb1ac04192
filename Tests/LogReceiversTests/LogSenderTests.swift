import NIOCore
import Testing

@testable import LogReceivers

@Suite("Who sends")
struct LogSenderTests {
    @Test(
        "an address is equal to itself however it is written, and written in one way",
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("::FFFF:c000:207", "192.0.2.7"),
            ("2001:DB8:0:0::7", "2001:db8::7"), ("::1", "::1"), ("::", "::"), ("0.0.0.0", "0.0.0.0"),
        ])
    func canonical(written: String, form: String) throws {
        let address = try #require(PeerAddress(written))
        #expect(address.description == form)
        #expect(PeerAddress(form) == address)
    }

    @Test(
        "what is no address is none",
        arguments: ["", "localhost", "192.0.2", "192.0.2.7:514", "fe80::1%eth0", "[::1]", "1.2.3.4\0", " 1.2.3.4"])
    func none(text: String) {
        #expect(PeerAddress(text) == nil)
    }

    @Test("the port and the version of IP that carried it do not count")
    func ofSockets() throws {
        let plain = try SocketAddress(ipAddress: "192.0.2.7", port: 5)
        let mapped = try SocketAddress(ipAddress: "::ffff:192.0.2.7", port: 6)
        #expect(LogSender(plain, over: .tcp) == LogSender(mapped, over: .tcp))
        #expect(LogSender(plain, over: .tcp) != LogSender(plain, over: .udp))
        #expect(LogSender(try SocketAddress(unixDomainSocketPath: "/x"), over: .tcp) == nil)
    }

    @Test("every fault has words for people", arguments: ReceivingFault.allCases)
    func words(fault: ReceivingFault) {
        #expect(!fault.words.isEmpty)
    }
}
