import Kernel
import Testing

@testable import Posture

private let firewall: CheckID = "endpoint.firewall"

/// A ruleset with one input chain.
private func ruleset(family: String = "inet", hook: String = "input", policy: String = "accept", _ rules: String...)
    -> String
{
    let chain =
        #"{"chain":{"family":"\#(family)","table":"t","name":"c","handle":1,"type":"filter","hook":"\#(hook)","prio":0,"policy":"\#(policy)"}}"#
    let entries = rules.map { #"{"rule":{"family":"\#(family)","table":"t","chain":"c","handle":2,"expr":[\#($0)]}}"# }
    return
        #"{"nftables":[{"metainfo":{"json_schema_version":1}},{"table":{"family":"\#(family)","name":"t","handle":1}},\#(([chain] + entries).joined(separator: ","))]}"#
}

private let established =
    #"{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}},{"accept":null}"#
private let ssh =
    #"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":22}},{"accept":null}"#

@Suite struct FirewallTests {
    @Test(arguments: [
        (ruleset(policy: "drop", established, ssh), CheckResult.pass), (ruleset(established, ssh), .fail),
        (ruleset(established, ssh, #"{"counter":{"packets":0,"bytes":0}},{"drop":null}"#), .pass),
        (ruleset(established, #"{"reject":{"type":"icmpx","expr":"admin-prohibited"}}"#), .pass),
        (ruleset(policy: "drop", established, #"{"accept":null}"#), .fail),
        (ruleset(hook: "forward", policy: "drop"), .fail),
        (ruleset(hook: "output", policy: "drop"), .fail), (ruleset(family: "ip6", policy: "drop"), .fail),
        (ruleset(family: "ip", policy: "drop"), .pass),
        (
            ruleset(
                policy: "drop",
                #"{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["new","established"]}},{"accept":null}"#),
            .fail
        ),
        (
            ruleset(
                policy: "drop",
                #"{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":"tcp"}},{"accept":null}"#), .fail
        ),
        (#"{"nftables":[{"metainfo":{"json_schema_version":1}}]}"#, .fail),
    ])
    func `Only an input hook that drops by default passes`(json: String, expected: CheckResult) {
        #expect(FakeHost(outputs: [.nftRuleset: json]).run(firewall).result == expected)
    }

    @Test(arguments: [
        ("*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n", InputStance.drops),
        ("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", .accepts),
        (
            "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n",
            .drops
        ),
        ("*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n", .accepts),
        ("*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n", .accepts),
        ("-P INPUT DROP\n-P FORWARD ACCEPT\n", .drops), ("-P INPUT ACCEPT\n-P FORWARD DROP\n", .accepts),
        (
            "*filter\n:INPUT ACCEPT [0:0]\n:chk - [0:0]\n-A INPUT -j chk\n-A chk -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A chk -m comment --comment \"the rest of it\" -j DROP\nCOMMIT\n",
            .drops
        ),
        ("*nat\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", .accepts),
        ("Chain INPUT (policy DROP)\ntarget prot opt\n", .drops),
        ("*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n", .accepts),
        ("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j INPUT\nCOMMIT\n", .accepts),
    ])
    func `iptables is judged by what reaches the end of INPUT`(text: String, expected: InputStance) {
        #expect(IptablesRules(Array(text.utf8).lines)?.input == expected)
    }

    @Test func `Legacy iptables counts beside an empty nftables`() {
        let nothing = #"{"nftables":[{"metainfo":{}}]}"#
        #expect(
            FakeHost(outputs: [.nftRuleset: nothing, .iptablesLegacyRules: "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"]).run(
                firewall
            ).result == .pass)
    }

    @Test func `IPv6 that is in use must be filtered as well`() {
        let address = ["/proc/net/if_inet6": "fe80000000000000000000fffe000001 02 40 20 80 eth0\n"]
        #expect(
            FakeHost(address, outputs: [.nftRuleset: ruleset(family: "ip", policy: "drop")]).run(firewall).result
                == .fail)
        #expect(FakeHost(address, outputs: [.nftRuleset: ruleset(policy: "drop")]).run(firewall).result == .pass)
        let rules = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"
        #expect(
            FakeHost(address, outputs: [.iptablesRules: rules, .ip6tablesRules: rules]).run(firewall).result == .pass)
    }

    @Test func `A refusal means that root is needed, and a front end's file proves nothing`() {
        var host = FakeHost(["/etc/ufw/ufw.conf": "ENABLED=yes\n"])
        host.isRoot = false
        host.outcomes[.nftRuleset] = .denied
        host.outcomes[.iptablesRules] = .denied
        let found = host.run(firewall)
        #expect(found.result == .unknown)
        #expect(found.value.contains("root is needed"))
        #expect(FakeHost(["/etc/ufw/ufw.conf": "ENABLED=yes\n"]).run(firewall).result == .unknown)
    }

    @Test(arguments: [
        (
            "table inet filter {\n chain input {\n  type filter hook input priority filter; policy drop;\n  iif lo accept\n }\n}\n",
            CheckResult.pass
        ),
        (
            "table inet filter {\n chain input {\n  type filter hook input priority 0; policy accept;\n  tcp dport 22 accept\n }\n}\n",
            .fail
        ),
        (
            "table inet filter {\n chain input {\n  type filter hook input priority 0; policy accept;\n  ct state { established, related } accept\n  counter packets 1 bytes 2 drop\n }\n}\n",
            .pass
        ),
        ("a chain of events\n", .unknown), ("", .unknown), ("{\"nftables\":[", .unknown),
    ])
    func `A listing in text is read as well, and junk is unknown`(text: String, expected: CheckResult) {
        #expect(FakeHost(outputs: [.nftRuleset: text]).run(firewall).result == expected)
    }
}
