import Kernel

/// A text with signatures below it, in the form of c2sp.org/signed-note.
///
/// Reading it says nothing about who signed: use ``text(signedBy:)`` or ``text(signedOnlyBy:)`` before believing a word.
public struct SignedNote: Hashable, Sendable {
    /// One signature line.
    public struct Signature: Hashable, Sendable {
        /// The name of the key, as its owner calls it.
        public let name: String
        /// The first bytes of a hash over name and key: tells keys of one name apart, proves nothing.
        public let keyID: UInt32
        /// What the key's algorithm gave.
        public let value: [UInt8]
    }

    /// The text that is signed, its last line feed included.
    public let text: [UInt8]
    /// The signatures in the order of their lines.
    public let signatures: [Signature]

    init(text: [UInt8], signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    /// The most signature lines that are read; the specification asks for at least 16.
    public static let signatureLimit = 64
    /// The most bytes of a note that are read.
    public static let sizeLimit = 256 * 1024

    /// Reads a note; of each note there is one spelling only.
    ///
    /// - Throws: A `Problem` (refused, `note.malformed`) that says what is wrong with the form.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= Self.sizeLimit else { throw Self.malformed("It is longer than \(Self.sizeLimit) bytes.") }
        guard TextLines.string(bytes) != nil else { throw Self.malformed("It is not UTF-8.") }
        guard bytes.allSatisfy({ $0 >= 0x20 || $0 == TextLines.lineFeed }) else {
            throw Self.malformed("It contains a control character.")
        }
        guard let lines = TextLines.split(bytes[...]) else { throw Self.malformed("Its last line is not ended.") }
        guard let blank = lines.lastIndex(where: \.isEmpty), blank > 0 else {
            throw Self.malformed("No empty line stands between text and signatures.")
        }
        let signatureLines = lines[(blank + 1)...]
        guard (1...Self.signatureLimit).contains(signatureLines.count) else {
            throw Self.malformed("It has \(signatureLines.count) signatures; 1 to \(Self.signatureLimit) are allowed.")
        }
        var signatures: [Signature] = []
        for line in signatureLines { signatures.append(try Self.signature(line)) }
        self.signatures = signatures
        text = Array(bytes[..<lines[blank].startIndex])
    }

    private static func signature(_ line: ArraySlice<UInt8>) throws(Problem) -> Signature {
        guard let text = TextLines.string(line), text.hasPrefix(signaturePrefix) else {
            throw malformed("A signature line does not begin with a long dash and a space.")
        }
        let parts = text.dropFirst(signaturePrefix.count).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, isKeyName(String(parts[0])) else {
            throw malformed("A signature line is not a key name and a signature.")
        }
        guard let bytes = [UInt8](canonicalBase64: String(parts[1])), bytes.count > 4 else {
            throw malformed("The signature of \(parts[0]) is not canonical base64 of a key id and a signature.")
        }
        let keyID = bytes[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Signature(name: String(parts[0]), keyID: keyID, value: Array(bytes[4...]))
    }

    /// The note as it is stored and sent.
    public var encoded: [UInt8] {
        var bytes = text
        bytes.append(TextLines.lineFeed)
        for signature in signatures {
            let id = (0..<4).map { UInt8(truncatingIfNeeded: signature.keyID >> UInt32(24 - 8 * $0)) }
            bytes.append(contentsOf: "\(Self.signaturePrefix)\(signature.name) \((id + signature.value).base64)\n".utf8)
        }
        return bytes
    }

    static func isKeyName(_ name: String) -> Bool {
        !name.isEmpty && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 }
    }

    private static let signaturePrefix = "\u{2014} "

    static func malformed(_ reason: String) -> Problem {
        Problem(.refused, code: "note.malformed", "The signed note is malformed. \(reason)")
    }
}

// MARK: - Who signed

extension SignedNote {
    /// The text, once it is known that `verifiers` signed it.
    ///
    /// Signatures of other keys are passed over, as the specification demands: they may be a witness's, or a key's that comes next.
    ///
    /// - Throws: A `Problem` (refused) if none of the keys signed, or if a line in the name of one does not hold.
    public func text(signedBy verifiers: [NoteVerifier]) throws(Problem) -> [UInt8] {
        var holds = false
        for signature in signatures {
            for verifier in verifiers where verifier.isNamed(in: signature) {
                guard verifier.isValid(signature.value, over: text) else {
                    throw Problem(
                        .refused, code: "note.signature",
                        "The signature of \(signature.name) does not fit the text above it.")
                }
                holds = true
            }
        }
        guard holds else {
            let expected = verifiers.map(\.name).joined(separator: ", ")
            throw Problem(
                .refused, code: "note.unsigned", "The note is not signed by \(expected).",
                hint: "Ask its issuer for the key that it is signed with, on another way than the note came.")
        }
        return text
    }

    /// The text, once it is known that `verifiers`, each once, signed it and that nothing else stands in the note.
    ///
    /// For files in which every byte must be vouched for.
    ///
    /// - Throws: As ``text(signedBy:)``, and for a signature line that none of the keys vouches for or that stands there twice.
    public func text(signedOnlyBy verifiers: [NoteVerifier]) throws(Problem) -> [UInt8] {
        let text = try text(signedBy: verifiers)
        var seen: Set<NoteVerifier> = []
        for signature in signatures {
            guard let verifier = verifiers.first(where: { $0.isNamed(in: signature) }) else {
                throw Problem(
                    .refused, code: "note.stranger",
                    "The note carries a signature of \(signature.name) that cannot be checked.")
            }
            guard seen.insert(verifier).inserted else {
                throw Problem(
                    .refused, code: "note.repeated", "The note carries the signature of \(signature.name) twice.")
            }
        }
        return text
    }
}
