import Kernel

/// What lies under a block device, told by sysfs: the device mapper's own word about each layer, never a configuration file's.
struct BlockDevices {
    /// How a device's content reaches the medium.
    enum Protection: Hashable {
        /// Everything passes through dm-crypt; `layer` is the start of its uuid, such as `CRYPT-LUKS2`.
        case encrypted(layer: String)
        /// Some path to the medium passes through no encryption; `leaf` is the device it ends in.
        case plain(leaf: String, isVirtualDisk: Bool)
        case untold(String)
    }

    /// A device's directory in sysfs and the kernel's name for it.
    struct Node: Hashable {
        let path: String
        let name: String
    }

    let reader: HostReader
    /// Whether the firmware says that every disk is a provider's.
    var isVirtualMachine = false
    /// Mapped name → cipher, where `dmsetup table` could be run.
    var ciphers: [String: String] = [:]

    /// Follows the layers down from `node`. All slaves must be encrypted: a volume group over two disks is as bare as its barest.
    ///
    /// - Parameter chain: collects the layers, for evidence.
    func protection(of node: Node, chain: inout [String], depth: Int = 0) -> Protection {
        guard depth < 16, chain.count < 256 else { return .untold("the chain under \(node.name) has no end") }
        let uuid = reader.word("\(node.path)/dm/uuid") ?? ""
        let mappedName = reader.word("\(node.path)/dm/name")
        chain.append(mappedName.map { "\(node.name) (\($0)\(uuid.isEmpty ? "" : ", " + kind(uuid)))" } ?? node.name)
        // dm-verity and dm-integrity come from cryptsetup as well, and encrypt nothing.
        if uuid.hasPrefix("CRYPT-"), !uuid.hasPrefix("CRYPT-VERITY-"), !uuid.hasPrefix("CRYPT-INTEGRITY-") {
            if let cipher = mappedName.flatMap({ ciphers[$0] }), cipher.contains("null") {
                return .plain(leaf: "\(node.name), whose cipher is \(cipher)", isVirtualDisk: false)
            }
            return .encrypted(layer: kind(uuid))
        }
        let slaves = reader.names(in: "\(node.path)/slaves")
        if !slaves.isEmpty { return protection(ofAll: slaves, under: node, chain: &chain, depth: depth) }
        if uuid.hasPrefix("LVM-") || uuid.hasPrefix("CRYPT-") || node.name.hasPrefix("dm-") {
            return .untold("no slaves are listed under \(node.name)")
        }
        if reader.exists("\(node.path)/partition"), let parent = parent(of: node) {
            return protection(of: parent, chain: &chain, depth: depth + 1)
        }
        return .plain(leaf: node.name, isVirtualDisk: isVirtualDisk(node))
    }

    private func protection(ofAll slaves: [String], under node: Node, chain: inout [String], depth: Int) -> Protection {
        var layers: Set<String> = []
        var worst: Protection?
        for slave in slaves {
            let below = self.node(named: slave, under: node).map { protection(of: $0, chain: &chain, depth: depth + 1) }
            switch below ?? protection(ofUnlisted: slave) {
            case .encrypted(let layer): layers.insert(layer)
            case .plain(let leaf, let isVirtual):
                // One bare disk that is real decides over one that the provider may encrypt.
                if case .plain(_, false) = worst { continue }
                worst = .plain(leaf: leaf, isVirtualDisk: isVirtual)
            case .untold(let reason): if worst == nil { worst = .untold(reason) }
            }
        }
        return worst ?? .encrypted(layer: layers.sorted().joined(separator: ", "))
    }

    /// What a device's name alone tells where sysfs does not list it: a disk's or a partition's own name can never be a mapped device.
    func protection(ofUnlisted source: String) -> Protection {
        let name = source.split(separator: "/").last.map(String.init) ?? source
        let isDisk = ["sd", "nvme", "hd", "mmcblk", "vd", "xvd"].contains { kind in
            name.hasPrefix(kind) && name.utf8.count <= 16 && name.utf8.contains { (48...57).contains($0) }
        }
        guard isDisk else { return .untold("\(name) is not in sysfs") }
        return .plain(leaf: name, isVirtualDisk: isVirtualMachine || name.hasPrefix("vd") || name.hasPrefix("xvd"))
    }

    /// `CRYPT-LUKS2-8d0…-name` → `CRYPT-LUKS2`; `LVM-…` → `LVM`.
    private func kind(_ uuid: String) -> String {
        let parts = uuid.split(separator: "-")
        return parts.prefix(parts.first == "CRYPT" ? 2 : 1).joined(separator: "-").shortened(to: 32)
    }

    // MARK: - Finding a device

    func node(_ number: DeviceNumber) -> Node? {
        let path = "/sys/dev/block/\(number)"
        if !reader.names(in: path).isEmpty { return Node(path: path, name: name(of: path) ?? "\(number)") }
        for directory in ["/sys/class/block", "/sys/block"] {
            for name in reader.names(in: directory) where reader.word("\(directory)/\(name)/dev") == number.description
            {
                return Node(path: "\(directory)/\(name)", name: name)
            }
        }
        return nil
    }

    /// The device behind `/dev/…`, by the kernel's name, a link to it, or the device mapper's name.
    func node(source: String) -> Node? {
        guard source.hasPrefix("/dev/") else { return nil }
        var path = source
        for _ in 0..<8 {
            guard let target = reader.linkTarget(path) else { break }
            path =
                target.hasPrefix("/")
                ? target : path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/" + target
        }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        if let node = node(named: name, under: nil) { return node }
        if case .found(let status) = reader.status(source), status.kind == .blockDevice, let node = node(status.device)
        {
            return node
        }
        let mapped = source.split(separator: "/").last.map(String.init) ?? ""
        // /dev/vg/lv stands for the mapped name vg-lv, with hyphens inside doubled.
        let parts = source.split(separator: "/").dropFirst().map {
            $0.split(separator: "-", omittingEmptySubsequences: false).joined(separator: "--")
        }
        let logical = parts.joined(separator: "-")
        for directory in ["/sys/class/block", "/sys/block", "/sys/dev/block"] {
            for entry in reader.names(in: directory) {
                guard let name = reader.word("\(directory)/\(entry)/dm/name") else { continue }
                if name == mapped || name == logical { return Node(path: "\(directory)/\(entry)", name: entry) }
            }
        }
        return nil
    }

    private func node(named name: String, under parent: Node?) -> Node? {
        guard !name.isEmpty else { return nil }
        var places = ["/sys/class/block/\(name)", "/sys/block/\(name)"]
        if let parent { places.insert("\(parent.path)/slaves/\(name)", at: 0) }
        for path in places where !reader.names(in: path).isEmpty { return Node(path: path, name: name) }
        for entry in reader.names(in: "/sys/dev/block") {
            let path = "/sys/dev/block/\(entry)"
            if self.name(of: path) == name || reader.word("\(path)/dm/name") == name {
                return Node(path: path, name: name)
            }
        }
        // A partition is listed below its disk.
        for disk in reader.names(in: "/sys/block") where name.hasPrefix(disk) {
            let path = "/sys/block/\(disk)/\(name)"
            if !reader.names(in: path).isEmpty { return Node(path: path, name: name) }
        }
        return nil
    }

    private func name(of path: String) -> String? {
        if let target = reader.linkTarget(path) { return target.split(separator: "/").last.map(String.init) }
        return shellAssignments(reader.linesIfAny("\(path)/uevent", limit: 4096))["DEVNAME"]
    }

    /// The disk that a partition is on; only that of a link's target is certain.
    private func parent(of node: Node) -> Node? {
        let path = "\(node.path)/.."
        guard let number = reader.word("\(path)/dev").flatMap({ DeviceNumber($0) }) else { return nil }
        return self.node(number)
    }

    /// A disk that a hypervisor gives: virtio or Xen.
    private func isVirtualDisk(_ node: Node) -> Bool {
        if isVirtualMachine || node.name.hasPrefix("vd") || node.name.hasPrefix("xvd") { return true }
        let target = reader.linkTarget(node.path) ?? ""
        return target.contains("/virtio") || target.contains("/vbd-")
    }
}
