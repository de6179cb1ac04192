import Kernel

/// Tells from outside whether bytes can be an age file, for whoever keeps files and cannot open them.
///
/// It needs no identity and so proves little. It sees damage to the header's form, to armour (whose last line also shows
/// that nothing was cut off), and a payload whose length no complete file has. A binary file that was cut anywhere in
/// its payload most often still has a possible length, always so at the end of a chunk: compare ``Outline/plaintextSize``
/// with the size that was sealed. Bytes that were changed, in the payload or in the header's base64, it cannot see
/// at all: keep a hash for that.
public struct AgeFraming: Sendable {
    /// What a file is, as far as it shows from outside.
    public struct Outline: Hashable, Sendable {
        /// The type of each recipient in the header, in its order: `X25519`, `mlkem768x25519`, `scrypt` or another.
        public let recipientTypes: [String]
        /// Whether it is text.
        public let isArmoured: Bool
        /// How many bytes of plaintext it holds, if it is complete.
        public let plaintextSize: UInt64
    }

    private var reader = FileReader(Measuring())

    /// Begins with the first byte of a file.
    public init() {}

    /// Takes more of the file, in pieces of any size.
    ///
    /// - Throws: A `Problem` (refused): `age.format`, `age.version`, `age.armour`, `age.header`.
    public mutating func read(_ bytes: Span<UInt8>) throws(Problem) {
        var none: [UInt8] = []
        try bytes.withUnsafeBufferPointer { (bytes) throws(Problem) in try reader.read(bytes, into: &none) }
    }

    /// Takes more of the file, as ``read(_:)`` does for spans.
    ///
    /// - Throws: A `Problem` (refused): `age.format`, `age.version`, `age.armour`, `age.header`.
    public mutating func read(_ bytes: [UInt8]) throws(Problem) {
        try read(bytes.span)
    }

    /// Tells the end of the file.
    ///
    /// - Returns: What the file is.
    /// - Throws: A `Problem` (refused): those of ``read(_:)``, and `age.truncated` for a length that no complete file has.
    public mutating func finish() throws(Problem) -> Outline {
        var none: [UInt8] = []
        try reader.finish(into: &none)
        let parts = reader.parts
        return Outline(
            recipientTypes: parts.types, isArmoured: reader.isArmoured == true, plaintextSize: parts.plaintextSize)
    }
}

/// The parts of a file counted.
private struct Measuring: FileParts {
    private(set) var types: [String] = []
    private(set) var plaintextSize: UInt64 = 0
    private var sealedSize: UInt64 = 0

    mutating func meet(_ header: Header) { types = header.stanzas.map(\.type) }

    mutating func begin(nonce: [UInt8]) {}

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, into plaintext: inout [UInt8]) {
        sealedSize += UInt64(bytes.count)
    }

    mutating func finish(into plaintext: inout [UInt8]) throws(Problem) {
        guard let size = Payload.plaintextSize(ofSealed: sealedSize) else {
            throw AgeProblem.truncated("No complete file has \(sealedSize) bytes of payload.")
        }
        plaintextSize = size
    }
}
