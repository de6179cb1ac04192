import Kernel
import NIOCore
import TLSPosture
import WebPosture

/// Whom a probe trusts: the machine's own list of authorities, and those that the operator names besides.
///
/// Parsed once and shared by all connections. Tells what a certificate is worth instead of refusing it: a server whose
/// certificate does not hold is looked at all the same. The judgement is that of a scan of TLS.
public struct ServerTrust: Sendable {
    private let anchors: TrustAnchors
    private let clock: WallClock

    /// The machine's list alone.
    public static let system = ServerTrust(TrustAnchors())

    /// The machine's list and further authorities.
    public init(_ anchors: TrustAnchors, clock: WallClock = .system) {
        self.anchors = anchors
        self.clock = clock
    }

    /// The machine's list and further authorities.
    ///
    /// - Parameter pem: Any number of certificates in PEM.
    /// - Throws: `Problem` (invalid) `probe.ca` if there is none that can be read.
    public init(anchors pem: String) throws(Problem) {
        let anchors = TrustAnchors(pem: Array(pem.utf8))
        guard anchors.count > 0 else {
            throw Problem(
                .invalid, code: "probe.ca", "The file of authorities holds no certificate.",
                hint: "It must hold certificates in PEM, as `-----BEGIN CERTIFICATE-----`.")
        }
        self.init(anchors)
    }

    /// What a chain is worth for `host`.
    ///
    /// - Parameters:
    ///   - chain: The certificates as the server sent them, its own first, each in DER.
    ///   - host: A name, or an address without brackets.
    func judge(_ chain: [[UInt8]], for host: String) async -> WebResponse.Certificate {
        let address = (try? SocketAddress(ipAddress: host, port: 0))?.addressBytes
        // A server may send what it likes; no honest chain is that long.
        let judgement = await ChainJudgement.judge(
            Array(chain.prefix(16)), host: host, address: address, anchors: anchors, systemAnchors: .system,
            now: clock.now())
        guard !judgement.isTrusted else { return .holds }
        return .fails("The certificate does not hold: \(judgement.faults.map(\.reason).joined(separator: ", ")).")
    }
}
