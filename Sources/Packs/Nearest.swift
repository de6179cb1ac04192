/// The word that someone probably meant.
///
/// - Returns: the candidate with the fewest edits from `word`, or `nil` where even that one is no likely slip.
func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.utf8.prefix(64))
    var best: (distance: Int, word: String)?
    for candidate in candidates {
        let distance = editDistance(letters, Array(candidate.utf8.prefix(64)))
        if distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    guard let best, best.distance <= max(2, letters.count / 3) else { return nil }
    return best.word
}

/// The number of bytes to insert, delete or replace to turn one word into the other (Levenshtein).
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = Array(0...right.count)
    for (row, byte) in left.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(right.count + 1)
        for (column, other) in right.enumerated() {
            current.append(
                min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[right.count]
}
