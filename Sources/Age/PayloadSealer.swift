import Crypto
import Foundation
import Kernel

/// Seals a payload as it comes, one chunk at a time, and never holds more than one.
struct PayloadSealer: Sendable {
    private let key: SymmetricKey
    private var nonce = ChunkNonce()
    /// At most one chunk, which waits until it is known whether it is the last.
    private var held: [UInt8] = []

    init(key: SymmetricKey) {
        self.key = key
        held.reserveCapacity(Payload.chunkSize)
    }

    mutating func seal(_ bytes: UnsafeBufferPointer<UInt8>, into sealed: inout [UInt8]) throws(Problem) {
        var rest = bytes
        if !held.isEmpty {
            let missing = min(Payload.chunkSize - held.count, rest.count)
            held.append(contentsOf: UnsafeBufferPointer(rebasing: rest.prefix(missing)))
            rest = UnsafeBufferPointer(rebasing: rest.dropFirst(missing))
            guard !rest.isEmpty else { return }
            try sealHeld(isLast: false, into: &sealed)
        }
        while rest.count > Payload.chunkSize {
            let chunk = UnsafeBufferPointer(rebasing: rest.prefix(Payload.chunkSize))
            try Self.seal(
                chunk: UnsafeRawBufferPointer(chunk), by: key, nonce: nonce.value(isLast: false), into: &sealed)
            nonce.advance()
            rest = UnsafeBufferPointer(rebasing: rest.dropFirst(Payload.chunkSize))
        }
        held.append(contentsOf: rest)
    }

    mutating func finish(into sealed: inout [UInt8]) throws(Problem) {
        try sealHeld(isLast: true, into: &sealed)
    }

    private mutating func sealHeld(isLast: Bool, into sealed: inout [UInt8]) throws(Problem) {
        let nonceValue = nonce.value(isLast: isLast)
        try held.withUnsafeBufferPointer { (chunk) throws(Problem) in
            try Self.seal(chunk: UnsafeRawBufferPointer(chunk), by: key, nonce: nonceValue, into: &sealed)
        }
        nonce.advance()
        held.removeAll(keepingCapacity: true)
    }

    private static func seal(
        chunk: UnsafeRawBufferPointer, by key: SymmetricKey, nonce: ChaChaPoly.Nonce?, into sealed: inout [UInt8]
    ) throws(Problem) {
        guard let nonce, let box = try? ChaChaPoly.seal(chunk, using: key, nonce: nonce) else {
            throw AgeProblem.sealing
        }
        box.combined.withUnsafeBytes {
            sealed.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0.dropFirst(ChunkNonce.size)))
        }
    }
}
