import ArgumentParser
import Foundation
import Kernel

/// How results are written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// Writing to the terminal or into a pipe.
enum Output {
    static func write(_ text: String, to file: FileHandle = .standardOutput) {
        // Whoever read us may have gone; there is nobody left to tell.
        try? file.write(contentsOf: Data(text.utf8))
    }

    static func line(_ text: String = "") { write(text + "\n") }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }

    /// What a person should know while a command works; never mixed with its result.
    static func note(_ text: String) { write(text + "\n", to: .standardError) }
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
    /// The bytes of a file, or of standard input for `-`.
    ///
    /// - Parameter limit: The most bytes that make sense.
    /// - Throws: `Problem` `file.unreadable` or `file.size` with the file's name.
    static func bytes(of path: String, limit: Int) throws -> [UInt8] {
        let place = Problem.Place(file: path)
        let data: Data
        do {
            let file = path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            data = try file.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw Problem(
                .unavailable, code: "file.unreadable", "The file cannot be read.",
                hint: "Check its name and that you may read it.", place: place, cause: "\(error)")
        }
        guard data.count <= limit else {
            throw Problem(.invalid, code: "file.size", "The file is larger than \(limit >> 20) MiB.", place: place)
        }
        return [UInt8](data)
    }
}
