import Foundation
import Kernel

@testable import Vault

/// Random bytes that repeat themselves from test to test (SplitMix64), and never within one source.
func seeded(_ seed: UInt64) -> Randomness {
    let state = Locked(seed)
    return Randomness { count in (0..<count).map { _ in state.next() } }
}

/// A counter that several closures may share.
final class Locked: @unchecked Sendable {
    // Every access holds the lock.
    private let lock = NSLock()
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    func next() -> UInt8 {
        lock.withLock {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return UInt8(truncatingIfNeeded: mixed >> 32)
        }
    }
}

let now = Instant(milliseconds: 1_770_000_000_000)

func code(_ error: any Error) -> String? { (error as? Problem)?.code }

/// A new empty directory that is gone after `body`.
func withDirectory(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "vault-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path)
}
