import Crypto
import Kernel

/// What tells the content of a file from any other: what it begins with, and when the file was made.
///
/// A name covers as many bytes as there were when records were handed over under it, 256 at most, and says how many. A file that
/// is still short thus changes its name while it grows; whoever finds it again tries all names that it may have had.
struct FileBeginning: Hashable, Sendable {
    static let most = 256
    /// How often a file may begin anew with the very same bytes before it counts as known.
    static let mostRepetitions = 64

    /// The first bytes, as many as are known.
    var bytes: [UInt8]
    /// When the file was made, or its number: the salt that lets two files begin with the same bytes.
    let origin: String

    init(_ bytes: [UInt8], of file: OpenFile) {
        self.bytes = Array(bytes.prefix(Self.most))
        origin = file.birth.map { "b\($0)" } ?? "i\(file.identity.number)"
    }

    init(_ bytes: [UInt8], origin: String) {
        self.bytes = Array(bytes.prefix(Self.most))
        self.origin = origin
    }

    /// The stream's name for records that end at `end`.
    ///
    /// - Parameter repetition: How often the file began with the same bytes before: a file that is emptied and filled again may.
    func name(length: Int, repetition: Int) -> String {
        let digest = SHA256.hash(data: bytes.prefix(length)).prefix(16).map(\.self).hex
        let name = "\(length)-\(digest)-\(origin)"
        return repetition == 0 ? name : "\(name)-\(repetition)"
    }

    /// How many bytes the name covers for records that end at `end`.
    static func length(end: UInt64) -> Int { Int(min(UInt64(most), end)) }

    /// The lengths that names may have had that a file of `size` was handed over under, the longest first: its records ended
    /// where a line ends, or where the file ends.
    func lengths(size: UInt64) -> [Int] {
        let whole = Self.length(end: min(size, UInt64(bytes.count)))
        return (1...Self.most).reversed().filter { length in
            length == whole || length < whole && bytes[length - 1] == UInt8(ascii: "\n")
        }
    }
}
