import Foundation
import Kernel
import Testing

@testable import Pages

@Suite("Templates and assets")
struct TemplateTests {
    @Test("escape everything and hold no inline style, script or handler", arguments: PageAsset.templates.map(\.name))
    func escapeEverything(_ name: String) throws {
        let text = try #require(PageAsset.templates.first { $0.name == name }?.text)
        #expect(!text.contains("{{{") && !text.contains("{{&") && !text.contains("CONTENT_TYPE: TEXT"))
        #expect(!text.contains(" style=") && !text.contains("<style") && !text.contains("javascript:"))
        #expect(!text.contains(/\son[a-z]+\s*=/))
        for script in text.split(separator: "<script").dropFirst() { #expect(script.hasPrefix(" src=")) }
    }

    @Test(
        "indent no partial, because the indentation would enter what stands verbatim",
        arguments: PageAsset.templates.map(\.name))
    func indentNoPartial(_ name: String) throws {
        let text = try #require(PageAsset.templates.first { $0.name == name }?.text)
        for line in text.split(separator: "\n") where line.first == " " || line.first == "\t" {
            #expect(!line.contains("{{"), "\(line)")
        }
    }

    @Test("name only partials that exist", arguments: PageAsset.templates.map(\.name))
    func nameOnlyPartialsThatExist(_ name: String) throws {
        let text = try #require(PageAsset.templates.first { $0.name == name }?.text)
        let names = Set(PageAsset.templates.map(\.name))
        for match in text.matches(of: /{{[><]([a-z-]+)}}/) { #expect(names.contains(String(match.1)), "\(match.1)") }
    }

    @Test("every file of the folder is embedded")
    func everyFileIsEmbedded() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: "Sources/PageAssets/templates")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
            .filter { $0.hasSuffix(".mustache") }.map { String($0.dropLast(9)) }
        #expect(files.sorted() == PageAsset.templates.map(\.name).sorted())
    }

    @Test("a broken one is named when the renderer is built")
    func aBrokenOneIsNamed() {
        let problem = #expect(throws: Problem.self) {
            try PageRenderer(templates: [("overview", "<p>\n{{#open}}</p>")])
        }
        #expect(problem?.code == "page.broken-template")
        #expect(problem?.place?.file == "overview.mustache")
    }

    @Test("the style sheet, the script and the icon are there, with a type and a tag")
    func assetsAreThere() throws {
        #expect(PageAsset.all.map(\.name).sorted() == ["icon.svg", "style.css", "vouchsafe.js"])
        let style = try #require(PageAsset.named("style.css"))
        #expect(style.mediaType.hasPrefix("text/css"))
        #expect(style.tag.utf8.count > 8)
        #expect(PageAsset.named("../templates/overview.mustache") == nil)
        let text = String(decoding: style.bytes, as: UTF8.self)
        #expect(text.contains("prefers-color-scheme: dark") && text.contains("@media print"))
        #expect(!text.contains("url(") && !text.contains("@import"))
    }
}
