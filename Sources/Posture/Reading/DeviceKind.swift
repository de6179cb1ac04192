import Kernel

/// What kind of machine a host is, as far as its firmware and its kernel tell.
struct DeviceKind {
    /// A machine that is carried about: it has a battery of its own or a portable chassis.
    let isPortable: Bool
    /// The hypervisor's name if it is a virtual machine, `container` if it is one.
    let virtualisation: String?
    /// The firmware or the hypervisor itself says that the disks are a provider's.
    var isNamedMachine: Bool { virtualisation.map { !["hypervisor", "container"].contains($0) } ?? false }

    init(on reader: HostReader) {
        isPortable = DeviceKind.isPortable(on: reader)
        virtualisation = DeviceKind.virtualisation(on: reader)
    }

    /// Chassis types of SMBIOS (DSP0134 §7.4.1): portable, laptop, notebook, hand held, sub notebook, tablet, convertible, detachable.
    private static let portableChassis: Set<String> = ["8", "9", "10", "11", "14", "30", "31", "32"]

    private static func isPortable(on reader: HostReader) -> Bool {
        let chassis = shellAssignments(reader.linesIfAny("/etc/machine-info"))["CHASSIS"]
        if let chassis { return ["laptop", "convertible", "tablet", "handset"].contains(chassis) }
        if let type = reader.word("/sys/class/dmi/id/chassis_type"), portableChassis.contains(type) { return true }
        return reader.names(in: "/sys/class/power_supply").contains { name in
            let path = "/sys/class/power_supply/\(name)"
            // A wireless mouse has a battery too; its scope is "Device".
            return reader.word("\(path)/type") == "Battery" && reader.word("\(path)/scope") != "Device"
        }
    }

    private static let hypervisors = [
        "QEMU", "KVM", "VMware", "VirtualBox", "innotek", "Xen", "Bochs", "Parallels", "Amazon EC2", "Google Compute",
        "OpenStack", "DigitalOcean", "Hetzner", "Virtual Machine", "Firecracker", "Cloud Hypervisor", "BHYVE", "oVirt",
    ]

    private static func virtualisation(on reader: HostReader) -> String? {
        for field in ["sys_vendor", "product_name", "board_vendor", "bios_vendor"] {
            guard let text = reader.word("/sys/class/dmi/id/\(field)") else { continue }
            if let name = hypervisors.first(where: { text.contains($0) }) { return name }
        }
        if let type = reader.word("/sys/hypervisor/type"), !type.isEmpty { return type }
        // The processor's own word, but only where no firmware speaks: Windows and macOS hosts set it for nested use too.
        let flags = reader.linesIfAny("/proc/cpuinfo", limit: 4 << 20).first { $0.hasPrefix("flags") }
        let isContainer = reader.first(of: ["/.dockerenv", "/run/.containerenv"]) != nil
        if let flags, !reader.exists("/sys/class/dmi/id"), flags.words.contains("hypervisor") { return "hypervisor" }
        return isContainer ? "container" : nil
    }
}
