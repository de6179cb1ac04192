import Glibc
import Kernel

/// What can be wrong with a segment, in words that a person can act on. None holds anything of a record.
enum ArchiveProblem {
    static func place(_ path: String, block: Int? = nil) -> Problem.Place {
        Problem.Place(file: path, field: block.map { "block \($0)" })
    }

    /// What the system answered to `doing`, such as "written".
    static func system(_ reason: Int32, _ doing: String, _ path: String) -> Problem {
        let cause = String(cString: strerror(reason))
        switch reason {
        case ENOSPC, EDQUOT, EFBIG:
            return Problem(
                .unavailable, code: "archive.disk-full", "There is no room for the log archive; nothing was added.",
                hint: "Free some space on the file system that holds the archive; no restart is needed.",
                place: place(path), cause: cause)
        case ENOENT:
            return Problem(
                .notFound, code: "archive.missing", "There is no such file of the log archive.",
                hint: "Bring it back from a backup; until then its records cannot be searched.", place: place(path),
                cause: cause)
        case EEXIST:
            return Problem(
                .conflict, code: "archive.exists",
                "There is such a file of the log archive already; it is left as it is.",
                place: place(path), cause: cause)
        default:
            return Problem(
                .unavailable, code: "archive.disk-failed", "A file of the log archive could not be \(doing).",
                hint: "Look at the file system that holds the archive, and at the system's log.", place: place(path),
                cause: cause)
        }
    }

    static func notASegment(_ path: String) -> Problem {
        Problem(
            .refused, code: "archive.not-a-segment", "This file is not a segment of the log archive.",
            hint: "It was exchanged or overwritten; bring it back from a backup.", place: place(path))
    }

    static func wrongKey(_ path: String) -> Problem {
        Problem(
            .refused, code: "archive.wrong-key", "The segment does not open with this name and this key.",
            hint: "It is another segment than the one that the key belongs to, or its beginning was changed.",
            place: place(path))
    }

    static func damaged(_ path: String, block: Int, _ what: String) -> Problem {
        Problem(
            .refused, code: "archive.damaged-block", "A block of the log archive \(what).",
            hint: "Bring the file back from a backup; the segment's other blocks can still be read.",
            place: place(path, block: block))
    }

    static func missing(_ path: String, from block: Int, of count: Int) -> Problem {
        Problem(
            .refused, code: "archive.missing-blocks",
            "The segment ends too early: of its \(count) blocks, those from \(block) on are not there.",
            hint: "Bring the file back from a backup; the segment's other blocks can still be read.",
            place: place(path, block: block))
    }

    static func notClosed(_ path: String, at block: Int) -> Problem {
        Problem(
            .refused, code: "archive.not-closed", "The segment was closed once, and its end is not there any more.",
            hint: "Bring the file back from a backup; the segment's blocks can still be read.",
            place: place(path, block: block))
    }

    static func torn(_ path: String, at block: Int) -> Problem {
        Problem(
            .refused, code: "archive.torn", "The segment ends in the middle of a block.",
            hint: "A writer is at work on it, or was interrupted; it cuts the end when it goes on.",
            place: place(path, block: block))
    }

    static func differs(_ path: String, in what: String) -> Problem {
        Problem(
            .refused, code: "archive.differs",
            "The segment is not what was recorded when it was closed: \(what) differ.",
            hint: "Bring the file back from a backup.", place: place(path))
    }
}
