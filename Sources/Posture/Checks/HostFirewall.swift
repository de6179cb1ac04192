import Kernel

/// Whether the packet filter refuses what no rule allows, for IPv4 and, where it is in use, for IPv6.
///
/// A front end's configuration file (ufw, firewalld) proves nothing: only what the kernel has loaded counts.
enum HostFirewall {
    static let check = PostureCheck(
        "endpoint.firewall", title: "Host firewall",
        measures:
            "The kernel's input filter drops what no rule accepts, for IPv4 and IPv6 (nftables or iptables as loaded).",
        keywords: ["firewall", "firewalls", "network protection", "packet filter", "perimeter"],
        judge: { reader, _ in judge(reader) })

    static let fix = """
        Install a default of dropping, keeping your own access: nft add table inet filter; \
        nft add chain inet filter input '{ type filter hook input priority 0; policy accept; }'; \
        nft add rule inet filter input ct state established,related accept; nft add rule inet filter input iif lo accept; \
        nft add rule inet filter input meta l4proto ipv6-icmp accept; nft add rule inet filter input tcp dport 22 accept; \
        nft chain inet filter input '{ policy drop; }'; then nft list ruleset > /etc/nftables.conf and systemctl enable nftables. Or: ufw allow OpenSSH && ufw enable
        """

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        var four: [InputStance] = []
        var six: [InputStance] = []
        var obstacles: [String] = []
        var isDenied = false

        func look(_ command: HostCommand, _ use: ([UInt8]) -> Bool) {
            switch reader.run(command) {
            case .finished(0, let output):
                if !use(output) { obstacles.append("the output of \(command.text) is not what it should be") }
            case .finished(let code, _): obstacles.append("\(command.text) ended with code \(code)")
            case .absent: break
            case .denied: isDenied = true
            case .timedOut: obstacles.append("\(command.text) took too long")
            case .failed(let reason): obstacles.append("\(command.text): \(reason)")
            }
        }

        look(.nftRuleset) { output in
            guard let inputs = NftRuleset(json: output)?.inputs ?? NftListing(output.lines)?.inputs else {
                return false
            }
            for chain in inputs {
                trail.note(
                    HostCommand.nftRuleset.text,
                    "\(chain.name): \(chain.stance == .drops ? "drops" : "accepts") by default")
                if chain.family != "ip6" { four.append(chain.stance) }
                if chain.family != "ip" { six.append(chain.stance) }
            }
            if inputs.isEmpty { trail.note(HostCommand.nftRuleset.text, "no chain at the input hook") }
            return true
        }
        for command in [HostCommand.iptablesRules, .iptablesLegacyRules, .ip6tablesRules, .ip6tablesLegacyRules] {
            look(command) { output in
                guard let rules = IptablesRules(output.lines) else {
                    return output.lines.allSatisfy { $0.trimmed.isEmpty }
                }
                guard let stance = rules.input else { return true }
                trail.note(command.text, "INPUT \(stance == .drops ? "drops" : "accepts") by default")
                if command == .iptablesRules || command == .iptablesLegacyRules {
                    four.append(stance)
                } else {
                    six.append(stance)
                }
                return true
            }
        }
        let usesSix = reader.linesIfAny("/proc/net/if_inet6").contains { !$0.trimmed.isEmpty && $0.words.last != "lo" }
        // A packet must pass every chain at the hook, so one that drops is enough.
        let isClosed = four.contains(.drops) && (!usesSix || six.contains(.drops))
        if isClosed {
            return trail.pass(
                "what no rule accepts is dropped (\(usesSix ? "IPv4 and IPv6" : "IPv4; no address of IPv6 is listed"))")
        }
        if isDenied || (!reader.isRoot && !reader.isCaptured && trail.evidence.isEmpty) {
            return trail.needsRoot("the packet filter")
        }
        if let obstacle = obstacles.first {
            return trail.unknown("the packet filter could not be read: \(obstacle)", fix: fix)
        }
        if trail.evidence.isEmpty {
            return trail.unknown(
                "neither nft nor iptables could be asked: root and one of the two are needed to read the packet filter",
                fix: "apt install nftables. \(fix)")
        }
        if four.contains(.drops) { return trail.fail("IPv4 is filtered, IPv6 is in use and is not", fix: fix) }
        return trail.fail(four.isEmpty ? "no filter at the input hook" : "what no rule mentions is accepted", fix: fix)
    }
}
