import App
import ArgumentParser
import Kernel
import Packs

/// Names everything that is wrong with a pack.
struct PolicyLint: ParsableCommand, LooseVerb {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Name every problem of a pack with its line.",
        discussion: "Ends with 1 if there is any. With --text the spans are checked against the text as well.")

    @Argument(help: "The pack.")
    var pack: String

    @Option(help: ArgumentHelp("The policy's exact text.", valueName: "file"))
    var text: String?

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    private struct Entry: Encodable {
        let code, message: String
        let file: String?
        let line: Int?
        let field, hint: String?
    }

    func run() throws {
        let reading = PackReader.read(try Input.bytes(of: pack, limit: Input.packLimit), file: pack)
        let bytes = try text.map { try Input.bytes(of: $0, limit: Input.textLimit) }
        let problems = PackLint.problems(reading, text: bytes, textFile: text, catalogue: Installation.catalogue)
        switch format {
        case .json:
            try Output.json(
                problems.map {
                    Entry(
                        code: $0.code, message: $0.message, file: $0.place?.file, line: $0.place?.line,
                        field: $0.place?.field, hint: $0.hint)
                })
        case .text:
            for problem in problems { Output.line("\(problem)") }
            if problems.isEmpty, let pack = reading.pack {
                Output.line(
                    "\(self.pack): \(pack.spans.count) spans and \(pack.commitments.count) commitments, no problems"
                        + (text == nil ? "; checked without the text." : "."))
            } else {
                Output.note("\(problems.count) problem\(problems.count == 1 ? "" : "s").")
            }
        }
        if !problems.isEmpty { throw ExitStatus.broken }
    }
}
