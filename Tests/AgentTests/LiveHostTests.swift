import Agent
import Foundation
import Kernel
import Posture
import Testing

/// A file tree in a temporary directory, removed at the end of the test.
final class HostTree {
    let root: String

    init(_ files: [String: String] = [:]) throws {
        root = NSTemporaryDirectory() + "host-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for (path, text) in files { try write(path, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ path: String, _ text: String) throws {
        try write(path, bytes: Array(text.utf8))
    }

    func write(_ path: String, bytes: [UInt8]) throws {
        try makeParent(of: path)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(root)/\(path)"))
    }

    func directory(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: "\(root)/\(path)", withIntermediateDirectories: true)
    }

    func link(_ path: String, to target: String) throws {
        try makeParent(of: path)
        try FileManager.default.createSymbolicLink(atPath: "\(root)/\(path)", withDestinationPath: target)
    }

    private func makeParent(of path: String) throws {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "\(root)/\(parent)", withIntermediateDirectories: true)
    }

    func run(_ id: CheckID, options: PostureOptions = PostureOptions()) -> CheckResult? {
        PostureCatalogue.run([id], on: .live(root: root), options: options).first?.1.result
    }
}

@Suite struct LiveHostTests {
    @Test func `Links in a captured tree are resolved inside it and never lead out`() throws {
        let tree = try HostTree(["etc/real": "inside", "deep/er/x": ""])
        let outside = try HostTree(["secret": "outside"])
        try tree.link("absolute", to: "/etc/real")
        try tree.link("deep/er/relative", to: "../../etc/real")
        try tree.link("deep/escape", to: "../../../../../../../..\(outside.root)/secret")
        try tree.link("jump", to: "\(outside.root)/secret")
        try tree.link("ring", to: "ring2")
        try tree.link("ring2", to: "ring")
        try tree.link("deep/dir", to: "/etc")
        let reader = HostReader.live(root: tree.root + "/")
        for path in ["/absolute", "/deep/er/relative", "/deep/dir/real", "/deep/dir/../etc/real", "/../../etc/real"] {
            #expect(reader.read(path, 100) == .contents(Array("inside".utf8)), "\(path)")
        }
        for path in ["/deep/escape", "/jump"] { #expect(reader.read(path, 100) == .missing, "\(path)") }
        if case .failed = reader.read("/ring", 100) {} else { Issue.record("a ring of links was followed") }
        #expect(reader.linkTarget("/absolute") == "/etc/real")
        #expect(reader.linkTarget("/etc/real") == nil)
    }

    @Test func `Reading is bounded, and what is no file is said to be none`() throws {
        let tree = try HostTree(["ten": "0123456789"])
        try tree.directory("folder")
        #expect(mkfifo(tree.root + "/pipe", 0o600) == 0)
        let reader = HostReader.live(root: tree.root)
        #expect(reader.read("/ten", 10) == .contents(Array("0123456789".utf8)))
        #expect(reader.read("/ten", 9) == .tooLarge(limit: 9))
        #expect(reader.head("/ten", 3) == .contents(Array("012".utf8)))
        #expect(reader.read("/folder", 10) == .notAFile)
        #expect(reader.read("/pipe", 10) == .notAFile)
        #expect(reader.read("/gone", 10) == .missing)
        #expect(reader.list("/") == .names(["folder", "pipe", "ten"]))
        #expect(reader.list("/ten") == .notADirectory)
        #expect(reader.list("/gone") == .missing)
    }

    @Test func `A captured tree's commands are its own, under any of their names`() throws {
        let tree = try HostTree([
            ".commands/apt": "Listing...\nopenssl/oldstable-security 2 amd64 [upgradable from: 1]\n",
            ".commands/sshd": "port 22\npermitrootlogin no\n",
        ])
        #expect(tree.run("endpoint.security-updates") == .fail)
        #expect(tree.run("endpoint.sshd-root-login") == .pass)
        let reader = HostReader.live(root: tree.root)
        #expect(reader.run(.nftRuleset) == .absent)
        #expect(reader.isCaptured)
        #expect(reader.clockDiscipline() == nil)
    }

    @Test func `A laptop's tree with links as sysfs has them is followed down to LUKS`() throws {
        let tree = try HostTree([
            "proc/self/mountinfo": "22 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n",
            "proc/swaps": "Filename Type Size Used Priority\n",
            "sys/devices/virtual/block/dm-1/dm/uuid": "LVM-abc\n",
            "sys/devices/virtual/block/dm-0/dm/uuid": "CRYPT-LUKS2-abc-x\n",
            "sys/devices/pci/nvme0n1/nvme0n1p3/partition": "3\n",
        ])
        try tree.link("sys/dev/block/253:1", to: "../../devices/virtual/block/dm-1")
        try tree.link("sys/devices/virtual/block/dm-1/slaves/dm-0", to: "../../dm-0")
        try tree.link("sys/devices/virtual/block/dm-0/slaves/nvme0n1p3", to: "../../../../pci/nvme0n1/nvme0n1p3")
        #expect(tree.run("endpoint.disk-encryption") == .pass)
    }

    @Test func `Directories of plain files, without sysfs links, do as well`() throws {
        let tree = try HostTree([
            "proc/self/mountinfo": "22 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n",
            "sys/dev/block/253:1/dm/uuid": "LVM-abc\n",
            "sys/dev/block/253:1/slaves/dm-0": "", "sys/block/dm-0/dm/uuid": "CRYPT-LUKS2-abc-x\n",
        ])
        #expect(tree.run("endpoint.disk-encryption") == .pass)
        let plain = try HostTree(["proc/self/mountinfo": "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"])
        #expect(plain.run("endpoint.disk-encryption") == .fail)
    }

    @Test func `Directories where files should be, rings of links and an empty tree crash nothing and pass nothing`()
        throws
    {
        let empty = try HostTree()
        for (id, found) in PostureCatalogue.run(on: .live(root: empty.root)) {
            #expect(found.result != .pass && found.result != .error, "\(id)")
        }
        let odd = try HostTree()
        for path in [
            "etc/passwd", "etc/shadow", "etc/ssh/sshd_config", "proc/self/mountinfo", "proc/net/tcp", "etc/sudoers",
            "etc/os-release", ".commands/nft",
        ] { try odd.directory(path) }
        for path in ["sys/dev/block", "etc/pam.d/common-auth", "var/lib/apt/lists", "etc/group"] {
            try odd.link(path, to: path.split(separator: "/").last.map(String.init) ?? "x")
        }
        for (id, found) in PostureCatalogue.run(on: .live(root: odd.root)) { #expect(found.result != .pass, "\(id)") }
    }

    @Test func `The running machine answers every question with something to read`() {
        let results = PostureCatalogue.run(on: .live())
        #expect(results.count == 22)
        for (id, found) in results {
            #expect(found.result != .error, "\(id): \(found.value)")
            #expect(!found.value.isEmpty)
            if found.result == .fail || found.result == .unknown { #expect(found.fix != nil, "\(id)") }
        }
    }
}
