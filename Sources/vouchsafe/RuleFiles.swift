import ArgumentParser
import Foundation
import Kernel
import Sigma

/// Which rules a command works with.
struct RuleOptions: ParsableArguments {
    @Option(
        name: .customLong("rules"), parsing: .upToNextOption,
        help: ArgumentHelp("Files of Sigma rules, or folders of them.", valueName: "dir"))
    var paths: [String] = []

    @OptionGroup var placeholders: PlaceholderOption
}

/// What a command takes instead of ``RuleOptions`` if rules are all that it is about.
struct RulePaths: ParsableArguments {
    @Argument(help: "Files of Sigma rules, or folders of them.")
    var paths: [String]

    @OptionGroup var placeholders: PlaceholderOption
}

/// What placeholders stand for.
struct PlaceholderOption: ParsableArguments {
    @Option(
        name: .customLong("placeholders"),
        help: ArgumentHelp(
            "What placeholders such as %Administrators% stand for: a JSON object of lists.", valueName: "file"))
    var file: String?
}

/// Reads rules from files and folders.
enum RuleFiles {
    /// The most bytes of one file of rules.
    private static let fileLimit = 16 << 20
    /// The most files that make sense.
    private static let countLimit = 100_000

    /// The rules of files and of all `.yml` and `.yaml` files in folders, in the order of their names.
    ///
    /// - Throws: `Problem` for a name that leads nowhere; what is wrong inside a file is among the set's rejected rules.
    static func read(_ paths: [String], placeholders: String?) throws -> RuleSet {
        let reader = RuleReader(placeholders: try self.placeholders(placeholders))
        return RuleSet(
            try files(paths).map { file in
                do {
                    return reader.read(try Input.bytes(of: file.path, limit: fileLimit), file: file.path)
                } catch let problem as Problem where !file.isNamed {
                    return RuleReader.Reading(unreadable: problem, file: file.path)
                }
            })
    }

    /// - Returns: Each file, and whether it was named itself: what lies in a folder may be unreadable without ending the command.
    static func files(_ paths: [String]) throws -> [(path: String, isNamed: Bool)] {
        var files: [(path: String, isNamed: Bool)] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard path != "-", FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue
            else {
                files.append((path, true))
                continue
            }
            // A link to a folder is that folder.
            let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            guard let names = FileManager.default.enumerator(atPath: folder) else {
                throw Problem(
                    .unavailable, code: "file.unreadable", "The folder cannot be read.",
                    place: Problem.Place(file: path))
            }
            var found: [String] = []
            for case let name as String in names where isRuleFile(name, in: folder) {
                found.append((path.hasSuffix("/") ? path : path + "/") + name)
                guard found.count <= countLimit else {
                    throw Problem(
                        .invalid, code: "rules.too-many", "The folder holds more than \(countLimit) files of rules.",
                        place: Problem.Place(file: path))
                }
            }
            // Bytes decide, not the language of whoever runs this.
            files += found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { ($0, false) }
        }
        return files
    }

    private static func isRuleFile(_ name: String, in folder: String) -> Bool {
        guard name.hasSuffix(".yml") || name.hasSuffix(".yaml"),
            !name.split(separator: "/").contains(where: { $0.hasPrefix(".") })
        else { return false }
        var isFolder: ObjCBool = false
        return !FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
            || !isFolder.boolValue
    }

    private static func placeholders(_ path: String?) throws -> Placeholders {
        guard let path else { return Placeholders() }
        let bytes = try Input.bytes(of: path, limit: fileLimit)
        do {
            return Placeholders(try JSONDecoder().decode([String: [String]].self, from: Data(bytes)))
        } catch {
            throw Problem(
                .invalid, code: "placeholders.malformed", "The file is no JSON object of lists of text.",
                hint: #"Write {"Administrators": ["alice", "bob"]}."#, place: Problem.Place(file: path),
                cause: "\(error)")
        }
    }
}
