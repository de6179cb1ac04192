import Foundation

/// The file at a path and those that it was before: rotated away, and perhaps still written to.
struct FileChain {
    /// So many looks without anything new, and a line without its newline counts as ended, in a file that was rotated away.
    private static let looksUntilLineEnds = 2
    /// So many looks without anything new, and a file that was rotated away is let go. Some programs go on writing to it for
    /// minutes, until their last connection has ended.
    private static let looksUntilLetGo = 300
    /// The most files that are held at the same time.
    private static let most = 8

    private let path: String
    private let reader: FileReader
    /// The oldest first.
    private var files: [FollowedFile] = []
    /// Whether the last of `files` is what the path leads to.
    private var isLastCurrent = false
    private var isFirstLook = true

    init(path: String, reader: FileReader) {
        self.path = path
        self.reader = reader
    }

    /// Reads everything that is there: the old first, then the new.
    mutating func look() async throws {
        var isQuiet: [Bool] = []
        for index in files.indices { isQuiet.append(try await readToEnd(index) == 0) }
        let path = path
        let identity = try await FileReader.blocking { try Self.identity(of: path) }
        isLastCurrent = identity != nil && identity == files.last?.file.identity
        for index in files.indices {
            let isCurrent = isLastCurrent && index == files.count - 1
            files[index].quietLooks = isQuiet[index] && !isCurrent ? files[index].quietLooks + 1 : 0
        }
        if identity != nil, !isLastCurrent { try await moveOn() }
        try await letGo()
    }

    private static func identity(of path: String) throws -> FileFacts.Identity? {
        do {
            return try FileFacts(path: path).identity
        } catch {
            guard error.code == ENOENT || error.code == ENOTDIR else { throw error }
            return nil
        }
    }

    /// Another file stands at the path: what came between is read, and then that.
    private mutating func moveOn() async throws {
        let path = path
        let file: OpenFile
        do {
            file = try await FileReader.blocking { try OpenFile(path) }
        } catch let failure as SystemFailure where failure.code == ENOENT {
            return
        }
        guard file.identity != files.last?.file.identity else { return }
        if let last = files.indices.last {
            if try await readToEnd(last) > 0 { files[last].quietLooks = 0 }
            // Whoever writes a line bit by bit may be about to end it; what comes after it waits for that.
            if files[last].hasPartialLine, files[last].quietLooks < Self.looksUntilLineEnds { return }
            try await reader.finishLine(&files[last])
        }
        // In the middle of a rotation nothing stands where it belongs: the next look will see it done.
        guard let neighbours = try await settledNeighbours(of: file) else { return }
        let known = try await reader.resume(file)
        let between =
            files.last == nil
            ? isFirstLook ? try await notYetRead(neighbours, current: file, isKnown: known != nil) : []
            : try await newer(neighbours, than: files.map(\.file.identity))
        let first = files.count
        files += between + [known ?? reader.begin(file)]
        isLastCurrent = true
        isFirstLook = false
        for index in first..<files.count { _ = try await readToEnd(index) }
    }

    /// Files that stood at the path after those that we hold, and were rotated away before we looked; the oldest first.
    private func newer(
        _ neighbours: [OpenFile], than held: [FileFacts.Identity]
    ) async throws -> [FollowedFile] {
        var found: [FollowedFile] = []
        for neighbour in neighbours {
            if held.contains(neighbour.identity) { return found.reversed() }
            found.append(try await reader.resume(neighbour) ?? reader.begin(neighbour))
        }
        // None that we hold is among them: then nothing tells which of them are newer.
        return []
    }

    /// What the intake does not have of the neighbours: of those that it knows the rest, and all of those that came after them; the
    /// oldest first.
    private func notYetRead(
        _ neighbours: [OpenFile], current: OpenFile, isKnown: Bool
    ) async throws -> [FollowedFile] {
        var found: [FollowedFile] = []
        var newerThanKnown: [FollowedFile] = []
        // Where the file itself is known, a neighbour that is not is none of ours.
        var isNewerThanKnown = !isKnown
        let origin = FileBeginning([], of: current).origin
        for neighbour in neighbours {
            if let known = try await reader.resume(neighbour, copiedFrom: origin) {
                if isNewerThanKnown { found = newerThanKnown }
                isNewerThanKnown = false
                if try known.kept < neighbour.facts().size { found.append(known) }
            } else if isNewerThanKnown {
                newerThanKnown.append(reader.begin(neighbour))
            }
        }
        return found.reversed()
    }

    /// The files beside the path, the newest first; `nil` while they are being renamed.
    private func settledNeighbours(of current: OpenFile) async throws -> [OpenFile]? {
        let path = path
        return try await FileReader.blocking {
            let places = RotatedFiles.beside(path)
            // One that cannot be opened is passed over: it is gone, or never was ours.
            let opened = places.map { try? OpenFile($0) }
            let isSettled =
                try Self.identity(of: path) == current.identity && RotatedFiles.beside(path) == places
                && zip(places, opened).allSatisfy { place, file in
                    file == nil || (try? FileFacts(path: place).identity) == file?.identity
                }
            guard isSettled else { return nil }
            // One file may have several names.
            var seen: Set = [current.identity]
            return opened.compactMap { $0 }.filter { seen.insert($0.identity).inserted }
        }
    }

    /// - Returns: How many bytes there were.
    private mutating func readToEnd(_ index: Int) async throws -> Int {
        var total = 0
        while true {
            try Task.checkCancellation()
            switch try await reader.readOn(&files[index]) {
            case .went(bytes: 0): return total
            case .went(let bytes): total += bytes
            case .begunAnew: try await beginAnew(index)
            }
        }
    }

    /// A file was emptied: what was not read of it may stand in a copy.
    private mutating func beginAnew(_ index: Int) async throws {
        let emptied = files[index]
        if !(try await readCopy(of: emptied)) { try await reader.finishLine(&files[index]) }
        files[index] = reader.begin(emptied.file)
    }

    private func readCopy(of emptied: FollowedFile) async throws -> Bool {
        let held = Set(files.map(\.file.identity))
        let known = emptied.beginning.bytes
        guard !known.isEmpty else { return false }
        let path = path
        let neighbours = try await FileReader.blocking { RotatedFiles.beside(path).compactMap { try? OpenFile($0) } }
        for neighbour in neighbours where !held.contains(neighbour.identity) {
            let isCopy = try await FileReader.blocking {
                try neighbour.facts().size >= emptied.kept && neighbour.read(at: 0, known.count) == known
            }
            guard isCopy else { continue }
            var copy = emptied.continued(in: neighbour)
            while case .went(let bytes) = try await reader.readOn(&copy), bytes > 0 { try Task.checkCancellation() }
            try await reader.finishLine(&copy)
            return true
        }
        return false
    }

    /// Ends lines that will not go on, and closes files that nobody writes to any more.
    private mutating func letGo() async throws {
        for index in files.indices.reversed() {
            let isLast = index == files.count - 1
            guard !(isLast && isLastCurrent) else { continue }
            let quiet = files[index].quietLooks
            if quiet >= Self.looksUntilLineEnds { try await reader.finishLine(&files[index]) }
            let isSuperseded = try !isLast || files[index].file.facts().isDeleted
            if isSuperseded, quiet >= Self.looksUntilLetGo { files.remove(at: index) }
        }
        while files.count > Self.most {
            try await reader.finishLine(&files[0])
            files.removeFirst()
        }
    }
}
