import Foundation
import Kernel
import LogFormats
import Sigma

extension WatchedLog.Settings {
    /// The same, with what cannot be refused.
    ///
    /// - Throws: `Problem` `log-source.name`, `.silence`, `.network`, `.certificate`, `.path`, `.mapping`.
    func checked() throws(Problem) -> WatchedLog.Settings {
        var checked = self
        checked.name = name.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...100).contains(checked.name.count), !checked.name.unicodeScalars.contains(where: { $0.value < 32 })
        else { throw Self.wrong("name", "A log source needs a name of at most 100 letters.", field: "name") }
        guard LogFormat(rawValue: format) != nil else {
            throw Self.wrong(
                "format", "There is no such form of logs.",
                hint: "One of: \(LogFormat.allCases.map(\.rawValue).joined(separator: ", ")).", field: "format")
        }
        guard silenceAfter >= .minutes(1), silenceAfter <= .days(366) else {
            throw Self.wrong(
                "silence", "A source counts as silent after a minute at the least, and a year at the most.",
                field: "silenceHours")
        }
        guard mapping.count <= 200, mapping.allSatisfy({ !$0.key.isEmpty && !$0.value.isEmpty }) else {
            throw Self.wrong("mapping", "A mapping names at most 200 fields.", field: "mapping")
        }
        guard mapping.isEmpty || format == LogFormat.json.rawValue else {
            throw Self.wrong("mapping", "Only fields of JSON can be mapped.", field: "mapping")
        }
        try checked.way.check()
        return checked
    }

    fileprivate static func wrong(_ code: String, _ message: String, hint: String? = nil, field: String) -> Problem {
        Problem(
            .invalid, code: "log-source.\(code)", message, hint: hint, place: Problem.Place(field: field))
    }
}

extension WatchedLog.Way {
    fileprivate func check() throws(Problem) {
        switch self {
        case .https, .journal: return
        case .networks(let networks):
            for network in networks where AddressRange(network) == nil {
                throw WatchedLog.Settings.wrong(
                    "network", "\(network.prefix(60)) is no network.", hint: "Write it as 10.0.0.0/8 or fd00::/8.",
                    field: "from")
            }
            guard (1...100).contains(networks.count) else {
                throw WatchedLog.Settings.wrong(
                    "network", "Name one to 100 networks that records may come from.", field: "from")
            }
        case .certificate(let fingerprint):
            guard fingerprint.utf8.count == 64, fingerprint.utf8.allSatisfy({ Hex.isLowerCase($0) }) else {
                throw WatchedLog.Settings.wrong(
                    "certificate", "This is no SHA-256 of a certificate.",
                    hint: "`openssl x509 -in FILE -outform DER | sha256sum` tells it.", field: "certificate")
            }
        case .file(let path):
            guard path.hasPrefix("/"), path.utf8.count <= 4096, !path.utf8.contains(0) else {
                throw WatchedLog.Settings.wrong("path", "Name the file by its whole path.", field: "file")
            }
        }
    }

    /// What two sources may not share: their records could not be told apart.
    func collides(with other: WatchedLog.Way) -> Bool {
        switch (self, other) {
        case (.networks(let left), .networks(let right)): !Set(left).isDisjoint(with: right)
        case (.certificate, .certificate), (.file, .file), (.journal, .journal): self == other
        default: false
        }
    }
}

private enum Hex {
    static func isLowerCase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
