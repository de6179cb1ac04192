import Foundation
import StoreSupport
import Testing

private let canTrace = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")
private let isRoot = getuid() == 0

/// A server under load whose database fails for a while: every request is refused with a reason, nothing that was acknowledged
/// is lost, and the server goes on by itself when the cause is gone.
@Suite(.enabled(if: Program.isBuilt)) struct OutageTests {
    /// Takes something away from the server while it is under load, and brings it back.
    ///
    /// - Parameters:
    ///   - away: What makes the database fail, given the server's process id.
    ///   - reasons: The only refusals that may come meanwhile.
    private func check(
        in folder: Folder, options: [String], reasons: Set<String>, away: (Int32) async throws -> Void,
        back: () async throws -> Void
    ) async throws {
        try Samples.install(in: folder, options: options)
        let server = try RunningServer(folder, options: options)
        let visitor = try await Visitor.withClient { try await Visitor(ownerOf: server, through: $0) }
        let load = RequestLoad(by: visitor)
        let (address, id) = (server.address, server.id)
        func until(_ isReached: () -> Bool) async throws {
            while !isReached() { try await Task.sleep(for: .milliseconds(20)) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await load.run(at: address, writers: 4, isPatient: true) }
            try await until { load.record.acknowledged.count >= 20 }
            try await away(id)
            try await until { load.record.refusals.values.reduce(0, +) >= 20 }
            try await back()
            let before = load.record.acknowledged.count
            try await until { load.record.acknowledged.count >= before + 20 }
            load.stop()
            try await group.waitForAll()
        }
        let record = load.record
        #expect(Set(record.refusals.keys).isSubset(of: reasons), "\(record.refusals)")
        #expect(record.unanswered == 0)
        let place = ["--data", folder["data"]] + options
        let listed = try Program.run(["exception", "list", "--format", "json"] + place)
        #expect(record.acknowledged.subtracting(RequestLoad.reasons(in: listed)).isEmpty, "\(listed.messages)")
        let verified = try Program.run(["ledger", "verify"] + place)
        #expect(verified.status == 0, "\(verified.text) \(verified.messages)")
        #expect(server.stop().status == 0, "\(server.logged)")
    }

    /// The system refuses to write to the database's files as it does where the disk is full, or has been set to read-only
    /// after an error: strace gives the server's calls these answers.
    @Test(
        .enabled(if: canTrace),
        arguments: [
            ("ENOSPC", "503 store.disk-full"), ("EROFS", "503 store.read-only"), ("EIO", "503 store.disk-failed"),
        ])
    func filesThatCannotBeWritten(answer: String, reason: String) async throws {
        let folder = try Folder()
        let tracer = Process()
        try await check(in: folder, options: [], reasons: [reason]) { id in
            // A child of a test begins with every signal blocked, and strace keeps it so.
            tracer.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            tracer.arguments = [
                "-c",
                "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execvp('strace', sys.argv)",
                "-f", "-qq", "-o", "/dev/null", "-p", "\(id)", "-P", folder["data/vouchsafe.sqlite"], "-P",
                folder["data/vouchsafe.sqlite-wal"], "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=\(answer)",
            ]
            try tracer.run()
        } back: {
            tracer.terminate()
            tracer.waitUntilExit()
        }
    }

    @Test(.enabled(if: CommandDatabase.server != nil && isRoot, "a small file system can be made by root only"))
    func theDiskOfThePostgreSQLServerIsFull() async throws {
        let server = try OwnPostgreSQL(hasSmallDisk: true)
        try await check(in: try Folder(), options: options(server), reasons: ["503 store.disk-full"]) { _ in
            try await server.control("fill")
        } back: {
            try await server.control("clear")
        }
    }

    @Test(.enabled(if: CommandDatabase.server != nil), arguments: [("stop", "start"), ("kill", "start")])
    func postgreSQLIsAwayForAWhile(away: String, back: String) async throws {
        let server = try OwnPostgreSQL()
        try await check(in: try Folder(), options: options(server), reasons: Self.outages) { _ in
            try await server.control(away)
        } back: {
            try await server.control(back)
        }
    }

    @Test(.enabled(if: CommandDatabase.server != nil)) func postgreSQLFailsOver() async throws {
        let server = try OwnPostgreSQL(standby: true)
        try await check(in: try Folder(), options: options(server), reasons: Self.outages) { _ in
            try await server.control("kill")
        } back: {
            try await server.control("promote")
        }
    }

    private static let outages: Set = [
        "503 store.unreachable", "503 store.unknown-outcome", "503 store.read-only", "503 store.busy",
    ]

    private func options(_ server: OwnPostgreSQL) -> [String] {
        ["--database", server.address(as: "vouchsafe_app"), "--database-owner", server.address(as: "vouchsafe_owner")]
    }
}
