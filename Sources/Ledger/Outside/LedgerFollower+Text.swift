import Kernel

// What a follower keeps between two looks at a ledger, as a small text file.
extension LedgerFollower {
    static let formatLine = "vouchsafe/follower@v1"

    /// The state as it is stored: the ledger's key, the tree's right edge, and below an empty line the newest
    /// checkpoint.
    public var encoded: [UInt8] {
        let head = "\(Self.formatLine)\nkey \(verifier.text)\nedge \(frontier.encoded.base64)\n"
        guard let note else { return Array(head.utf8) }
        return Array(head.utf8) + [TextLines.lineFeed] + note.encoded
    }

    /// Reads a stored state; of each there is one spelling only.
    ///
    /// The edge must lead to the size and root that the checkpoint in the file was signed for, so that a damaged file
    /// is never taken for a forked ledger.
    ///
    /// - Throws: A `Problem` (refused, `follower.malformed`) that says what is wrong.
    public init(parsing bytes: [UInt8]) throws(Problem) {
        guard bytes.count <= SignedNote.sizeLimit else { throw Self.malformed("It is too long.") }
        guard let lines = TextLines.split(bytes[...]), lines.count >= 3,
            lines[0].elementsEqual(Self.formatLine.utf8),
            let key = Self.value(of: "key", in: lines[1]), let edge = Self.value(of: "edge", in: lines[2])
        else { throw Self.malformed("It does not begin with \(Self.formatLine), key and edge.") }
        guard lines.count == 3 || lines[3].isEmpty else {
            throw Self.malformed("An empty line belongs below the edge.")
        }
        do throws(Problem) {
            let note = lines.count > 4 ? try SignedNote(parsing: Array(bytes[lines[4].startIndex...])) : nil
            self.init(
                trusting: try NoteVerifier(parsing: key), note: note,
                frontier: try MerkleFrontier(encoded: [UInt8](canonicalBase64: edge) ?? []))
            try check()
        } catch {
            throw error.code == Self.code ? error : Self.malformed(error.message)
        }
        guard encoded == bytes else { throw Self.malformed("It is not written in the one canonical form.") }
    }

    private func check() throws(Problem) {
        guard let note else {
            guard size == 0 else { throw Self.malformed("It has \(size) entries and no checkpoint of them.") }
            return
        }
        let checkpoint = try Checkpoint(opening: note, with: verifier)
        guard checkpoint.size == size, checkpoint.root == root else {
            throw Self.malformed("Its edge is not that of the tree in its checkpoint.")
        }
    }

    private static func value(of name: String, in line: ArraySlice<UInt8>) -> String? {
        line.starts(with: "\(name) ".utf8) ? TextLines.string(line.dropFirst(name.utf8.count + 1)) : nil
    }

    private static let code = "follower.malformed"

    private static func malformed(_ reason: String) -> Problem {
        Problem(
            .refused, code: code, "The follower's state is malformed. \(reason)",
            hint: "Restore it from a copy; beginning anew with the key alone audits the ledger from its first entry.")
    }
}
