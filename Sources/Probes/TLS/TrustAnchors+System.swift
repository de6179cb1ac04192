import Foundation
import TLSPosture

extension TrustAnchors {
    /// Those of the machine, where Linux distributions keep them; none where there is no such file.
    public static let system: TrustAnchors = {
        let places = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
        let file = places.lazy.compactMap { FileManager.default.contents(atPath: $0) }.first
        return TrustAnchors(pem: Array(file ?? Data()))
    }()
}
