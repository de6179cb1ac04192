/// Memory that grows and is used again and again.
struct ByteBuffer: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    var used = 0

    init() {
        capacity = 4096
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var next: UnsafeMutablePointer<UInt8> { base + used }

    /// Forgets what was written, and makes room.
    mutating func restart(capacity needed: Int) {
        used = 0
        reserve(needed)
    }

    /// Makes room; what was written may be gone.
    @inline(__always)
    mutating func reserve(_ needed: Int) {
        if needed > capacity { grow(needed) }
    }

    private mutating func grow(_ needed: Int) {
        base.deallocate()
        capacity = max(needed, capacity * 2)
        base = .allocate(capacity: capacity)
    }
}
