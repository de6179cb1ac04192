/// The text form of age files: strict PEM (RFC 7468 §3, figure 3) with the label of age.
enum Armour {
    static let beginLine = "-----BEGIN AGE ENCRYPTED FILE-----"
    static let endLine = "-----END AGE ENCRYPTED FILE-----"
    /// The characters of every line of the body but the last, which may have fewer.
    static let lineLength = 64
    /// The bytes that a full line spells.
    static let lineBytes = 48

    /// What may stand around the block and means nothing there.
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
