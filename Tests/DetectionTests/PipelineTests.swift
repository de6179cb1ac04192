import Kernel
import LogArchive
import LogFormats
import Store
import TestSupport
import Testing

@testable import Detection

@Suite("The way of a record") struct PipelineTests {
    @Test func whatComesIsKeptMatchedCountedAndRaised() async throws {
        let room = try await Room()
        let source = try await room.source()
        try await room.running { pipeline in
            try await pipeline.keep(room.batch(room.failures(30) + ["not syslog at all"]), of: source)
        }
        let alerts = try await room.allAlerts
        #expect(alerts.map(\.title) == ["SSH password guessing"])
        #expect(alerts.first?.group == ["src_ip": "203.0.113.7"])
        #expect(alerts.first?.sources == [source.id])
        #expect(alerts.first.map { !$0.events.isEmpty } == true)
        #expect(try await room.counted(source).events == 31)
        let answer = try await ArchiveSearch(room.archives).search(
            LogSearch(terms: ["FAILED", "port 47"]), in: room.organisation, as: .operator)
        #expect(answer.records.map { String(decoding: $0.bytes, as: UTF8.self).hasSuffix("port 47 ssh2") } == [true])
    }

    @Test func aPartOfAStreamIsKeptOnceHoweverOftenItIsSent() async throws {
        let room = try await Room()
        let source = try await room.source("api", .json)
        let records = (0..<10).map { #"{"n":\#($0)}"# }
        try await room.running { pipeline in
            for _ in 0..<3 {
                try await pipeline.keep(
                    room.batch(records, .init(stream: "a", start: 0, end: 10)), of: source)
            }
            // The half of it that is not known yet.
            try await pipeline.keep(
                room.batch(Array(records[5...]) + records[..<5], .init(stream: "a", start: 5, end: 15)), of: source)
            #expect(try await pipeline.position(of: "a", from: source.id) == 15)
        }
        #expect(try await room.counted(source).events == 15)
        // Also by the next server process.
        try await room.running { pipeline in
            try await pipeline.keep(room.batch(records, .init(stream: "a", start: 0, end: 10)), of: source)
            #expect(try await pipeline.position(of: "a", from: source.id) == 15)
        }
        #expect(try await room.counted(source).events == 15)
    }

    @Test func aRestartCountsAndRaisesNothingTwiceAndCorrelationsGoOn() async throws {
        let room = try await Room()
        let source = try await room.source()
        let failures = room.failures(24)
        for part in stride(from: 0, to: 24, by: 6) {
            // Each process sees too few to raise anything by itself.
            try await room.running { pipeline in
                try await pipeline.keep(room.batch(Array(failures[part..<(part + 6)])), of: source)
            }
        }
        let once = try await room.allAlerts
        #expect(once.map(\.title) == ["SSH password guessing"], "what correlations remember is lost with each restart")
        for _ in 0..<2 {
            try await room.running { try await $0.keep(room.batch(["<38>1 - web1 cron - - - x"]), of: source) }
        }
        #expect(try await room.allAlerts.map(\.count) == once.map(\.count))
        #expect(try await room.counted(source).events == 26)
    }

    @Test func aTimeInTheFutureCountsAsTheMomentOfReceipt() async throws {
        let room = try await Room()
        let source = try await room.source()
        let future = (room.clock.now + .days(400)).description
        let forged = (0..<30).map {
            "<38>1 \(future) web1 sshd - - - Failed password for root from 198.51.100.9 port \($0) ssh2"
        }
        try await room.running { try await $0.keep(room.batch(forged + room.failures(30)), of: source) }
        let alerts = try await room.allAlerts
        #expect(Set(alerts.map(\.group)) == [["src_ip": "198.51.100.9"], ["src_ip": "203.0.113.7"]])
        #expect(alerts.allSatisfy { $0.lastAt <= room.clock.now + .minutes(5) })
    }

    @Test func otherRulesAreTakenWhileItRuns() async throws {
        let room = try await Room()
        let source = try await room.source("api", .json, service: "shop")
        let rule = """
            title: Order of nothing
            id: order-of-nothing
            level: high
            author: Hazel
            license: DRL-1.1
            logsource: { service: shop }
            detection:
                empty: { total: 0 }
                condition: empty
            """
        _ = try await room.rules.install(
            [InstalledRules.File(path: "shop.yml", text: rule)], named: "shop", in: room.organisation, as: .operator)
        try await room.running { try await $0.keep(room.batch([#"{"total":0,"host":"till"}"#]), of: source) }
        let alert = try #require(try await room.allAlerts.first)
        #expect(alert.title == "Order of nothing")
        #expect(alert.level == .high)
        #expect(alert.words.author == "Hazel")
        #expect(alert.group == ["host": "till"])
        #expect(alert.events.map(\.json) == [#"{"total":0,"host":"till"}"#])
    }

    @Test func whatMatchesAgainIsCountedOnItsAlert() async throws {
        let room = try await Room()
        let source = try await room.source("api", .json, service: "shop")
        let rule = "title: Any\nid: any\nlogsource: { service: shop }\ndetection: { any: { x: 1 }, condition: any }\n"
        _ = try await room.rules.install(
            [InstalledRules.File(path: "a.yml", text: rule)], named: "a", in: room.organisation, as: .operator)
        try await room.running { pipeline in
            for _ in 0..<5 {
                try await pipeline.keep(room.batch(Array(repeating: #"{"x":1}"#, count: 100)), of: source)
            }
        }
        let alert = try #require(try await room.allAlerts.first)
        #expect(try await room.allAlerts.count == 1)
        #expect(alert.count == 500)
        #expect(alert.events.count == 2 * Alert.shownEvents)
        #expect(try await room.counted(source).matches == 500)
    }

    @Test func fieldsAreMappedToTheNamesThatRulesUse() async throws {
        let room = try await Room()
        let source = try await room.source("api", .json, mapping: ["client.address": "src_ip"], service: "shop")
        let rule =
            "title: Mapped\nid: mapped\nlogsource: { service: shop }\ndetection: { a: { src_ip|cidr: 192.0.2.0/24 }, condition: a }\n"
        _ = try await room.rules.install(
            [InstalledRules.File(path: "a.yml", text: rule)], named: "a", in: room.organisation, as: .operator)
        try await room.running {
            try await $0.keep(room.batch([#"{"client":{"address":"192.0.2.7"}}"#]), of: source)
        }
        #expect(try await room.allAlerts.map(\.title) == ["Mapped"])
        let profile = try #require(
            try await room.logs.profiles(of: room.organisation, as: .operator)[source.id])
        #expect(profile.fields == ["client", "client.address", "src_ip"])
    }

    @Test(arguments: [
        ([0xFF, 0xFE, 0x00] as [UInt8]), Array(repeating: UInt8(ascii: "["), count: 100_000),
        Array(#"{"a":"#.utf8) + Array(repeating: UInt8(ascii: "x"), count: 2_000_000), [],
    ]) func whatIsNoEventIsKeptAndCountedAndStopsNothing(_ bytes: [UInt8]) async throws {
        let room = try await Room()
        let (broken, good) = (try await room.source("broken", .json), try await room.source())
        var batch = LogBatch(receivedAt: room.clock.now)
        batch.append(bytes)
        try await room.running { [batch] pipeline in
            try await pipeline.keep(batch, of: broken)
            try await pipeline.keep(room.batch(room.failures(30)), of: good)
        }
        #expect(try await room.allAlerts.contains { $0.title == "SSH password guessing" })
        #expect(try await room.counted(broken).faults == (bytes.isEmpty ? 0 : 1))
        let kept = try await ArchiveSearch(room.archives).search(
            LogSearch(sources: [broken.id.retyped()]), in: room.organisation, as: .operator)
        #expect(kept.records.map(\.bytes) == [bytes])
    }

    @Test func silenceIsSeenByARuleAndOnce() async throws {
        let room = try await Room()
        let source = try await room.source(silenceAfter: .minutes(10))
        try await room.running { try await $0.keep(room.batch(["<13>1 - h a - - - x"]), of: source) }
        room.clock.move(by: .minutes(11))
        for _ in 0..<2 {
            try await room.running { _ in
                for _ in 0..<60_000 where try await room.allAlerts.isEmpty {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        #expect(try await room.allAlerts.map(\.title) == ["A log source has fallen silent"])
        #expect(try await room.allAlerts.first?.sources == [source.id])
    }

    /// Keeps records as a server does that ends before it has matched any of them.
    private func keepUnmatched(_ records: [String], of source: WatchedLog, in room: Room, closing: Bool) async throws {
        let archive = OrganisationArchive(room.archives, of: room.organisation, randomness: .system)
        _ = try await archive.resume { _ in }
        _ = try await archive.keep([.init(source: source.id, batch: room.batch(records))])
        if closing { try await archive.closeIfDue(at: room.clock.now, always: true) }
        archive.letGo()
    }

    @Test(arguments: [false, true]) func whatWasKeptAndNotMatchedBeforeACrashIsMatchedAfterIt(_ isClosed: Bool)
        async throws
    {
        let room = try await Room()
        let source = try await room.source()
        try await keepUnmatched(room.failures(30), of: source, in: room, closing: isClosed)
        for _ in 0..<2 {
            try await room.running { try await $0.keep(room.batch(["<13>1 - h a - - - x"]), of: source) }
        }
        #expect(try await room.allAlerts.map(\.title) == ["SSH password guessing"])
        #expect(try await room.counted(source).events == 32)
        // The closed one was written down when all of it was dealt with.
        #expect(try await room.archives.size(in: room.organisation, as: .operator).records == (isClosed ? 30 : 0))
    }

    @Test func aClockThatWasAheadHidesNothingThatComesLater() async throws {
        let room = try await Room()
        let source = try await room.source()
        room.clock.move(by: .days(2))
        try await room.running { try await $0.keep(room.batch(room.failures(12)), of: source) }
        try await keepUnmatched(["<13>1 - h a - - - x"], of: source, in: room, closing: true)
        room.clock.move(by: Period(milliseconds: -Period.days(2).milliseconds))
        try await room.running {
            try await $0.keep(room.batch(room.failures(12, from: "198.51.100.4")), of: source)
        }
        #expect(try await room.counted(source).events == 25)
        let guesses = try await room.allAlerts.filter { $0.title == "SSH password guessing" }
        #expect(Set(guesses.map(\.group)) == [["src_ip": "203.0.113.7"], ["src_ip": "198.51.100.4"]])
    }

    @Test func whatIsLostIsCountedAndIsNoSignOfLife() async throws {
        let room = try await Room()
        let source = try await room.source()
        try await room.running { pipeline in
            while pipeline.live(source.id) == nil { try await Task.sleep(for: .milliseconds(5)) }
            pipeline.lose(7, of: source.id, because: "a test")
        }
        #expect(try await room.counted(source).lost == 7)
        #expect(try await room.logs.lastSeen(of: room.organisation, as: .operator).isEmpty)
        #expect(try await room.allAlerts.map(\.title) == ["Records of a log source were lost"])
    }

    @Test func aSourceInTheWrongFormIsNoticed() async throws {
        let room = try await Room()
        let source = try await room.source("web", .access)
        try await room.running {
            try await $0.keep(room.batch((0..<50).map { "<13>1 - h a - - - line \($0)" }), of: source)
        }
        #expect(try await room.counted(source).faults == 50)
        #expect(try await room.allAlerts.map(\.title) == ["Records of a log source cannot be read"])
    }
}
