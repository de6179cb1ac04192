import Crypto
import Foundation
import Kernel

/// One piece of a dump, in the order in which they stand there.
enum DumpPiece {
    case header(DumpHeader)
    case scope(Identifier<Organisation>)
    /// The rows that follow are of this table of the header.
    case table(Int)
    case row([SQLValue])
    case manifest(DumpManifest)
}

/// Reads a dump as it comes, bounded in every size. What it hands out counts only once ``finish()`` did not throw.
struct DumpReader {
    private enum Place { case firstLine, header, scopes, manifest, end }

    private var place = Place.firstLine
    private var buffer: [UInt8] = []
    private var hash = SHA256()
    /// How many columns each table of the header has.
    private var columns: [Int] = []
    /// How many values the rows have that come now.
    private var width = 0

    /// Takes more of the dump, in pieces of any size, and appends what can be read of it by now.
    ///
    /// - Throws: `Problem` `dump.damaged`, or `dump.format` if it is no dump or one of another version.
    mutating func take(_ bytes: [UInt8], into pieces: inout [DumpPiece]) throws {
        buffer += bytes
        var start = 0
        if place == .firstLine {
            let line = Dump.firstLine
            let count = min(line.count, buffer.count)
            guard buffer[..<count].elementsEqual(line[..<count]) else {
                throw Problem(
                    .refused, code: "dump.format", "This is not a dump in the form \(Dump.name).",
                    hint: "A backup is read by the version of Vouchsafe that made it, or a newer one.")
            }
            guard count == line.count else { return }
            start = count
            place = .header
            hash.update(data: line)
        }
        while buffer.count - start >= 5 {
            guard let kind = Dump.Kind(rawValue: buffer[start]) else {
                throw Dump.damaged("a piece is of no known kind")
            }
            let size = buffer[start + 1..<start + 5].reduce(0) { $0 << 8 | Int($1) }
            guard size <= kind.limit else { throw Dump.damaged("a piece is too large") }
            guard buffer.count - start - 5 >= size else { break }
            let content = buffer[start + 5..<start + 5 + size]
            if let piece = try read(kind, content) { pieces.append(piece) }
            if kind != .end { hash.update(data: buffer[start..<start + 5 + size]) }
            start += 5 + size
        }
        buffer.removeSubrange(..<start)
    }

    /// Tells the end of the dump.
    ///
    /// - Throws: `Problem` `dump.damaged` unless it is complete and nothing follows.
    func finish() throws {
        guard place == .end else { throw Dump.damaged("it is cut off") }
        guard buffer.isEmpty else { throw Dump.damaged("something follows its end") }
    }

    private mutating func read(_ kind: Dump.Kind, _ content: ArraySlice<UInt8>) throws -> DumpPiece? {
        switch (place, kind) {
        case (.header, .header):
            place = .scopes
            let header: DumpHeader = try json(content)
            columns = header.tables.map(\.columns.count)
            return .header(header)
        case (.scopes, .scope):
            guard let organisation = Identifier<Organisation>(bytes: content) else { break }
            return .scope(organisation)
        case (.scopes, .table) where content.count == 2:
            let number = content.reduce(0) { $0 << 8 | Int($1) }
            width = columns.indices.contains(number) ? columns[number] : 0
            return .table(number)
        case (.scopes, .row): return .row(try Self.values(content, atMost: width))
        case (.scopes, .manifest):
            place = .manifest
            return .manifest(try json(content))
        case (.manifest, .end):
            place = .end
            guard constantTimeEquals(Array(hash.finalize()), content) else {
                throw Dump.damaged("its hash is another one than at its end")
            }
            return nil
        default: break
        }
        throw Dump.damaged("a piece stands in the wrong place")
    }

    private func json<T: Decodable>(_ content: ArraySlice<UInt8>) throws -> T {
        do { return try JSONDecoder().decode(T.self, from: Data(content)) } catch {
            throw Dump.damaged("its header or manifest cannot be read")
        }
    }

    /// - Parameter limit: A value in memory is many times as large as the one byte that it may be here, so no more are made than
    ///   belong there.
    private static func values(_ content: ArraySlice<UInt8>, atMost limit: Int) throws -> [SQLValue] {
        var values: [SQLValue] = []
        var rest = content
        while let first = rest.popFirst() {
            guard values.count < limit else { throw Dump.damaged("a row has more values than its table has columns") }
            guard let tag = Dump.Tag(rawValue: first) else { throw Dump.damaged("a value is of no known type") }
            switch tag {
            case .null: values.append(.null)
            case .integer:
                guard rest.count >= 8 else { throw Dump.damaged("a value is cut off") }
                values.append(.integer(rest.prefix(8).reduce(0) { $0 << 8 | Int64($1) }))
                rest = rest.dropFirst(8)
            case .text, .blob:
                let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
                guard rest.count >= 4 + size else { throw Dump.damaged("a value is cut off") }
                let bytes = rest.dropFirst(4).prefix(size)
                rest = rest.dropFirst(4 + size)
                if tag == .blob {
                    values.append(.blob(Array(bytes)))
                } else {
                    guard let text = String(validating: bytes, as: UTF8.self) else {
                        throw Dump.damaged("a text is not UTF-8")
                    }
                    values.append(.text(text))
                }
            }
        }
        return values
    }
}
