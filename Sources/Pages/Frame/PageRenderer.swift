import Kernel
import Mustache

/// Turns wire values into pages. Built once at start; every template is parsed then and none later.
///
/// Each page is a method of its own, in the folder of the room that it shows.
public struct PageRenderer: Sendable {
    private let library: MustacheLibrary

    /// The renderer of all embedded templates, which are parsed once in a process.
    ///
    /// - Throws: `Problem` `page.broken-template`, naming the template and the line.
    public init() throws {
        self = try Self.embedded.get()
    }

    private static let embedded = Result { try PageRenderer(templates: PageAsset.templates) }

    init(templates: [(name: String, text: String)]) throws {
        MustacheContentTypes.register(PageText(), named: PageText.name)
        var library = MustacheLibrary()
        for (name, text) in templates {
            do {
                // Each template asks for our escaping: the library goes back to its own in every partial.
                let template = try MustacheTemplate(string: "{{% CONTENT_TYPE: \(PageText.name)}}\n" + text)
                library.register(template, named: name)
            } catch {
                throw Problem(
                    .invalid, code: "page.broken-template", "A page template cannot be read.",
                    hint: "This is a defect of this build; please report it.",
                    place: Problem.Place(
                        file: "\(name).mustache",
                        line: (error as? MustacheTemplate.ParserError).map { $0.context.lineNumber - 1 }),
                    cause: "\(error)")
            }
        }
        self.library = library
    }

    /// The whole document. A template that is missing gives an empty page; a test asks for every one.
    func render<Model: Page>(_ page: Model, in frame: PageFrame) -> String {
        library.render(FramedPage(page: page, frame: frame), withTemplate: Model.template) ?? ""
    }
}
