import Foundation
import Kernel
import StoreSupport
import TestSupport
import Testing

@testable import Store

/// A file is there whole or not at all, where the file system keeps files without names and where it does not.
@Suite struct WholeFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var path: String { "\(folder.path)/file" }

    private func begin(isNamed: Bool, _ text: String = "new") throws -> WholeFile {
        let file = try WholeFile(at: path, randomness: .system, isNamed: isNamed)
        try FileHandle(fileDescriptor: file.descriptor).write(contentsOf: Data(text.utf8))
        return file
    }

    private var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path) } }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test(arguments: [false, true], [false, true])
    func itHasItsNameOnceItIsWholeAndNoOther(_ isNamed: Bool, _ isReplacing: Bool) throws {
        let file = try begin(isNamed: isNamed)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try names.count == (file.temporary == nil ? 0 : 1), "a process that is killed now leaves nothing else")
        try file.keep(replacing: isReplacing)
        #expect(try names == ["file"])
        #expect(try text() == "new")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test(arguments: [false, true]) func whatCameThereMeanwhileIsLeftUnlessItIsToBeReplaced(_ isNamed: Bool) throws {
        let file = try begin(isNamed: isNamed)
        try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: WholeFile.Failure.self) { try file.keep(replacing: false) }
        #expect(try text() == "precious")
        file.discard()
        #expect(try names == ["file"])
        try begin(isNamed: isNamed).keep(replacing: true)
        #expect(try names == ["file"])
        #expect(try text() == "new")
    }

    @Test(arguments: [false, true]) func whatIsGivenUpLeavesNothing(_ isNamed: Bool) throws {
        try begin(isNamed: isNamed).discard()
        #expect(try names.isEmpty)
        #expect(throws: WholeFile.Failure.self) {
            try WholeFile(at: "\(folder.path)/none/file", randomness: .system, isNamed: isNamed)
        }
    }
}
