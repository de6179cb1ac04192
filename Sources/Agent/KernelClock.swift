import Foundation
import Posture

/// The kernel's own word about its clock.
enum KernelClock {
    /// Swift's Glibc module leaves `struct timex` out, so the call is looked up by name and its answer read at the offsets of
    /// the 64-bit Linux ABI (adjtimex(2), linux/timex.h).
    private typealias Adjust = @convention(c) (UnsafeMutableRawPointer) -> Int32

    /// - Returns: `nil` if the kernel does not answer.
    static func discipline() -> HostReader.ClockDiscipline? {
        guard MemoryLayout<Int>.size == 8, let symbol = dlsym(nil, "adjtimex") else { return nil }
        let adjust = unsafeBitCast(symbol, to: Adjust.self)
        // Larger than the structure; modes, its first field, is 0: this only reads, and needs no rights.
        var state = [UInt64](repeating: 0, count: 64)
        return state.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress, adjust(base) >= 0 else { return nil }
            let offset = bytes.load(fromByteOffset: 8, as: Int64.self)
            let estimatedError = bytes.load(fromByteOffset: 32, as: Int64.self)
            let status = bytes.load(fromByteOffset: 40, as: Int32.self)
            let unsynchronised: Int32 = 0x0040
            let nanoseconds: Int32 = 0x2000
            return HostReader.ClockDiscipline(
                isSynchronised: status & unsynchronised == 0,
                offset: status & nanoseconds == 0 ? offset : offset / 1000,
                estimatedError: estimatedError)
        }
    }
}
