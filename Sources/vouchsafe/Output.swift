import ArgumentParser
import Foundation
import Kernel
import Synchronization

/// How results are written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// Writing to the terminal or into a pipe.
enum Output {
    private static let lost = Mutex<Problem?>(nil)

    /// The first result that could not be written, as on a full disk; a command that lost one has failed.
    static var whatWasLost: Problem? { lost.withLock { $0 } }

    private static let gone = Mutex(false)

    /// Whoever read the result went away, so that more of it is of no use.
    static var isReaderGone: Bool { gone.withLock { $0 } }

    static func write(_ text: String) { write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                // Whoever read us may have gone; there is nobody left to tell.
                if errno == EPIPE { gone.withLock { $0 = true } } else { lose(errno) }
                return
            }
            rest = rest.dropFirst(written)
        }
    }

    private static func lose(_ reason: Int32) {
        let problem = Problem(
            .unavailable, code: "output.lost", "The result could not be written: \(String(cString: strerror(reason))).")
        lost.withLock { $0 = $0 ?? problem }
    }

    static func line(_ text: String = "") { write(text + "\n") }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }

    /// What a person should know while a command works; never mixed with its result.
    static func note(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8)) }
}

/// Rows in columns, as wide as the terminal allows.
struct TextTable {
    private var rows: [[String]] = []
    private let headings: [String]

    init(_ headings: String...) {
        self.headings = headings
    }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// The table's lines. The last column takes the room that is left and is cut off there; a pipe gets all of it.
    var lines: [String] {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        let room = Self.terminalWidth.map { $0 - widths.dropLast().reduce(0) { $0 + $1 + 2 } }
        return all.map { cells in
            cells.enumerated().map { column, cell in
                if column == headings.count - 1 { return room.map { cell.cut(to: max(20, $0)) } ?? cell }
                return cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }.joined()
        }
    }

    private static var terminalWidth: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }
}

extension String {
    fileprivate func cut(to width: Int) -> String {
        count <= width ? self : String(prefix(width - 1)) + "…"
    }
}

/// Reading the files that a person names.
enum Input {
    /// The most bytes of a pack and of a policy's text that make sense.
    static let packLimit = 4 << 20
    static let textLimit = 8 << 20

    /// The bytes of a file, or of standard input for `-`.
    ///
    /// - Parameter limit: The most bytes that make sense.
    /// - Throws: `Problem` `file.unreadable` or `file.size` with the file's name.
    static func bytes(of path: String, limit: Int) throws -> [UInt8] {
        let bytes = try InputFile(path).read(upTo: limit + 1)
        try refuse(bytes, longerThan: limit, named: path)
        return bytes
    }

    /// Refuses a file that is longer than makes sense.
    static func refuse(_ bytes: [UInt8], longerThan limit: Int, named path: String) throws(Problem) {
        guard bytes.count > limit else { return }
        let most = limit < 1 << 20 ? "\(limit >> 10) KiB" : "\(limit >> 20) MiB"
        throw Problem(
            .invalid, code: "file.size", "The file is larger than \(most).", place: Problem.Place(file: path))
    }
}
