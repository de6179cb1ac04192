import Foundation
import Testing

/// The rooms as the manifest declares them, read from its text: a build lets undeclared imports of siblings pass.
private struct Manifest {
    let dependencies: [String: Set<String>]

    init() throws {
        let text = try String(contentsOf: Project.root.appending(path: "Package.swift"), encoding: .utf8)
        var dependencies: [String: Set<String>] = [:]
        for match in text.matches(of: /(?s)(?:target\(|name:)\s*"(\w+)",\s*(?:on|dependencies):\s*\[(.*?)\]/) {
            dependencies[String(match.1)] = Set(match.2.matches(of: /"(\w+)"/).map { String($0.1) })
        }
        self.dependencies = dependencies
    }
}

private enum Project {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func folders() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path).sorted()
    }

    static func swiftFiles(of folder: String) -> [URL] {
        let place = root.appending(path: "Sources/\(folder)")
        let files = FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil)?.compactMap {
            $0 as? URL
        }
        return (files ?? []).filter { $0.pathExtension == "swift" }
    }
}

@Suite("The rooms keep to the plan")
struct ImportTests {
    @Test("every file imports only what its target declares")
    func declaredImports() throws {
        let manifest = try Manifest()
        let folders = Set(try Project.folders())
        for folder in folders {
            let declared = manifest.dependencies[folder] ?? []
            for file in Project.swiftFiles(of: folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                let imports = Set(text.matches(of: /(?m)^(?:@\w+ )?import (\w+)/).map { String($0.1) })
                let undeclared = imports.intersection(folders).subtracting(declared)
                #expect(undeclared.isEmpty, "\(folder)/\(file.lastPathComponent) imports \(undeclared.sorted())")
            }
        }
    }

    @Test("a room never imports a room", arguments: ["Backups", "Commitments", "Endpoints", "Scanning"])
    func roomsStayApart(room: String) throws {
        let rooms: Set = ["Backups", "Commitments", "Endpoints", "Scanning"]
        for file in Project.swiftFiles(of: room) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for other in rooms where other != room {
                #expect(!text.contains("import \(other)\n"), "\(file.lastPathComponent) imports \(other)")
            }
        }
    }

    @Test(
        "the pure targets know no database and no web framework",
        arguments: [
            "Age", "Kernel", "Ledger", "Passkeys", "Vault", "Verdicts", "Posture", "Packs", "Agent", "Wire",
            "ScanResults",
            "TLSPosture", "WebPosture",
        ])
    func pureTargets(target: String) throws {
        for file in Project.swiftFiles(of: target) {
            let text = try String(contentsOf: file, encoding: .utf8)
            for outside in ["GRDB", "Hummingbird", "Store", "NIOCore"] {
                #expect(!text.contains("import \(outside)\n"), "\(target)/\(file.lastPathComponent) imports \(outside)")
            }
        }
    }

    @Test("no source crashes on data or forces a try")
    func noCrashes() throws {
        for folder in try Project.folders() {
            for file in Project.swiftFiles(of: folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for forbidden in ["try!", "fatalError("] {
                    #expect(!text.contains(forbidden), "\(folder)/\(file.lastPathComponent) contains \(forbidden)")
                }
            }
        }
    }
}
