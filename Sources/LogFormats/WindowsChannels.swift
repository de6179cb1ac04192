/// Which services and categories of Sigma's taxonomy the channels and events of Windows are.
///
/// Source: Sigma taxonomy appendix 2.1.0, log sources of Windows; Microsoft's documentation of Sysmon's events.
enum WindowsChannels {
    static func service(of channel: String) -> String? {
        if let service = services[channel.lowercased()] { return service }
        return channel.lowercased().hasPrefix("microsoft-windows-applocker/") ? "applocker" : nil
    }

    private static let services = [
        "application": "application", "security": "security", "system": "system", "dns server": "dns-server",
        "msexchange management": "msexchange-management", "openssh/operational": "openssh",
        "windows powershell": "powershell-classic",
        "microsoft-servicebus-client": "microsoft-servicebus-client",
        "microsoft-windows-appmodel-runtime/admin": "appmodel-runtime",
        "microsoft-windows-appxdeploymentserver/operational": "appxdeployment-server",
        "microsoft-windows-appxpackaging/operational": "appxpackaging-om",
        "microsoft-windows-bits-client/operational": "bits-client",
        "microsoft-windows-bitlocker/bitlocker management": "bitlocker",
        "microsoft-windows-capi2/operational": "capi2",
        "microsoft-windows-certificateservicesclient-lifecycle-system/operational":
            "certificateservicesclient-lifecycle-system",
        "microsoft-windows-codeintegrity/operational": "codeintegrity-operational",
        "microsoft-windows-dhcp-server/operational": "dhcp",
        "microsoft-windows-diagnosis-scripted/operational": "diagnosis-scripted",
        "microsoft-windows-dns-client/operational": "dns-client",
        "microsoft-windows-driverframeworks-usermode/operational": "driver-framework",
        "microsoft-windows-iis-configuration/operational": "iis-configuration",
        "microsoft-windows-kernel-shimengine/operational": "kernel-shimengine",
        "microsoft-windows-ldap-client/debug": "ldap", "microsoft-windows-lsa/operational": "lsa-server",
        "microsoft-windows-ntfs/operational": "ntfs", "microsoft-windows-ntlm/operational": "ntlm",
        "microsoft-windows-powershell/operational": "powershell", "powershellcore/operational": "powershell",
        "microsoft-windows-printservice/admin": "printservice-admin",
        "microsoft-windows-printservice/operational": "printservice-operational",
        "microsoft-windows-security-mitigations/kernel mode": "security-mitigations",
        "microsoft-windows-security-mitigations/user mode": "security-mitigations",
        "microsoft-windows-sense/operational": "sense", "microsoft-windows-shell-core/operational": "shell-core",
        "microsoft-windows-smbclient/connectivity": "smbclient-connectivity",
        "microsoft-windows-smbclient/security": "smbclient-security",
        "microsoft-windows-smbserver/connectivity": "smbserver-connectivity",
        "microsoft-windows-sysmon/operational": "sysmon",
        "microsoft-windows-taskscheduler/operational": "taskscheduler",
        "microsoft-windows-terminalservices-localsessionmanager/operational":
            "terminalservices-localsessionmanager",
        "microsoft-windows-vhdmp-operational": "vhdmp",
        "microsoft-windows-windows defender/operational": "windefend",
        "microsoft-windows-windows firewall with advanced security/firewall": "firewall-as",
        "microsoft-windows-wmi-activity/operational": "wmi",
    ]

    /// - Parameter kind: What an event about the registry says was done.
    static func categories(service: String?, event: Int, kind: String?) -> [String] {
        switch (service, event) {
        case ("security", 4688): ["process_creation"]
        case ("powershell", 4103): ["ps_module"]
        case ("powershell", 4104): ["ps_script"]
        case ("powershell-classic", 400): ["ps_classic_start"]
        case ("powershell-classic", 600): ["ps_classic_provider_start"]
        case ("powershell-classic", 800): ["ps_classic_script"]
        case ("sysmon", 12): ["registry_event", kind == "CreateKey" ? "registry_add" : "registry_delete"]
        case ("sysmon", _): sysmon[event] ?? []
        default: []
        }
    }

    private static let sysmon: [Int: [String]] = [
        1: ["process_creation"], 2: ["file_change"], 3: ["network_connection"], 4: ["sysmon_status"],
        5: ["process_termination"], 6: ["driver_load"], 7: ["image_load"], 8: ["create_remote_thread"],
        9: ["raw_access_thread"], 10: ["process_access"], 11: ["file_event"], 13: ["registry_event", "registry_set"],
        14: ["registry_event", "registry_rename"], 15: ["create_stream_hash"], 16: ["sysmon_status"],
        17: ["pipe_created"],
        18: ["pipe_created"], 19: ["wmi_event"], 20: ["wmi_event"], 21: ["wmi_event"], 22: ["dns_query"],
        23: ["file_delete"], 25: ["process_tampering"], 26: ["file_delete", "file_delete_detected"],
        27: ["file_block_executable"], 28: ["file_block_shredding"], 29: ["file_executable_detected"],
        255: ["sysmon_error"],
    ]
}
