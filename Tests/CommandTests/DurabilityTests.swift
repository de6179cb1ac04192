import Foundation
import Testing

private let canTrace = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

/// What the program asks of the system, as the system saw it.
@Suite(.enabled(if: Program.isBuilt && canTrace)) struct DurabilityTests {
    @Test func theLogIsSyncedAfterItsLastWriteAndBeforeTheChangeIsAcknowledged() throws {
        let folder = try Folder()
        #expect(try Program.run("init", "--data", "data", "--organisation", "Hazelbrook Maps", in: folder).status == 0)
        let traced = try Program.shell(
            "strace -f -y -qq -e trace=pwrite64,fdatasync,fsync,write -o trace "
                + "$V keys rotate --background --organisation hazelbrook-maps --data data", in: folder)
        #expect(traced.status == 0, "\(traced.messages)")
        let calls = try String(contentsOf: folder.url("trace"), encoding: .utf8).split(separator: "\n").map(String.init)
        let told = try #require(calls.firstIndex { $0.contains("write(1<") && $0.contains("new data key") })
        let before = calls[..<told]
        let written = try #require(
            before.lastIndex { $0.contains("pwrite64(") && $0.contains("vouchsafe.sqlite-wal>") },
            "the change went into the log")
        let synced = before[written...].contains { call in
            (call.contains("fdatasync(") || call.contains("fsync(")) && call.contains("vouchsafe.sqlite-wal>")
        }
        #expect(synced, "the log is on the disk before anyone is told")
    }
}
