import NIOCore
import Testing

@testable import Probes

@Suite("Where probes may go")
struct ReachTests {
    @Test(
        "a public site is never looked for at a private address",
        arguments: [
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
            "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1",
            "fd00:ec2::254",
            "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
            "2001:db8::1", "::127.0.0.1",
        ])
    func privateAddresses(text: String) throws {
        #expect(!Reach.publicAddresses.allows(try SocketAddress(ipAddress: text, port: 443)))
    }

    @Test("public addresses are visited", arguments: ["93.184.216.34", "1.1.1.1", "172.32.0.1", "2606:4700::1111"])
    func publicAddresses(text: String) throws {
        #expect(Reach.publicAddresses.allows(try SocketAddress(ipAddress: text, port: 443)))
        #expect(Reach.internalAddresses.allows(try SocketAddress(ipAddress: text, port: 443)))
    }

    @Test("an internal site may lie in the organisation's networks, never where clouds keep secrets")
    func internalAddresses() throws {
        for text in ["127.0.0.1", "10.0.0.1", "::1", "fd12::1"] {
            #expect(Reach.internalAddresses.allows(try SocketAddress(ipAddress: text, port: 443)), "\(text)")
        }
        for text in ["169.254.169.254", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254"] {
            #expect(!Reach.internalAddresses.allows(try SocketAddress(ipAddress: text, port: 443)), "\(text)")
        }
    }
}
