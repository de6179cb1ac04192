import Foundation
import TestSupport
import Testing

@testable import Sigma

@Suite("Reading events")
struct EventReaderTests {
    private func fault(_ event: [UInt8]) throws -> EventFault? {
        let rule = try Samples.detection("s: {a: x}\ncondition: s")
        return event.withUnsafeBufferPointer(
            RuleMatcher(CompiledRules([rule]), routing: .none(except: nil)).match)
    }

    @Test(
        "what is no event is named",
        arguments: [
            ("", EventFault.notAnObject), ("[]", .notAnObject), ("x", .notAnObject), ("{", .malformed),
            (#"{"a"}"#, .malformed), (#"{"a":}"#, .malformed), (#"{"a":1"#, .malformed), (#"{"a":1,}"#, .malformed),
            (#"{"a":"x}"#, .malformed), (#"{"a":tru}"#, .malformed), (#"{"a":1 "b":2}"#, .malformed),
            (#"{"a":[1,]}"#, .malformed), (#"{"a":[1}"#, .malformed), (#"{"a":1}x"#, .trailing),
            (#"{"a":"\"#, .malformed), (#"{,"a":1}"#, .malformed), (#"{"a":+1}"#, .malformed),
        ])
    func faults(event: String, expected: EventFault) throws {
        #expect(try fault(Array(event.utf8)) == expected)
    }

    @Test(
        "escapes are what they stand for",
        arguments: [
            (#"A\/b"#, "a/b"), (#"\u0041\u00e9"#, "aé"), (#"\ud83d\ude00"#, "😀"), (#"\ud83d"#, "\u{FFFD}"),
            (#"\t\n\r\b\f\\\""#, "\t\n\r\u{8}\u{C}\\\""),
        ])
    func escapes(written: String, meant: String) throws {
        let rule = try Samples.detection("s: {a: '*'}\ncondition: s")
        let matcher = RuleMatcher(CompiledRules([rule]), routing: .none(except: nil))
        #expect(Array(#"{"a":"\#(written)"}"#.utf8).withUnsafeBufferPointer(matcher.match) == nil)
        #expect(matcher.value(of: "a").map { String(decoding: $0, as: UTF8.self).lowercased() } == meant)
    }

    @Test("bytes that are no UTF-8 hide nothing")
    func invalid() throws {
        let rule = try Samples.detection("s: {a|contains: evil}\ncondition: s")
        let matcher = RuleMatcher(CompiledRules([rule]), routing: .none(except: nil))
        for bytes: [UInt8] in [[0xFF], [0xC3], [0xE2, 0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xF8, 0x88]] {
            let event = Array(#"{"a":""#.utf8) + bytes + Array(#"EVIL"}"#.utf8)
            #expect(event.withUnsafeBufferPointer(matcher.match) == nil)
            #expect(matcher.matches.count == 1)
        }
    }

    @Test("what nests too deep is skipped, and the rest of the event counts")
    func deep() throws {
        let rule = try Samples.detection("s: {a: x}\ncondition: s")
        let matcher = RuleMatcher(CompiledRules([rule]), routing: .none(except: nil))
        let deep = String(repeating: #"{"d":["#, count: 50_000) + "1" + String(repeating: "]}", count: 50_000)
        #expect(Array(#"{"z":\#(deep),"a":"x"}"#.utf8).withUnsafeBufferPointer(matcher.match) == nil)
        #expect(matcher.matches.count == 1)
    }

    @Test("a value of megabytes is read like any other")
    func large() throws {
        let rule = try Samples.detection("s: {a|endswith: needle}\ncondition: s")
        #expect(try Samples.matches(rule, #"{"a":"\#(String(repeating: "hay ", count: 1 << 20))needle"}"#))
    }

    @Test("of an event that breaks off nothing is left")
    func brokenOff() throws {
        let rule = try Samples.detection("s: {a: x}\ncondition: s")
        let matcher = RuleMatcher(CompiledRules([rule], fields: ["b"]), routing: .none(except: nil))
        let text = "\\n" + String(repeating: "y", count: 4000)
        #expect(Array(#"{"a":"\#(text)"}"#.utf8).withUnsafeBufferPointer(matcher.match) == nil)
        #expect(Array(#"{"b":"\#(text)"#.utf8).withUnsafeBufferPointer(matcher.match) == .malformed)
        #expect(Array(#"{"b":"\#(text)","c""#.utf8).withUnsafeBufferPointer(matcher.match) == .malformed)
        #expect(matcher.value(of: "b") == nil)
    }

    @Test("an event that is too long is refused")
    func tooLong() throws {
        #expect(try fault([UInt8](repeating: UInt8(ascii: " "), count: RuleMatcher.lineLimit + 1)) == .tooLong)
    }

    @Test("many events through one matcher are as each through its own")
    func reuse() throws {
        let rule = try Samples.detection("s: {a|contains: [x, longer], b: null}\ncondition: s")
        let compiled = CompiledRules([rule])
        let one = RuleMatcher(compiled, routing: .none(except: nil))
        var generator = SeededGenerator(7)
        for _ in 0..<2000 {
            let values = ["x", "y", "longer text", "\\u0058", ""]
            var event = "{"
            for key in ["a", "b", "c"] where Bool.random(using: &generator) {
                event +=
                    (event.count > 1 ? "," : "") + #""\#(key)":"\#(values.randomElement(using: &generator) ?? "")""#
            }
            event += "}"
            let own = try Samples.matches(rule, event)
            #expect(Array(event.utf8).withUnsafeBufferPointer(one.match) == nil)
            #expect(own == !one.matches.isEmpty, "\(event)")
        }
    }

    @Test("whatever comes, reading ends; what is valid JSON is read")
    func fuzz() throws {
        let rules = try [
            "s: {a.b|contains: x}\ncondition: s", "s: [keyword]\ncondition: s", "s: {a|re: 'x.*y'}\ncondition: s",
            "s: {a|gt: 5}\ncondition: not s", "s: {b|cidr: 10.0.0.0/8}\ncondition: s", "s: {t|hour: 3}\ncondition: s",
        ].map(Samples.detection)
        let matcher = RuleMatcher(CompiledRules(rules), routing: .key("_ls"))
        let everything = RuleMatcher(CompiledRules(rules), routing: .none(except: nil))
        let pieces = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\"a\"", "\"b\"", "\"_ls\"", "\"x\"", "1", "-", "e5", "true",
            "null",
            "fals", " ", "\\u", "\\ud800", "00", "\u{0}", "é", "keyword", "{\"a\":{\"b\":", "10.1.2.3", "2026-11-22T03",
            "{\"_ls\":", "\"product\"",
        ].map { Array($0.utf8) }
        let rounds = ProcessInfo.processInfo.environment["VOUCHSAFE_FUZZ_ROUNDS"].flatMap(Int.init) ?? 20_000
        var generator = SeededGenerator(
            ProcessInfo.processInfo.environment["VOUCHSAFE_FUZZ_SEED"].flatMap(UInt64.init) ?? 1)
        for _ in 0..<rounds {
            var event: [UInt8] = [UInt8(ascii: "{")]
            for _ in 0..<Int.random(in: 0...16, using: &generator) {
                event += pieces[Int.random(in: pieces.indices, using: &generator)]
            }
            if Int.random(in: 0..<3, using: &generator) == 0 {
                event[Int.random(in: event.indices, using: &generator)] = UInt8.random(
                    in: .min ... .max, using: &generator)
            }
            let fault = event.withUnsafeBufferPointer(matcher.match)
            let same = event.withUnsafeBufferPointer(everything.match)
            if (try? JSONSerialization.jsonObject(with: Data(event))) is [String: Any] {
                #expect(fault == nil && same == nil, "\(String(decoding: event, as: UTF8.self))")
            }
        }
    }
}
