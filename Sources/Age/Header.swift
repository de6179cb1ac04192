import Kernel

/// The header of an age file: the file key wrapped for each recipient, and a code over all of it (c2sp.org/age).
struct Header: Sendable {
    let stanzas: [Stanza]
    /// What the code is made over: everything up to and with the three hyphens.
    let covered: [UInt8]
    let mac: [UInt8]

    /// The longest header that is read or written, in bytes: 168 hybrid recipients or 2674 others.
    static let sizeLimit = 256 * 1024
    static let versionLine = "age-encryption.org/v1"
    static let macSize = 32

    init(stanzas: [Stanza], covered: [UInt8], mac: [UInt8]) {
        self.stanzas = stanzas
        self.covered = covered
        self.mac = mac
    }

    /// The header that wraps `fileKey` as `stanzas` do.
    ///
    /// - Throws: A `Problem` (invalid, `age.too-many-recipients`) if no one would read it for its length.
    init(stanzas: [Stanza], fileKey: FileKey) throws(Problem) {
        var covered = Array("\(Self.versionLine)\n".utf8)
        for stanza in stanzas { stanza.write(into: &covered) }
        covered.append(contentsOf: "---".utf8)
        guard covered.count + 45 <= Self.sizeLimit else {
            throw Problem(
                .invalid, code: "age.too-many-recipients",
                "\(stanzas.count) recipients do not fit in the header of one age file.", hint: "Name fewer recipients.")
        }
        self.init(stanzas: stanzas, covered: covered, mac: fileKey.mac(over: covered))
    }

    /// The header as it stands in the file.
    var encoded: [UInt8] { covered + [UInt8(ascii: " ")] + Base64.text(mac) + [UInt8(ascii: "\n")] }
}
