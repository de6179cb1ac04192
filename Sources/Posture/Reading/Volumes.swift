import Kernel

/// Which mounts and swap areas hold data at rest, and what protects each.
struct Volumes {
    let table: MountTable
    let reader: HostReader
    private var devices: BlockDevices

    init(table: MountTable, reader: HostReader) {
        self.table = table
        self.reader = reader
        devices = BlockDevices(reader: reader, isVirtualMachine: DeviceKind(on: reader).isNamedMachine)
        if case .finished(0, let output) = reader.run(.deviceMapperTable) {
            devices.ciphers = Volumes.ciphers(output.lines)
        }
    }

    /// Mapped name → cipher, out of `dmsetup table` lines such as `root: 0 1024 crypt aes-xts-plain64 …`. What follows, a key, is not looked at.
    static func ciphers(_ lines: [String]) -> [String: String] {
        var ciphers: [String: String] = [:]
        for line in lines {
            guard let (name, rest) = line.cut(at: ":") else { continue }
            let words = rest.words
            guard words.count >= 4, words[2] == "crypt" else { continue }
            ciphers[name] = words[3].shortened(to: 40)
        }
        return ciphers
    }

    /// File systems that are read-only by nature or hold no data of their own.
    private static let sealedTypes: Set<String> = [
        "squashfs", "iso9660", "udf", "erofs", "cramfs", "efivarfs",
    ]
    private static let outsideTypes: Set<String> = [
        "overlay", "virtiofs", "9p", "nfs", "nfs4", "cifs", "tmpfs", "rootfs", "ramfs", "fuse.fuse-overlayfs", "aufs",
        "ceph",
    ]

    /// Whether what lies under the mount cannot be seen from this host.
    static func isFromOutside(_ mount: MountTable.Mount) -> Bool {
        outsideTypes.contains(mount.type)
    }

    /// The mounts to judge, each device once, the root first.
    static func counted(in table: MountTable) -> [MountTable.Mount] {
        var seen: Set<String> = []
        let root = table.mounts.last { $0.place == "/" }
        return ([root].compactMap(\.self) + table.mounts.filter { $0.place != "/" }).filter { mount in
            // A container's resolv.conf and hosts are the outer host's files, mounted one by one.
            if let root, isFromOutside(root), mount.place.hasPrefix("/etc/") { return false }
            let isBootOnly = ["/boot", "/boot/efi", "/boot/firmware", "/efi"].contains(mount.place)
            guard !isBootOnly, !sealedTypes.contains(mount.type), !outsideTypes.contains(mount.type) else {
                return false
            }
            let isOnDevice =
                (mount.device?.major ?? 0) != 0 || mount.source.hasPrefix("/dev/")
                || ["zfs", "btrfs", "bcachefs"].contains(mount.type)
            // devtmpfs and its like have major 0 and sources that are mere words.
            guard isOnDevice, mount.type != "devtmpfs", mount.isWritable || mount.place == "/" else { return false }
            return seen.insert(mount.type == "zfs" ? mount.source : mount.device?.description ?? mount.source).inserted
        }
    }

    func swaps() -> [MountTable.Swap] {
        MountTable.swaps(reader.linesIfAny("/proc/swaps")).filter {
            !$0.path.hasPrefix("/dev/zram") && !$0.path.hasPrefix("/zram")
        }
    }

    func protection(of mount: MountTable.Mount, chain: inout [String], depth: Int = 0) -> BlockDevices.Protection {
        guard depth < 8 else { return .untold("the loop devices form a ring") }
        switch mount.type {
        case "zfs": return protection(ofDataset: mount.source, chain: &chain)
        case "btrfs", "bcachefs": return protection(ofSources: members(of: mount), chain: &chain)
        default: break
        }
        let numbered = mount.device.flatMap { $0.major == 0 ? nil : devices.node($0) }
        guard let node = numbered ?? devices.node(source: mount.source) else {
            return devices.protection(ofUnlisted: mount.source)
        }
        return protection(of: node, chain: &chain, depth: depth)
    }

    func protection(of swap: MountTable.Swap, chain: inout [String]) -> BlockDevices.Protection {
        if swap.isFile {
            guard let mount = table.mount(holding: swap.path) else { return .untold("no mount holds it") }
            return protection(of: mount, chain: &chain)
        }
        let source = swap.path.hasPrefix("/dev/") ? swap.path : "/dev" + swap.path
        guard let node = devices.node(source: source) else { return devices.protection(ofUnlisted: source) }
        return protection(of: node, chain: &chain, depth: 0)
    }

    private func protection(of node: BlockDevices.Node, chain: inout [String], depth: Int) -> BlockDevices.Protection {
        // A loop device is as safe as the file system that holds its file.
        if let file = reader.word("\(node.path)/loop/backing_file"), let mount = table.mount(holding: file) {
            chain.append(node.name)
            return protection(of: mount, chain: &chain, depth: depth + 1)
        }
        return devices.protection(of: node, chain: &chain)
    }

    /// The devices of a file system that spans several; its mount names only one.
    private func members(of mount: MountTable.Mount) -> [String] {
        let sources = mount.type == "bcachefs" ? mount.source.split(separator: ":").map(String.init) : [mount.source]
        guard mount.type == "btrfs", let first = devices.node(source: mount.source) else { return sources }
        for system in reader.names(in: "/sys/fs/btrfs") {
            let names = reader.names(in: "/sys/fs/btrfs/\(system)/devices")
            if names.contains(first.name) { return names.map { "/dev/\($0)" } }
        }
        return sources
    }

    private func protection(ofSources sources: [String], chain: inout [String]) -> BlockDevices.Protection {
        var layers: Set<String> = []
        for source in sources {
            let below = devices.node(source: source).map { protection(of: $0, chain: &chain, depth: 0) }
            switch below ?? devices.protection(ofUnlisted: source) {
            case .encrypted(let layer): layers.insert(layer)
            case let other: return other
            }
        }
        return .encrypted(layer: layers.sorted().joined(separator: ", "))
    }

    /// Native encryption with its key loaded, or a pool of which every device is encrypted.
    private func protection(ofDataset dataset: String, chain: inout [String]) -> BlockDevices.Protection {
        chain.append("ZFS \(dataset)")
        guard case .finished(0, let output) = reader.run(.zfsProperties) else {
            return .untold("zfs get could not be run")
        }
        var properties: [String: String] = [:]
        for line in output.lines {
            let fields = line.split(separator: "\t").flatMap { $0.split(separator: " ") }.map(String.init)
            if fields.count >= 3, fields[0] == dataset { properties[fields[1]] = fields[2] }
        }
        guard let cipher = properties["encryption"] else { return .untold("zfs names no encryption for \(dataset)") }
        if cipher != "off", cipher != "-" {
            let isOpen = properties["keystatus"].map { $0 == "available" } ?? true
            return isOpen
                ? .encrypted(layer: "ZFS \(cipher)")
                : .untold("the key of \(dataset) is \(properties["keystatus"] ?? "")")
        }
        guard case .finished(0, let pools) = reader.run(.zpoolDevices) else {
            return .untold("\(dataset) is not encrypted by ZFS, and zpool status could not be run")
        }
        let pool = dataset.split(separator: "/").first.map(String.init) ?? dataset
        let sources = Volumes.devices(ofPool: pool, in: pools.lines)
        return sources.isEmpty
            ? .untold("zpool status names no device of \(pool)") : protection(ofSources: sources, chain: &chain)
    }

    static func devices(ofPool pool: String, in lines: [String]) -> [String] {
        var isOurs = false
        var sources: [String] = []
        for line in lines {
            let words = line.words
            if words.first == "pool:" { isOurs = words.dropFirst().first == pool }
            if isOurs, let first = words.first, first.hasPrefix("/dev/") { sources.append(first) }
        }
        return sources
    }
}
