import Foundation

/// When a file was made, to the nanosecond: it tells two files apart that begin with the same bytes and had the same inode, one
/// after the other.
struct FileBirth: Hashable, Sendable, CustomStringConvertible {
    private let seconds: Int64
    private let nanoseconds: UInt32

    #if os(Linux)
        // statx(2) is in the C library since 2.28, and its structure never changes; but Swift's overlay does not show it.
        private typealias Statx =
            @convention(c) (Int32, UnsafePointer<CChar>, Int32, UInt32, UnsafeMutableRawPointer) -> Int32
        private static let statx = dlsym(nil, "statx").map { unsafeBitCast($0, to: Statx.self) }

        private enum Layout {
            static let size = 256
            static let birth: UInt32 = 0x800
            static let mask = 0
            static let seconds = 0x50
            static let nanoseconds = 0x58
            static let emptyPath: Int32 = 0x1000
        }

        /// Of an open file; `nil` where the file system does not keep it.
        init?(descriptor: Int32) {
            guard let statx = Self.statx else { return nil }
            let found: (Int64, UInt32)? = withUnsafeTemporaryAllocation(byteCount: Layout.size, alignment: 8) { facts in
                guard let base = facts.baseAddress, statx(descriptor, "", Layout.emptyPath, Layout.birth, base) == 0,
                    facts.load(fromByteOffset: Layout.mask, as: UInt32.self) & Layout.birth != 0
                else { return nil }
                return (
                    facts.load(fromByteOffset: Layout.seconds, as: Int64.self),
                    facts.load(fromByteOffset: Layout.nanoseconds, as: UInt32.self)
                )
            }
            guard let found else { return nil }
            (seconds, nanoseconds) = found
        }
    #else
        /// Of an open file.
        init?(descriptor: Int32) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { return nil }
            seconds = Int64(status.st_birthtimespec.tv_sec)
            nanoseconds = UInt32(status.st_birthtimespec.tv_nsec)
        }
    #endif

    /// Both numbers in hexadecimal digits.
    var description: String { String(seconds, radix: 16) + "." + String(nanoseconds, radix: 16) }
}
