import Foundation
import Testing

/// The built program, run as a person runs it.
enum Program {
    /// What a command left behind.
    struct Outcome {
        let status: Int32
        /// Whether it ended by itself and not by a signal.
        let isExit: Bool
        let output: [UInt8]
        let messages: String

        var text: String { String(decoding: output, as: UTF8.self) }
        var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
        /// The JSON on standard output, as Foundation's objects.
        var json: Any? { try? JSONSerialization.jsonObject(with: Data(output)) }
    }

    /// The package's folder: the first above this file that holds a manifest.
    static let package: String = {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path + "/Package.swift") {
            folder.deleteLastPathComponent()
        }
        return folder.path
    }()

    /// The program: what the environment names, what was built beside these tests, or the newest debug build.
    static let path: String? = {
        let named = ProcessInfo.processInfo.environment["VOUCHSAFE_BINARY"]
        let besideTests =
            URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent().path + "/vouchsafe"
        return [named, besideTests, "\(package)/.build/debug/vouchsafe"].compactMap { $0 }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    static var isBuilt: Bool { path != nil }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - environment: The whole environment; the tests' own if `nil`.
    ///   - input: What it reads from standard input.
    static func run(
        _ arguments: String..., environment: [String: String]? = nil, in folder: Folder? = nil, input: String = ""
    ) throws -> Outcome {
        try run(arguments, environment: environment, in: folder, input: input)
    }

    static func run(
        _ arguments: [String], environment: [String: String]? = nil, in folder: Folder? = nil, input: String = ""
    ) throws -> Outcome {
        try launch(try #require(path), arguments, environment: environment, in: folder, input: input)
    }

    /// Runs a line of shell in which `$V` is the program.
    ///
    /// - Parameter patience: The longest that it may take before it counts as stuck and is killed, in seconds.
    static func shell(_ line: String, in folder: Folder, patience: Double = Self.patience) throws -> Outcome {
        var environment = ProcessInfo.processInfo.environment
        let program = try #require(path)
        environment["V"] = program
        return try launch("/bin/sh", ["-c", line], environment: environment, in: folder, input: "", patience: patience)
    }

    private static let patience: Double = 120

    static func launch(
        _ executable: String, _ arguments: [String], environment: [String: String]?, in folder: Folder?, input: String,
        patience: Double = Self.patience
    ) throws -> Outcome {
        let scratch = try Folder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: (folder ?? scratch).path)
        try scratch.write(input, to: "in")
        try scratch.write("", to: "out")
        try scratch.write("", to: "err")
        process.standardInput = try FileHandle(forReadingFrom: scratch.url("in"))
        process.standardOutput = try FileHandle(forWritingTo: scratch.url("out"))
        process.standardError = try FileHandle(forWritingTo: scratch.url("err"))
        try process.run()
        let pid = process.processIdentifier
        let watch = DispatchWorkItem { kill(pid, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + patience, execute: watch)
        process.waitUntilExit()
        watch.cancel()
        return Outcome(
            status: process.terminationStatus, isExit: process.terminationReason == .exit,
            output: try scratch.bytes(of: "out"),
            messages: String(decoding: try scratch.bytes(of: "err"), as: UTF8.self))
    }
}

/// A folder for one test, gone with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "vouchsafe-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func url(_ name: String) -> URL { URL(fileURLWithPath: self[name]) }
    subscript(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String { try write(Array(text.utf8), to: name) }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try FileManager.default.createDirectory(
            at: url(name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url(name))
        return self[name]
    }

    func bytes(of name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(name))) }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }

    /// Every plain file in and below `name`, with its contents.
    func files(below name: String) throws -> [(name: String, bytes: [UInt8])] {
        try FileManager.default.subpathsOfDirectory(atPath: self[name]).sorted().compactMap { inner in
            var isFolder: ObjCBool = false
            let path = "\(name)/\(inner)"
            guard FileManager.default.fileExists(atPath: self[path], isDirectory: &isFolder), !isFolder.boolValue else {
                return nil
            }
            return (path, try bytes(of: path))
        }
    }
}
