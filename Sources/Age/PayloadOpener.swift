import Crypto
import Foundation
import Kernel

/// Opens a payload as it comes and hands out only what is authentic, in its place, chunk by chunk.
struct PayloadOpener: Sendable {
    private let key: SymmetricKey
    private var nonce = ChunkNonce()
    /// Room for a nonce, then at most one sealed chunk, which waits until it is known whether it is the last.
    private var held: [UInt8]
    private var heldCount = 0

    init(key: SymmetricKey) {
        self.key = key
        held = [UInt8](repeating: 0, count: ChunkNonce.size + Payload.sealedChunkSize)
    }

    mutating func open(_ bytes: UnsafeBufferPointer<UInt8>, into plaintext: inout [UInt8]) throws(Problem) {
        var position = 0
        while position < bytes.count {
            if heldCount == Payload.sealedChunkSize {
                try openFollowed(into: &plaintext)
                heldCount = 0
            }
            let count = min(Payload.sealedChunkSize - heldCount, bytes.count - position)
            hold(UnsafeBufferPointer(rebasing: bytes[position..<position + count]))
            position += count
        }
    }

    /// Opens what is held as the last chunk.
    mutating func finish(into plaintext: inout [UInt8]) throws(Problem) {
        guard heldCount >= Payload.tagSize else {
            throw AgeProblem.truncated("It ends within part \(nonce.index + 1).")
        }
        guard openHeld(isLast: true, into: &plaintext) else {
            if heldCount == Payload.sealedChunkSize, openHeld(isLast: false, into: &plaintext) {
                throw AgeProblem.truncated("It ends after part \(nonce.index + 1), which is not the last.")
            }
            throw AgeProblem.payload(chunk: nonce.index, "It was changed, or the file is cut off.")
        }
        // Otherwise one plaintext could be sealed in two ways.
        guard heldCount > Payload.tagSize || nonce.index == 0 else {
            throw AgeProblem.payload(chunk: nonce.index, "It is empty.")
        }
    }

    private mutating func hold(_ bytes: UnsafeBufferPointer<UInt8>) {
        let start = ChunkNonce.size + heldCount
        held.withUnsafeMutableBytes {
            UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + bytes.count])
                .copyMemory(from: UnsafeRawBufferPointer(bytes))
        }
        heldCount += bytes.count
    }

    /// Opens a full chunk that more bytes follow after.
    private mutating func openFollowed(into plaintext: inout [UInt8]) throws(Problem) {
        guard !openHeld(isLast: false, into: &plaintext) else { return nonce.advance() }
        guard !openHeld(isLast: true, into: &plaintext) else { throw AgeProblem.trailing }
        throw AgeProblem.payload(chunk: nonce.index, "It was changed.")
    }

    private mutating func openHeld(isLast: Bool, into plaintext: inout [UInt8]) -> Bool {
        nonce.write(isLast: isLast, into: &held)
        let opened = held.withUnsafeBytes { held in
            let combined = UnsafeRawBufferPointer(rebasing: held.prefix(ChunkNonce.size + heldCount))
            return (try? ChaChaPoly.SealedBox(combined: combined)).flatMap { try? ChaChaPoly.open($0, using: key) }
        }
        guard let opened else { return false }
        opened.withUnsafeBytes { plaintext.append(contentsOf: $0) }
        return true
    }
}
