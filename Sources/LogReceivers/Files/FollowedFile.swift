import Kernel
import LogFormats
import NIOPosix

/// A file on its way into the intake: how far it was read, and how far it was handed over.
struct FollowedFile: Sendable {
    let file: OpenFile
    /// What it begins with, as far as it was read.
    fileprivate(set) var beginning: FileBeginning
    /// The name that records are handed over under, by the length of what it covers.
    fileprivate var name: (length: Int, repetition: Int)?
    /// Where the first byte stands that was not handed over.
    fileprivate(set) var kept: UInt64
    /// Where the first byte stands that was not read.
    fileprivate var read: UInt64
    fileprivate var lines: LineCutter
    /// How often in a row nothing new was found since it was rotated away.
    var quietLooks = 0

    var hasPartialLine: Bool { lines.pending > 0 }

    /// The copy of a file that was emptied since (logrotate's `copytruncate`), which goes on where that was left.
    func continued(in copy: OpenFile) -> FollowedFile {
        FollowedFile(
            file: copy, beginning: beginning, name: name, kept: kept, read: kept,
            lines: LineCutter(limit: FileReader.longestLine))
    }
}

/// Reads followed files piece by piece and hands the lines over.
struct FileReader: Sendable {
    /// The longest line; of a longer one the rest is left out.
    static let longestLine = 1 << 20
    /// Reads so much at a time.
    private static let pieceSize = 256 << 10

    /// What reading on came to.
    enum Progress: Sendable, Equatable {
        case went(bytes: Int)
        /// The file was emptied, or is another one behind the same name: what was read of it is no longer there.
        case begunAnew
    }

    let sender: LogSender
    let intake: any LogIntake
    let clock: WallClock

    /// The file from its first byte on.
    func begin(_ file: OpenFile) -> FollowedFile {
        FollowedFile(
            file: file, beginning: FileBeginning([], of: file), kept: 0, read: 0,
            lines: LineCutter(limit: Self.longestLine))
    }

    /// The file from where the intake has kept it.
    ///
    /// - Parameter origin: Of the file that it may be a copy of.
    /// - Returns: `nil` if the intake knows nothing of it.
    func resume(_ file: OpenFile, copiedFrom origin: String? = nil) async throws -> FollowedFile? {
        let (bytes, size) = try await Self.blocking {
            (try file.read(at: 0, FileBeginning.most), try file.facts().size)
        }
        let own = FileBeginning(bytes, of: file)
        let copied = origin.map { FileBeginning(bytes, origin: $0) }
        for length in own.lengths(size: size) {
            for beginning in [own, copied].compactMap({ $0 }) {
                guard let (repetition, position) = try await lastKnown(beginning, length) else { continue }
                // More was kept than there is: it was emptied, and has begun with the same bytes again.
                guard position <= size else { return begin(file) }
                var followed = begin(file)
                followed.beginning = beginning
                followed.name = (length, repetition)
                followed.kept = position
                followed.read = position
                return followed
            }
        }
        return nil
    }

    /// Reads the next piece and hands over the lines that are whole with it.
    func readOn(_ followed: inout FollowedFile) async throws -> Progress {
        let (file, offset, known) = (followed.file, followed.read, followed.beginning.bytes)
        let look = try await Self.blocking {
            let piece = try file.read(at: offset, Self.pieceSize)
            // Looked at after the piece was read: a file that was emptied before that is found out.
            let beginning = try file.read(at: 0, FileBeginning.most)
            let isShorter = try piece.isEmpty && file.facts().size < offset
            return (piece: piece, beginning: beginning, isSame: !isShorter && beginning.starts(with: known))
        }
        guard look.isSame else { return .begunAnew }
        guard !look.piece.isEmpty else { return .went(bytes: 0) }
        var next = followed
        next.read += UInt64(look.piece.count)
        next.beginning.bytes = Array(look.beginning.prefix(FileBeginning.length(end: next.read)))
        try await handOver(&next, of: &followed) { $0.take(look.piece, into: &$1) }
        return .went(bytes: look.piece.count)
    }

    /// Hands over a last line whose newline will not come.
    func finishLine(_ followed: inout FollowedFile) async throws {
        guard followed.lines.pending > 0 else { return }
        var next = followed
        try await handOver(&next, of: &followed) { $0.finish(into: &$1) }
    }

    /// Takes the step from `followed` to `next` once the intake has the records; if it fails, nothing has happened but a name.
    private func handOver(
        _ next: inout FollowedFile, of followed: inout FollowedFile,
        _ fill: (inout LineCutter, inout LogBatch) -> Void
    ) async throws {
        var batch = LogBatch(receivedAt: clock.now())
        fill(&next.lines, &batch)
        let tooLong = next.lines.takeTooLong()
        next.kept = next.read - next.lines.pending
        if !batch.isEmpty {
            let length = FileBeginning.length(end: next.kept)
            let repetition: Int
            if let name = next.name, name.length == length {
                repetition = name.repetition
            } else {
                repetition = try await firstUnknown(next.beginning, length)
            }
            // Noted even if handing over fails: the intake may have kept the records all the same, under this name.
            followed.name = (length, repetition)
            next.name = followed.name
            batch.position = LogBatch.Position(
                stream: next.beginning.name(length: length, repetition: repetition), start: followed.kept,
                end: next.kept)
            try await intake.accept(batch, from: sender)
        }
        if tooLong > 0 { intake.refused(tooLong, from: sender, because: .tooLong) }
        followed = next
    }

    private func lastKnown(_ beginning: FileBeginning, _ length: Int) async throws -> (Int, UInt64)? {
        var found: (Int, UInt64)?
        for repetition in 0..<FileBeginning.mostRepetitions {
            let name = beginning.name(length: length, repetition: repetition)
            guard let position = try await intake.position(of: name, from: sender) else { break }
            found = (repetition, position)
        }
        return found
    }

    private func firstUnknown(_ beginning: FileBeginning, _ length: Int) async throws -> Int {
        let known = try await lastKnown(beginning, length)
        return known.map { min($0.0 + 1, FileBeginning.mostRepetitions - 1) } ?? 0
    }

    /// Runs what may wait for a disk where waiting holds up nobody else.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
