import Crypto
import Foundation
import Kernel

/// Verifies an export with nothing but the ledger's public key, in one pass and in constant memory.
///
/// Every row's digest is recomputed and must lead to the content that its entry committed to; every entry must lead to the
/// signed root; the ledger must tell of this export; and the ledger's key must have signed the whole file, as its last line. So
/// nobody without that key can change a byte, take one away or add one unnoticed. What it cannot see is what the holder of the
/// key did: a ledger that was rewritten from the start (compare the checkpoint with one that someone else holds), or a row that
/// was left out as if it had been replaced or erased.
public struct ExportVerifier: Sendable {
    private var walk: ExportWalk
    /// The beginning of a line that has not ended yet.
    private var rest: [UInt8] = []
    /// Of every line before the last.
    private var hash = SHA256()
    private var failure: Problem?

    /// A verification that has read nothing.
    ///
    /// - Parameter verifier: The ledger's key, which the reader must have from somewhere else than the file.
    public init(trusting verifier: NoteVerifier) {
        walk = ExportWalk(verifier: verifier)
    }

    /// Reads on.
    ///
    /// - Parameter bytes: The next bytes of the file, of any number; a mebibyte is a good one.
    /// - Throws: A `Problem` (refused) with the line that does not hold, as soon as it is known. It is thrown again by
    ///   whatever is called afterwards.
    public mutating func take(_ bytes: [UInt8]) throws(Problem) {
        if let failure { throw failure }
        do {
            try read(bytes.span)
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func read(_ bytes: Span<UInt8>) throws(Problem) {
        var start = 0
        // Hashed in runs of lines: the digest of a million lines one by one would cost as much again.
        var hashed = 0
        while let end = bytes.lineFeed(from: start) {
            if rest.isEmpty {
                let line = bytes.extracting(start..<end)
                if ExportClosing.begins(line) {
                    hash.update(bytes.extracting(hashed..<start))
                    try walk.close(line, sha256: sha256)
                    hashed = end + 1
                } else {
                    try walk.take(line)
                }
            } else {
                try keep(bytes.extracting(start..<end))
                let line = rest
                rest = []
                if ExportClosing.begins(line.span) {
                    try walk.close(line.span, sha256: sha256)
                    hashed = end + 1
                } else {
                    hash.update(line.span)
                    hashed = end
                    try walk.take(line.span)
                }
            }
            start = end + 1
        }
        // What stands behind the last line feed may belong to the last line, which is not hashed.
        if hashed < start { hash.update(bytes.extracting(hashed..<start)) }
        try keep(bytes.extracting(start...))
    }

    private var sha256: String { Array(hash.finalize()).hex }

    /// What there is to sign, when every line but the last was read.
    ///
    /// - Throws: A `Problem` (refused) unless all that was read holds so far.
    public func closing() throws(Problem) -> ExportClosing {
        if let failure { throw failure }
        return try walk.closing(sha256: sha256)
    }

    private mutating func keep(_ bytes: Span<UInt8>) throws(Problem) {
        guard bytes.count <= ExportFormat.lineLimit - rest.count else {
            throw ExportFormat.malformed("A line is longer than \(ExportFormat.lineLimit >> 20) MiB.")
        }
        rest.append(bytes)
    }

    /// How many entries were read.
    public var entries: UInt64 { walk.entries }

    /// How many there must be, as far as that is known.
    public var signedEntries: UInt64 { walk.signedEntries }

    /// Judges the whole, when there is nothing more to read.
    ///
    /// - Throws: A `Problem` (refused) that says what does not hold.
    public func finish() throws(Problem) -> VerifiedExport {
        if let failure { throw failure }
        guard rest.isEmpty else {
            throw Problem(
                .refused, code: "export.cut-short", "The export ends too early: its last line is not ended.",
                hint: "Copy the whole file, or ask for another export.")
        }
        return try walk.result()
    }
}

extension SHA256 {
    fileprivate mutating func update(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBytes { update(bufferPointer: $0) }
    }
}

extension Span<UInt8> {
    /// Where the next line feed stands.
    fileprivate func lineFeed(from start: Int) -> Int? {
        extracting(start...).withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, let found = memchr(base, 0x0A, buffer.count) else { return nil }
            return start + (UnsafeRawPointer(found) - base)
        }
    }
}
