import ScannerLists

/// The bytes of a list: those that are compiled in, which nobody copies, or those of a newer file.
struct ListBytes: Sendable {
    private enum Origin: Sendable {
        case embedded(start: UInt, count: Int)
        case file([UInt8])
    }

    private let origin: Origin

    /// The list of a newer file.
    init(_ bytes: [UInt8]) { origin = .file(bytes) }

    private init(embedded start: UnsafePointer<UInt8>, count: Int) {
        // The address of bytes that live as long as the process, kept as a number because pointers do not cross tasks.
        origin = .embedded(start: UInt(bitPattern: start), count: count)
    }

    /// The compiled-in hosts that are preloaded for HSTS.
    static let preloadedHosts = ListBytes(
        embedded: scanner_list_hsts_preload(), count: scanner_list_hsts_preload_count())
    /// The compiled-in public suffixes.
    static let publicSuffixes = ListBytes(
        embedded: scanner_list_public_suffixes(), count: scanner_list_public_suffixes_count())

    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        switch origin {
        case .file(let bytes): bytes.withUnsafeBufferPointer(body)
        case .embedded(let start, let count):
            body(UnsafeBufferPointer(start: UnsafePointer(bitPattern: start), count: count))
        }
    }
}
