import Foundation

/// The files that a log was renamed or copied to, as logrotate and its like name them.
enum RotatedFiles {
    private static let most = 32
    private static let mostEntries = 100_000

    /// What stands beside `path`, the newest first: `PATH.old`, `PATH.1`, `PATH.2` …, then `PATH-20261122` and such, without
    /// what is compressed.
    static func beside(_ path: String) -> [String] {
        let real = realPath(path)
        let folder = (real as NSString).deletingLastPathComponent
        let base = (real as NSString).lastPathComponent
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        var numbered: [(Int, String)] = []
        var dated: [String] = []
        for entry in entries.prefix(mostEntries) where entry.hasPrefix(base) && entry.utf8.count > base.utf8.count + 1 {
            let rest = entry.dropFirst(base.count)
            let ending = rest.dropFirst()
            if rest.first == ".", ending == "old" {
                numbered.append((-1, entry))
            } else if rest.first == ".", ending.utf8.count <= 5, let number = UInt16(ending) {
                numbered.append((Int(number), entry))
            } else if rest.first == "-" || rest.first == "." || rest.first == "_", ending.utf8.allSatisfy(isOfDate) {
                dated.append(entry)
            }
        }
        let names = numbered.sorted { $0 < $1 }.map(\.1) + dated.sorted(by: >)
        return names.prefix(most).map { folder.isEmpty ? $0 : (folder as NSString).appendingPathComponent($0) }
    }

    /// A log is often a symbolic link; then it is rotated beside what the link leads to.
    private static func realPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func isOfDate(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "T"), UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
