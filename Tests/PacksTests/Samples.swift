import Foundation
import Kernel
import Packs

/// What the tests share: where files lie, a catalogue, and a source of repeatable chance.
enum Samples {
    /// The checkout, found from this file upwards whatever link led here.
    static let root: URL = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appendingPathComponent("packs").path) {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    static func bytes(_ path: String) -> [UInt8]? {
        (try? Data(contentsOf: root.appendingPathComponent(path))).map(Array.init)
    }

    static let seeds = "../shared/seeds/"
    static let hasSeeds = bytes(seeds + "000_9739ee214286e529.txt") != nil

    private static let hostChecks = [
        "disk-encryption": ["encrypted disk", "disk encryption", "disc encryption"], "malware-protection": ["malware"],
        "guest-access": ["guest"], "security-updates": ["security updates", "updated os"], "reboot-required": [],
        "end-of-life": ["operating systems"], "firewall": ["firewall"], "listening-ports": ["ports"],
        "sshd-password-authentication": ["ssh", "passwords"], "sshd-root-login": ["root"], "sshd-ciphers": [],
        "password-policy": ["password"], "lockout": ["lock", "lockout"], "sudo": [],
        "admin-accounts": ["administrator"],
        "secure-boot": [], "time": ["clocks"], "automatic-updates": ["update"], "screen-lock": ["screens lock"],
        "vpn": ["vpn"], "wifi": ["wi fi"], "remote-login": [],
    ]
    private static let ownChecks = [
        "content-sealed": ["stored encrypted"], "ledger-verifies": ["history"], "tls": ["tls"],
    ]

    /// What an installation can measure today.
    static let catalogue: [Check] =
        hostChecks.sorted { $0.key < $1.key }.compactMap { check("endpoint.\($0.key)", .host, $0.value) }
        + ownChecks.sorted { $0.key < $1.key }.compactMap { check("vouchsafe.\($0.key)", .installation, $0.value) }
        + ["second-factor", "phishing-resistant-factor", "access-used"].compactMap {
            check("identity.\($0)", .person, [])
        } + ["access-reviewed", "departures-complete"].compactMap { check("identity.\($0)", .installation, []) }
        + [
            "scanning.observatory", "scanning.dast", "site.web-grade", "site.https-only", "site.tls-settings",
            "site.certificate", "site.pages-clean",
        ].compactMap { check($0, .site, []) }
        + ["logs.collected", "logs.reviewed"].compactMap { check($0, .logSource, []) }
        + ["detection.rules-running"].compactMap { check($0, .rule, []) }
        + ["detection.alerts-handled", "detection.time-to-react"].compactMap { check($0, .alert, []) }

    private static func check(_ name: String, _ population: Subject.Kind, _ keywords: [String]) -> Check? {
        CheckID(rawValue: name).map {
            Check(
                id: $0, title: name, measures: name, population: population, cadence: .hours(6), freshness: .hours(26),
                keywords: keywords)
        }
    }
}

/// SplitMix64: the same chance at every run.
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
