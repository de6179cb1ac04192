/// Every command that a check may run, with its arguments: a closed list, compiled in, without a shell.
///
/// All of them only read. Where one needs root, its outcome without root is `denied`, never a judgement.
public enum HostCommand: String, Sendable, CaseIterable {
    case adjtimex, aptConfig, aptSimulate, aptUpgradable, chronyTracking, clamdVersion, deviceMapperTable, groupEntries,
        ip6tablesLegacyRules
    case ip6tablesRules, iptablesLegacyRules, iptablesRules, needrestart, networkManagerWiFi, nftRuleset,
        routeToInternet
    case screenSettings, sshdSettings, sudoRules, timeStatus, wireGuardHandshakes, wirelessStatus, zfsProperties,
        zpoolDevices

    /// The program's plain name and its arguments.
    public var invocation: (program: String, arguments: [String]) {
        switch self {
        case .adjtimex: ("adjtimex", ["--print"])
        case .aptConfig: ("apt-config", ["dump"])
        // Four times faster than the simulation, and it names what a plain upgrade keeps back.
        case .aptUpgradable: ("apt", ["list", "--upgradable"])
        // dist-upgrade, because plain upgrade keeps back a kernel that comes as a new package.
        case .aptSimulate: ("apt-get", ["-s", "-o", "Debug::NoLocking=1", "dist-upgrade"])
        case .chronyTracking: ("chronyc", ["-n", "tracking"])
        case .clamdVersion: ("clamdscan", ["--version"])
        case .deviceMapperTable: ("dmsetup", ["table", "--target", "crypt"])
        case .groupEntries: ("getent", ["group", "sudo", "wheel", "admin"])
        case .ip6tablesLegacyRules: ("ip6tables-legacy-save", [])
        case .ip6tablesRules: ("ip6tables-save", [])
        case .iptablesLegacyRules: ("iptables-legacy-save", [])
        case .iptablesRules: ("iptables-save", [])
        case .needrestart: ("needrestart", ["-b", "-k"])
        case .networkManagerWiFi:
            ("nmcli", ["-t", "-f", "ACTIVE,SECURITY", "device", "wifi", "list", "--rescan", "no"])
        case .nftRuleset: ("nft", ["-j", "list", "ruleset"])
        // A lookup in the routing table only: nothing is sent. 192.0.2.1 stands for "somewhere else" (RFC 5737).
        case .routeToInternet: ("ip", ["-o", "route", "get", "192.0.2.1"])
        case .screenSettings: ("gsettings", ["list-recursively"])
        case .sshdSettings: ("sshd", ["-T"])
        case .sudoRules: ("cvtsudoers", ["-f", "json", "/etc/sudoers"])
        case .timeStatus: ("timedatectl", ["show"])
        case .wireGuardHandshakes: ("wg", ["show", "all", "latest-handshakes"])
        case .wirelessStatus: ("wpa_cli", ["status"])
        case .zfsProperties: ("zfs", ["get", "-H", "-p", "-o", "name,property,value", "encryption,keystatus"])
        case .zpoolDevices: ("zpool", ["status", "-L", "-P"])
        }
    }

    /// The names under which a captured tree may hold the output, in `.commands/`, the first that is there counting.
    public var capturedNames: [String] {
        switch self {
        case .aptSimulate, .aptUpgradable: ["apt-get", "apt"]
        case .clamdVersion: ["clamd", "clamdscan"]
        case .iptablesRules: ["iptables-save", "iptables", "iptables-nft-save"]
        case .ip6tablesRules: ["ip6tables-save", "ip6tables", "ip6tables-nft-save"]
        case .screenSettings: ["gsettings", "dconf"]
        case .chronyTracking: ["chronyc", "chrony"]
        default: [invocation.program]
        }
    }

    /// The command as a person would type it, for evidence.
    public var text: String {
        ([invocation.program] + invocation.arguments).joined(separator: " ")
    }
}
