import Kernel

/// Whether every writable local volume and all swap reach the medium through dm-crypt or ZFS encryption.
///
/// Counted are all writable file systems on local block devices, `/` in any case, except `/boot` and the EFI system
/// partition, which must be readable before a key is there; and all swap but zram, which is memory. Neither a line in
/// crypttab nor an encrypted device elsewhere counts: each volume's own chain of devices is followed.
enum DiskEncryption {
    static let check = PostureCheck(
        "endpoint.disk-encryption", title: "Disk encryption",
        measures:
            "Every writable local volume and all swap lie on encrypted devices, each followed down to the medium.",
        keywords: [
            "disk", "encrypt", "encrypted", "encryption", "laptop", "drive", "at rest", "luks", "filevault",
            "bitlocker",
        ],
        judge: { reader, _ in judge(reader) })

    static let fix = """
        Move the volume into LUKS: back up, cryptsetup luksFormat DEVICE, restore; or install again and choose the encrypted layout. \
        For swap: put /dev/urandom-keyed swap into /etc/crypttab (man crypttab) and use /dev/mapper/NAME in /etc/fstab.
        """

    static func judge(_ reader: HostReader) -> Measurement {
        var trail = Trail()
        guard let table = mountTable(reader) else {
            return trail.unknown("the kernel's list of mounts is not there", fix: "Mount /proc and run it again.")
        }
        let volumes = Volumes(table: table, reader: reader)
        guard let root = table.mounts.last(where: { $0.place == "/" }) else {
            return trail.unknown("no root file system is listed", fix: "Run it in the host's own mount namespace.")
        }
        var judged: [(place: String, protection: BlockDevices.Protection)] = []
        for mount in Volumes.counted(in: table) {
            var chain: [String] = []
            let protection = volumes.protection(of: mount, chain: &chain)
            trail.note(
                "/proc/self/mountinfo, /sys/dev/block",
                "\(mount.place) (\(mount.type)): \(chain.joined(separator: " ← "))")
            judged.append((mount.place, protection))
        }
        for swap in volumes.swaps() {
            var chain: [String] = []
            let protection = volumes.protection(of: swap, chain: &chain)
            trail.note("/proc/swaps", "\(swap.path): \(chain.joined(separator: " ← "))")
            judged.append(("swap \(swap.path)", protection))
        }
        return verdict(judged, root: root, trail: trail)
    }

    /// In a captured tree `/proc/self` may be a link to a process that was not captured.
    private static func mountTable(_ reader: HostReader) -> MountTable? {
        for path in ["/proc/self/mountinfo", "/proc/1/mountinfo"] {
            let table = MountTable(mountinfo: reader.linesIfAny(path, limit: 4 << 20))
            if !table.mounts.isEmpty { return table }
        }
        for path in ["/proc/mounts", "/proc/self/mounts", "/proc/1/mounts"] {
            let table = MountTable(mounts: reader.linesIfAny(path, limit: 4 << 20))
            if !table.mounts.isEmpty { return table }
        }
        return nil
    }

    private static func verdict(
        _ judged: [(place: String, protection: BlockDevices.Protection)], root: MountTable.Mount, trail: Trail
    ) -> Measurement {
        var plain: [String] = []
        var virtual: [String] = []
        var untold: [String] = []
        var layers: Set<String> = []
        for (place, protection) in judged {
            switch protection {
            case .encrypted(let layer): layers.insert(layer)
            case .plain(let leaf, false): plain.append("\(place) on \(leaf)")
            case .plain(let leaf, true): virtual.append("\(place) on \(leaf)")
            case .untold(let reason): untold.append("\(place): \(reason)")
            }
        }
        let encrypted = judged.count - plain.count - virtual.count - untold.count
        let count = "\(encrypted) of \(judged.count.counted("volume")) encrypted"
        if !plain.isEmpty { return trail.fail("\(count); not encrypted: \(plain.joined(separator: ", "))", fix: fix) }
        if !untold.isEmpty {
            return trail.unknown(
                "\(count); could not be told: \(untold.joined(separator: "; "))",
                fix:
                    "Run it as root on the host itself, with /sys mounted and the file system's own tools (zfs, zpool) installed."
            )
        }
        if !virtual.isEmpty {
            return trail.notApplicable(
                "\(count); \(virtual.joined(separator: ", ")): a virtual disk, whose encryption only its provider can prove"
            )
        }
        if judged.isEmpty
            || (Volumes.isFromOutside(root) && !judged.contains { $0.place == "/" }) && encrypted == judged.count
        {
            return trail.notApplicable(
                "the root file system is \(root.type), given from outside (container or virtual machine): the provider must prove its encryption"
            )
        }
        return trail.pass("\(count) (\(layers.sorted().joined(separator: ", ")))")
    }
}
