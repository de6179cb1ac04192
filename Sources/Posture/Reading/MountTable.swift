import Kernel

/// The mounted file systems and the swap areas, as the kernel lists them (proc_pid_mountinfo(5), proc_swaps(5)).
struct MountTable {
    struct Mount {
        let device: DeviceNumber?
        let place: String
        let type: String
        let source: String
        let isWritable: Bool
    }

    let mounts: [Mount]

    /// Reads `/proc/self/mountinfo`.
    init(mountinfo lines: [String]) {
        mounts = lines.compactMap { line in
            let words = line.words
            guard words.count >= 9, let device = DeviceNumber(words[2]), let hyphen = words[6...].firstIndex(of: "-"),
                words.count > hyphen + 2
            else { return nil }
            let isReadOnly = [words[5], words.count > hyphen + 3 ? words[hyphen + 3] : ""].contains {
                $0.split(separator: ",").contains("ro")
            }
            return Mount(
                device: device, place: MountTable.unescaped(words[4]), type: words[hyphen + 1],
                source: MountTable.unescaped(words[hyphen + 2]), isWritable: !isReadOnly)
        }
    }

    /// Reads `/proc/mounts`, which knows no device numbers.
    init(mounts lines: [String]) {
        mounts = lines.compactMap { line in
            let words = line.words
            guard words.count >= 4, words[1].hasPrefix("/") else { return nil }
            return Mount(
                device: nil, place: MountTable.unescaped(words[1]), type: words[2],
                source: MountTable.unescaped(words[0]), isWritable: !words[3].split(separator: ",").contains("ro"))
        }
    }

    /// The mount that holds `path`: the last one with the longest place, because later mounts cover earlier ones.
    func mount(holding path: String) -> Mount? {
        var found: Mount?
        for mount in mounts {
            let holds = mount.place == "/" || path == mount.place || path.hasPrefix(mount.place + "/")
            if holds, mount.place.utf8.count >= found?.place.utf8.count ?? 0 { found = mount }
        }
        return found
    }

    /// Undoes the kernel's octal escapes: `\040` is a space.
    static func unescaped(_ text: some StringProtocol) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count,
                let code = Int(String(decoding: bytes[(index + 1)...(index + 3)], as: UTF8.self), radix: 8), code < 256
            {
                result.append(UInt8(code))
                index += 4
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// One line of `/proc/swaps`.
    struct Swap {
        let path: String
        let isFile: Bool
    }

    static func swaps(_ lines: [String]) -> [Swap] {
        lines.compactMap { line in
            let words = line.words
            guard words.count >= 3, words[0].hasPrefix("/"), words[1] == "partition" || words[1] == "file" else {
                return nil
            }
            return Swap(path: unescaped(words[0]), isFile: words[1] == "file")
        }
    }
}
