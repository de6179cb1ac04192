/// Cuts a YAML file where its documents begin: at lines that start with `---`, which nothing inside a document may (YAML 1.2.2,
/// section 9.1.2, forbids it even in quoted text).
enum DocumentSplitter {
    /// The documents, each with the number of lines before it.
    static func parts(of bytes: [UInt8]) -> [(bytes: ArraySlice<UInt8>, lines: Int)] {
        var parts: [(bytes: ArraySlice<UInt8>, lines: Int)] = []
        var start = 0
        var startLine = 0
        var line = 0
        var place = 0
        while place < bytes.count {
            if place > start, isMarker(bytes, at: place) {
                parts.append((bytes[start..<place], startLine))
                (start, startLine) = (place, line)
            }
            guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else { break }
            place = end + 1
            line += 1
        }
        parts.append((bytes[start...], startLine))
        return parts
    }

    private static func isMarker(_ bytes: [UInt8], at place: Int) -> Bool {
        guard place + 3 <= bytes.count, bytes[place..<(place + 3)].allSatisfy({ $0 == UInt8(ascii: "-") }) else {
            return false
        }
        guard place + 3 < bytes.count else { return true }
        return [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(
            bytes[place + 3])
    }
}
