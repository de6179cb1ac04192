import Foundation
import Kernel
import Posture

/// The files below one directory, in which absolute links and `..` lead no further up than that directory.
struct HostTree: Sendable {
    /// Without a slash at its end, unless it is `/` itself.
    let root: String

    /// The path on this machine of `path` in the tree, links resolved inside it.
    ///
    /// - Parameter follow: whether a link in the last place is followed.
    /// - Returns: `nil` for a ring of links and a path that is none.
    private func located(_ path: String, follow: Bool = true) -> String? {
        guard path.utf8.count <= 4096, !path.utf8.contains(0) else { return nil }
        // The kernel does this itself at the real root, including what /proc does with links that name no path.
        if root == "/" { return path }
        var rest = Array(path.split(separator: "/").reversed())
        var reached: [Substring] = []
        var links = 0
        while let component = rest.popLast() {
            if component == "." { continue }
            if component == ".." {
                _ = reached.popLast()
                continue
            }
            if component.utf8.count > 255 { return nil }
            let candidate = root + "/" + (reached + [component]).joined(separator: "/")
            guard follow || !rest.isEmpty, let target = HostTree.target(candidate) else {
                reached.append(component)
                continue
            }
            links += 1
            // As the kernel does: 40 links, then ELOOP.
            guard links <= 40, rest.count < 4096 else { return nil }
            if target.hasPrefix("/") { reached = [] }
            rest.append(contentsOf: target.split(separator: "/").reversed())
        }
        return root + "/" + reached.joined(separator: "/")
    }

    /// Reads a regular file. With `isWhole`, one longer than `limit` is refused; without, its beginning is given.
    func read(_ path: String, limit: Int, isWhole: Bool) -> HostReader.Reading {
        guard limit >= 0 else { return .failed("a negative limit") }
        guard let place = located(path) else { return .failed("too many symbolic links, or a name that is too long") }
        // A pipe must not make the check wait for a writer.
        let descriptor = open(place, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return .missing
            case EACCES, EPERM: return .denied
            case ENXIO, EISDIR: return .notAFile
            case let code: return .failed(HostTree.reason(code))
            }
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failed(HostTree.reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .notAFile }
        if isWhole, status.st_size > limit { return .tooLarge(limit: limit) }
        // Files of the kernel say that they are empty, so the size is a hint and no more.
        let wanted = isWhole ? limit + 1 : limit
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: max(1, min(wanted, max(4096, min(Int(status.st_size) + 1, 1 << 18)))))
        while bytes.count < wanted {
            let room = wanted - bytes.count
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, min($0.count, room)) }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EACCES || errno == EPERM ? .denied : .failed(HostTree.reason(errno))
            }
            bytes.append(contentsOf: buffer[..<count])
        }
        return isWhole && bytes.count > limit ? .tooLarge(limit: limit) : .contents(bytes)
    }

    func list(_ path: String) -> HostReader.Listing {
        guard let place = located(path) else { return .failed("too many symbolic links, or a name that is too long") }
        guard let directory = opendir(place) else {
            switch errno {
            case ENOENT: return .missing
            case ENOTDIR: return .notADirectory
            case EACCES, EPERM: return .denied
            case let code: return .failed(HostTree.reason(code))
            }
        }
        defer { closedir(directory) }
        var names: [String] = []
        // Bounded, so that a directory of a million files costs no memory to speak of.
        while names.count < 65_536, let entry = readdir(directory) {
            let length = Int(entry.pointee.d_reclen) - (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                Array(raw.prefix(max(0, min(length, raw.count))).prefix { $0 != 0 })
            }
            let name = String(decoding: bytes, as: UTF8.self)
            if name != ".", name != ".." { names.append(name) }
        }
        return .names(names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    func linkTarget(_ path: String) -> String? {
        located(path, follow: false).flatMap(HostTree.target)
    }

    func status(_ path: String) -> HostReader.StatusReading {
        guard let place = located(path) else { return .failed("too many symbolic links, or a name that is too long") }
        var found = stat()
        guard stat(place, &found) == 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return .missing
            case EACCES, EPERM: return .denied
            case let code: return .failed(HostTree.reason(code))
            }
        }
        let kind: HostReader.FileStatus.Kind =
            switch found.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            case S_IFBLK: .blockDevice
            case S_IFCHR: .characterDevice
            default: .other
            }
        let device = kind == .blockDevice || kind == .characterDevice ? UInt64(found.st_rdev) : UInt64(found.st_dev)
        return .found(
            HostReader.FileStatus(
                kind: kind, mode: found.st_mode & 0o7777, owner: found.st_uid,
                modified: Instant(
                    milliseconds: Int64(found.st_mtim.tv_sec) * 1000 + Int64(found.st_mtim.tv_nsec) / 1_000_000),
                device: HostTree.number(device)))
    }

    /// glibc's coding of a device number (gnu_dev_major(3)).
    private static func number(_ device: UInt64) -> DeviceNumber {
        DeviceNumber(
            major: UInt32(truncatingIfNeeded: (device >> 8) & 0xFFF | (device >> 32) & 0xFFFF_F000),
            minor: UInt32(truncatingIfNeeded: device & 0xFF | (device >> 12) & 0xFFFF_FF00))
    }

    private static func target(_ place: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { readlink(place, $0, bytes.count) } ?? -1
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
