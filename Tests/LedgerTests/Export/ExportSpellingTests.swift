import Foundation
import Kernel
import Testing

@testable import Ledger

/// Of everything in an export there is one spelling, and a body cannot pass for more of its line.
@Suite struct ExportSpellingTests {
    @Test(arguments: [
        #"{}"#, #"{"a":1}"#, #"{"a":{"b":[1,-2.5,0,1e9,1E+2,3e-4,"x\"\\\/\b\f\n\r\té\u00e9",true,false,null,[],{}]}}"#,
        #"{"ü":"世界"}"#,
    ])
    func anObjectWithoutWhiteSpaceMayStandAsItIs(_ text: String) throws {
        #expect(isObject(text))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }

    @Test(arguments: [
        "", "{", "}", "[]", "1", #""a""#, "null", "{} ", " {}", #"{"a" :1}"#, #"{"a": 1}"#, #"{"a":1,}"#, #"{,}"#,
        #"{"a"}"#, #"{"a":}"#, #"{"a":1 }"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":1e}"#,
        #"{"a":-}"#, #"{"a":tru}"#, #"{"a":truee}"#, #"{"a":[1,]}"#, #"{"a":[,1]}"#, #"{"a":[1}]"#, #"{"a":1}}"#,
        #"{"a":1},"b":{"c":2}"#, #"{"a":1}{}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\u12g4"}"#, #"{"a":"}"#,
        #"{a:1}"#, #"{'a':1}"#, #"{"a":1]}"#, "{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\n}", #"{"a":1,"b"}"#,
        #"{"a":NaN}"#,
    ])
    func anythingElseMayNot(_ text: String) {
        #expect(!isObject(text))
    }

    private func isObject(_ text: String) -> Bool { JSONText.isObject(Array(text.utf8).span) }

    @Test func neitherBrokenUTF8NorDepthPasses() {
        let broken = Array("{\"a\":\"".utf8) + [0xC3] + Array("\"}".utf8)
        let isTaken = JSONText.isObject(broken.span)
        #expect(!isTaken)
        for (depth, fits) in [(JSONText.depthLimit, true), (JSONText.depthLimit + 1, false)] {
            let inner = depth - 1
            let text = "{\"a\":" + String(repeating: "[", count: inner) + String(repeating: "]", count: inner) + "}"
            #expect(isObject(text) == fits, "\(depth)")
        }
    }

    @Test func aBodyThatWouldEndItsLineItselfIsWrittenAsText() throws {
        var generator = Seeded(1)
        for body in [#"{"a":1},"table":"other","salt":{}"#, #"{"a":1}}"#, "{}\n{}"] {
            var sample = try ExportSample(seed: 1)
            var row = ExportSample.row(using: &generator, body: Array(body.utf8))
            row.isErased = false
            try sample.append("remark.made", on: nil, [row])
            try sample.append(
                ExportFormat.action, on: ExportFormat.subject(of: ExportSample.export), [], at: ExportSample.madeAt)
            #expect(refusalOfExport(try sample.bytes, by: sample.signer.verifier) == nil)
            let text = String(decoding: try sample.bytes, as: UTF8.self)
            #expect(text.contains(",\"text\":\"{"))
            // Put into the line as it is, it would verify by its digest and show a reader something else.
            let escaped = try #require(text.firstRange(of: /"text":"(.*)"}\n/))
            let raw = text.replacingCharacters(in: escaped, with: "\"body\":\(body)}\n")
            #expect(refusalOfExport(Array(raw.utf8), by: sample.signer.verifier) != nil)
        }
    }

    @Test(arguments: [
        ("\"body\":{\"a\":1}", "\"text\":\"{\\\"a\\\":1}\""), ("\"body\":{\"a\":1}", "\"base64\":\"eyJhIjoxfQ==\""),
        ("\"body\":{\"a\":1}", "\"body\":{\"a\": 1}"), ("\"entry\":0", "\"entry\":00"), ("\"row\":0", "\"row\":00"),
        ("\"version\":7", "\"version\":07"), ("\"version\":7", "\"version\":\"7\""), ("remark", "\\u0072emark"),
        ("open", "\\u006fpen"), ("{\"entry\":0,", "{ \"entry\":0,"), ("}\n", "} \n"), ("}\n", "}\r\n"),
        ("}\n", "}\n\n"),
        ("\"subject\":null", "\"subject\":\"-\""), ("Z\",\"actor\"", "+00:00\",\"actor\""),
    ])
    func anotherSpellingOfTheSameIsRefused(_ one: String, _ other: String) throws {
        var sample = try ExportSample(seed: 1)
        var header = RowHeader(table: "remark", id: "00ff", version: 7)
        header.append("state", .text("open"))
        let row = ExportSample.Row(
            header: header, salt: [UInt8](repeating: 1, count: 32), body: Array("{\"a\":1}".utf8))
        try sample.append("remark.made", on: nil, [row])
        try sample.append(
            ExportFormat.action, on: ExportFormat.subject(of: ExportSample.export), [], at: ExportSample.madeAt)
        let body = String(decoding: try sample.body, as: UTF8.self)
        let range = try #require(body.range(of: one))
        let changed = body.replacingCharacters(in: range, with: other)
        let header0 = try sample.header().encoded
        #expect(refusalOfExport(try sample.closed(header0 + Array(body.utf8)), by: sample.signer.verifier) == nil)
        #expect(refusalOfExport(header0 + Array(changed.utf8), by: sample.signer.verifier) != nil)
    }

    @Test(arguments: 0..<50) func base64GoesBothWaysAndAgreesWithFoundation(_ length: Int) {
        var generator = Seeded(UInt64(length))
        let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        var text: [UInt8] = []
        Base64Bytes.append(bytes.span, to: &text)
        #expect(text == Array(Data(bytes).base64EncodedString().utf8))
        var back: [UInt8] = []
        let isRead = Base64Bytes.decode(text.span, into: &back)
        #expect(isRead && back == bytes)
        // Whatever is changed in the text, it is refused or spells other bytes.
        for position in text.indices {
            for other in Array("AB+/=-_ \n".utf8) where other != text[position] {
                var changed = text
                changed[position] = other
                var read: [UInt8] = []
                if Base64Bytes.decode(changed.span, into: &read) { #expect(read != bytes) }
            }
        }
    }

    @Test func escapingGoesBothWaysForEveryByte() {
        for byte in UInt8.min...UInt8.max {
            var text: [UInt8] = []
            JSONText.appendEscaped([byte, 0x61].span, to: &text)
            text.append(UInt8(ascii: "\""))
            var scanner = LineScanner()
            var back: [UInt8] = []
            let isRead = scanner.escaped(in: text.span, into: &back)
            #expect(isRead && back == [byte, 0x61])
        }
    }
}
