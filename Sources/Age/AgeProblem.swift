import Kernel

/// What can be wrong with an age file or its keys, each kind with its one code.
enum AgeProblem {
    static func header(_ reason: String) -> Problem {
        Problem(.refused, code: "age.header", "The header of the age file is malformed. \(reason)", hint: freshCopy)
    }

    static func armour(_ reason: String) -> Problem {
        Problem(.refused, code: "age.armour", "The armour of the age file is malformed. \(reason)", hint: freshCopy)
    }

    static func payload(chunk: UInt64, _ reason: String) -> Problem {
        Problem(
            .refused, code: "age.payload", "Part \(chunk + 1) of the age file is damaged. \(reason)", hint: freshCopy)
    }

    static func truncated(_ reason: String) -> Problem {
        Problem(.refused, code: "age.truncated", "The age file is cut off. \(reason)", hint: freshCopy)
    }

    static func noMatch(_ reason: String, hint: String? = nil) -> Problem {
        Problem(.refused, code: "age.no-match", "The age file cannot be opened. \(reason)", hint: hint)
    }

    static let unknownFormat = Problem(
        .refused, code: "age.format", "This is no age file.",
        hint: "An age file begins with age-encryption.org/v1 or with \(Armour.beginLine).")

    static let version = Problem(
        .refused, code: "age.version", "The age file has a version that is not known here.",
        hint: "Only age-encryption.org/v1 can be read.")

    static let mac = Problem(
        .refused, code: "age.mac", "The header of the age file was changed after it was sealed.", hint: freshCopy)

    static let trailing = Problem(
        .refused, code: "age.trailing", "Something follows after the end of the age file.", hint: freshCopy)

    static let finished = Problem(.invalid, code: "age.finished", "This age file was finished already.")

    static let sealing = Problem(.unavailable, code: "age.seal", "The data could not be encrypted.")

    private static let freshCopy = "Fetch the file again from where it was first stored."
}
