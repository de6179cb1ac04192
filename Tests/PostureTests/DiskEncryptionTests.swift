import Kernel
import Posture
import Testing

/// Disks, built layer by layer as sysfs shows them.
private struct Machine {
    var host = FakeHost()
    private var mounts: [String] = []
    private var swaps = ["Filename\tType\tSize\tUsed\tPriority"]

    mutating func disk(_ name: String, _ number: String, on parent: String? = nil) {
        let path = parent.map { "/sys/devices/pci0000:00/\($0)/\(name)" } ?? "/sys/devices/pci0000:00/\(name)"
        add(name, number, path: path)
        if parent != nil { host.files["\(path)/partition"] = "1\n" }
    }

    mutating func mapped(_ name: String, _ number: String, uuid: String, as mappedName: String, over slaves: [String]) {
        let path = "/sys/devices/virtual/block/\(name)"
        add(name, number, path: path)
        host.files["\(path)/dm/uuid"] = uuid + "\n"
        host.files["\(path)/dm/name"] = mappedName + "\n"
        host.links["/dev/mapper/\(mappedName)"] = "../\(name)"
        for slave in slaves { host.links["\(path)/slaves/\(slave)"] = "/sys/class/block/\(slave)" }
    }

    private mutating func add(_ name: String, _ number: String, path: String) {
        host.files["\(path)/dev"] = number + "\n"
        host.files["\(path)/size"] = "1000\n"
        host.links["/sys/dev/block/\(number)"] = path
        host.links["/sys/class/block/\(name)"] = path
    }

    mutating func mount(
        _ place: String, _ number: String, _ type: String = "ext4", source: String, options: String = "rw"
    ) {
        mounts.append(
            "\(mounts.count + 20) 1 \(number) / \(place) \(options),relatime shared:1 - \(type) \(source) \(options)")
    }

    mutating func swap(_ path: String, _ kind: String = "partition") { swaps.append("\(path) \(kind) 1000 0 -2") }

    func run() -> Measurement {
        var host = host
        host.files["/proc/self/mountinfo"] = mounts.joined(separator: "\n") + "\n"
        host.files["/proc/swaps"] = swaps.joined(separator: "\n") + "\n"
        return host.run("endpoint.disk-encryption")
    }

    static let luks = "CRYPT-LUKS2-8d0a0a0a-luks"

    /// /boot in the clear, and LVM with root and swap on LUKS: Debian's guided encrypted layout.
    static var debianLayout: Machine {
        var machine = Machine()
        machine.disk("nvme0n1", "259:0")
        machine.disk("nvme0n1p2", "259:2", on: "nvme0n1")
        machine.disk("nvme0n1p3", "259:3", on: "nvme0n1")
        machine.mapped("dm-0", "253:0", uuid: luks, as: "nvme0n1p3_crypt", over: ["nvme0n1p3"])
        machine.mapped("dm-1", "253:1", uuid: "LVM-abc", as: "vg-root", over: ["dm-0"])
        machine.mapped("dm-2", "253:2", uuid: "LVM-def", as: "vg-swap", over: ["dm-0"])
        machine.mount("/", "253:1", source: "/dev/mapper/vg-root")
        machine.mount("/boot", "259:2", source: "/dev/nvme0n1p2")
        machine.swap("/dev/dm-2")
        return machine
    }
}

@Suite struct DiskEncryptionTests {
    @Test func `LVM on LUKS passes, with an unencrypted boot partition`() {
        let found = Machine.debianLayout.run()
        #expect(found.result == .pass)
        #expect(found.value.contains("2 of 2 volumes"))
        #expect(found.value.contains("CRYPT-LUKS2"))
    }

    @Test func `A plain home beside an encrypted root fails and is named`() {
        var machine = Machine.debianLayout
        machine.disk("sda", "8:0")
        machine.disk("sda1", "8:1", on: "sda")
        machine.mount("/home", "8:1", source: "/dev/sda1")
        let found = machine.run()
        #expect(found.result == .fail)
        #expect(found.value.contains("/home on sda"))
        #expect(found.fix != nil)
    }

    @Test(arguments: [("/dev/sda1", "partition"), ("/swapfile", "file")])
    func `Plain swap fails`(path: String, kind: String) {
        var machine = Machine.debianLayout
        machine.disk("sda", "8:0")
        machine.disk("sda1", "8:1", on: "sda")
        if kind == "file" { machine.mount("/swapfile", "8:1", source: "/dev/sda1") }
        machine.swap(path, kind)
        #expect(machine.run().result == .fail)
    }

    @Test func `A swap file on an encrypted volume and zram pass`() {
        var machine = Machine.debianLayout
        machine.swap("/var/swapfile", "file")
        machine.swap("/dev/zram0")
        #expect(machine.run().result == .pass)
    }

    @Test(arguments: ["CRYPT-VERITY-abc-root", "CRYPT-INTEGRITY-abc-root"])
    func `What cryptsetup sets up without encrypting does not count`(uuid: String) {
        var machine = Machine()
        machine.disk("sda", "8:0")
        machine.mapped("dm-0", "253:0", uuid: uuid, as: "root", over: ["sda"])
        machine.mount("/", "253:0", source: "/dev/mapper/root")
        #expect(machine.run().result == .fail)
    }

    @Test func `A volume group with one bare physical volume fails`() {
        var machine = Machine.debianLayout
        machine.disk("sda", "8:0")
        machine.mapped("dm-3", "253:3", uuid: "LVM-xyz", as: "vg-home", over: ["dm-0", "sda"])
        machine.mount("/home", "253:3", source: "/dev/mapper/vg-home")
        #expect(machine.run().result == .fail)
    }

    @Test func `An encrypted loop file, a crypttab line and a LUKS container elsewhere do not vouch for the root`() {
        var machine = Machine()
        machine.disk("sda", "8:0")
        machine.disk("sda1", "8:1", on: "sda")
        machine.disk("loop0", "7:0")
        machine.host.files["/sys/devices/pci0000:00/loop0/loop/backing_file"] = "/home/me/secret.img\n"
        machine.mapped("dm-0", "253:0", uuid: Machine.luks, as: "secret", over: ["loop0"])
        machine.host.files["/etc/crypttab"] = "root UUID=1 none luks\n"
        machine.mount("/", "8:1", source: "/dev/sda1")
        machine.mount("/mnt/secret", "253:0", source: "/dev/mapper/secret")
        #expect(machine.run().result == .fail)
    }

    @Test func `A loop device is as safe as the volume that holds its file`() {
        var machine = Machine.debianLayout
        machine.disk("loop0", "7:0")
        machine.host.files["/sys/devices/pci0000:00/loop0/loop/backing_file"] = "/srv/data.img\n"
        machine.mount("/data", "7:0", source: "/dev/loop0")
        #expect(machine.run().result == .pass)
    }

    @Test func `A null cipher encrypts nothing`() {
        var machine = Machine.debianLayout
        machine.host.outcomes[.deviceMapperTable] = .finished(
            exitCode: 0, output: Array("nvme0n1p3_crypt: 0 1000 crypt cipher_null-ecb - 0 259:3 32768\n".utf8))
        #expect(machine.run().result == .fail)
    }

    @Test func `btrfs is resolved by its source, and all its devices count`() {
        var machine = Machine.debianLayout
        machine.mount("/data", "0:44", "btrfs", source: "/dev/mapper/nvme0n1p3_crypt")
        #expect(machine.run().result == .pass)
        machine.disk("sda", "8:0")
        machine.host.files["/sys/fs/btrfs/uuid/devices/dm-0"] = ""
        machine.host.files["/sys/fs/btrfs/uuid/devices/sda"] = ""
        #expect(machine.run().result == .fail)
    }

    @Test(arguments: [
        ("aes-256-gcm", "available", CheckResult.pass), ("aes-256-gcm", "unavailable", .unknown), ("off", "-", .pass),
    ])
    func `ZFS passes by its own encryption, or on encrypted devices`(
        encryption: String, key: String, expected: CheckResult
    ) {
        var machine = Machine()
        machine.disk("sda", "8:0")
        machine.mapped("dm-0", "253:0", uuid: Machine.luks, as: "pool", over: ["sda"])
        machine.mount("/", "0:30", "zfs", source: "rpool/ROOT/debian")
        machine.host.outcomes[.zfsProperties] = .finished(
            exitCode: 0,
            output: Array("rpool/ROOT/debian\tencryption\t\(encryption)\nrpool/ROOT/debian\tkeystatus\t\(key)\n".utf8))
        machine.host.outcomes[.zpoolDevices] = .finished(
            exitCode: 0, output: Array("  pool: rpool\n\trpool ONLINE\n\t  /dev/mapper/pool  ONLINE 0 0 0\n".utf8))
        #expect(machine.run().result == expected)
    }

    @Test func `ZFS without its tools is unknown`() {
        var machine = Machine()
        machine.mount("/", "0:30", "zfs", source: "rpool/ROOT/debian")
        #expect(machine.run().result == .unknown)
    }

    @Test(arguments: [("254:1", "ext4", "/dev/vda1"), ("0:55", "overlay", "overlay"), ("0:56", "virtiofs", "root")])
    func `A virtual disk or a container's root is not applicable, never a pass`(
        number: String, type: String, source: String
    ) {
        var machine = Machine()
        machine.disk("vda", "254:0")
        machine.disk("vda1", "254:1", on: "vda")
        machine.mount("/", number, type, source: source)
        let found = machine.run()
        #expect(found.result == .notApplicable)
        #expect(found.value.contains("provider"))
    }

    @Test func `A ring of devices and a missing sysfs are unknown`() {
        var machine = Machine()
        machine.mapped("dm-0", "253:0", uuid: "LVM-a", as: "a", over: ["dm-1"])
        machine.mapped("dm-1", "253:1", uuid: "LVM-b", as: "b", over: ["dm-0"])
        machine.mount("/", "253:0", source: "/dev/mapper/a")
        #expect(machine.run().result == .unknown)
        var bare = Machine()
        bare.mount("/", "253:0", source: "/dev/mapper/a")
        #expect(bare.run().result == .unknown)
        #expect(FakeHost().run("endpoint.disk-encryption").result == .unknown)
    }
}
