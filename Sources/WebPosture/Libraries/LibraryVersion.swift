/// Compares versions as the data of Retire.js means them: piece by piece, numbers before words.
enum LibraryVersion {
    /// Tells whether the first version is the second or a later one.
    static func isAtOrAbove(_ version: String, _ other: String) -> Bool {
        let left = pieces(version)
        let right = pieces(other)
        for index in 0..<max(left.count, right.count) {
            let one = index < left.count ? left[index] : .number(0)
            let two = index < right.count ? right[index] : .number(0)
            switch (one, two) {
            case (.number(let one), .number(let two)): if one != two { return one > two }
            case (.word(let one), .word(let two)): if one != two { return one > two }
            // What is released is later than what is named `beta`.
            case (.number, .word): return true
            case (.word, .number): return false
            }
        }
        return true
    }

    private enum Piece {
        case number(UInt64)
        case word(String)
    }

    private static func pieces(_ version: String) -> [Piece] {
        version.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "-" }.prefix(16).map { piece in
            piece.utf8.allSatisfy(\.isDigit)
                ? UInt64(piece).map(Piece.number) ?? .word(String(piece)) : .word(String(piece))
        }
    }
}
