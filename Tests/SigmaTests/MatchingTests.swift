import Testing

@testable import Sigma

/// A rule's detection, an event, and whether the one matches the other.
struct MatchCase: CustomTestStringConvertible, Sendable {
    let name: String
    let detection: String
    let event: String
    let matches: Bool

    init(_ name: String, _ detection: String, _ event: String, _ matches: Bool) {
        self.name = name
        self.detection = detection
        self.event = event
        self.matches = matches
    }

    var testDescription: String { name }
}

@Suite("What a rule matches")
struct MatchingTests {
    private func check(_ sample: MatchCase) throws {
        let rule = try Samples.detection(sample.detection)
        #expect(try Samples.matches(rule, sample.event) == sample.matches)
    }

    @Test(
        "values are compared whole, without regard to case",
        arguments: [
            MatchCase("the same", "s: {a: Foo}\ncondition: s", #"{"a":"Foo"}"#, true),
            MatchCase("another case", "s: {a: Foo}\ncondition: s", #"{"a":"fOO"}"#, true),
            MatchCase("case beyond ASCII", "s: {a: Größe Ж}\ncondition: s", #"{"a":"GRÖßE ж"}"#, true),
            MatchCase("only a part", "s: {a: Foo}\ncondition: s", #"{"a":"Foo2"}"#, false),
            MatchCase("field names keep their case", "s: {a: Foo}\ncondition: s", #"{"A":"Foo"}"#, false),
            MatchCase(
                "spaces in field names do not count", "s: {Threat Name: x}\ncondition: s", #"{"ThreatName":"x"}"#, true),
            MatchCase("nor in the event's", "s: {ThreatName: x}\ncondition: s", #"{"Threat Name":"x"}"#, true),
            MatchCase("a number is its digits", "s: {a: 4625}\ncondition: s", #"{"a":4625}"#, true),
            MatchCase("a number as text", "s: {a: 4625}\ncondition: s", #"{"a":"4625"}"#, true),
            MatchCase("text that is a number", "s: {a: '4625'}\ncondition: s", #"{"a":4625}"#, true),
            MatchCase("true is a word", "s: {a: 'true'}\ncondition: s", #"{"a":true}"#, true),
            MatchCase("a list of values is any of them", "s: {a: [x, y]}\ncondition: s", #"{"a":"y"}"#, true),
            MatchCase("an event's list is any of its values", "s: {a: x}\ncondition: s", #"{"a":["w","x"]}"#, true),
            MatchCase(
                "fields of a mapping must all fit", "s: {a: x, b: y}\ncondition: s", #"{"a":"x","b":"z"}"#, false),
            MatchCase(
                "a list of mappings is any of them", "s: [{a: x}, {b: y}]\ncondition: s", #"{"a":"z","b":"y"}"#, true),
            MatchCase("nested keys by a path", "s: {a.b.c: x}\ncondition: s", #"{"a":{"b":{"c":"x"}}}"#, true),
            MatchCase("a path as one key", "s: {a.b.c: x}\ncondition: s", #"{"a.b.c":"x"}"#, true),
            MatchCase("a path shared out", "s: {a.b.c: x}\ncondition: s", #"{"a":{"b.c":"x"}}"#, true),
            MatchCase("a path through a list", "s: {a.b: x}\ncondition: s", #"{"a":[{"b":"w"},{"b":"x"}]}"#, true),
        ])
    func values(sample: MatchCase) throws { try check(sample) }

    @Test(
        "wildcards and their escapes",
        arguments: [
            MatchCase("any run", "s: {a: 'x*z'}\ncondition: s", #"{"a":"xyyz"}"#, true),
            MatchCase("an empty run", "s: {a: 'x*z'}\ncondition: s", #"{"a":"xz"}"#, true),
            MatchCase("exactly one", "s: {a: 'x?z'}\ncondition: s", #"{"a":"xyz"}"#, true),
            MatchCase("not none", "s: {a: 'x?z'}\ncondition: s", #"{"a":"xz"}"#, false),
            MatchCase("one character of several bytes", "s: {a: 'x?z'}\ncondition: s", #"{"a":"xéz"}"#, true),
            MatchCase("a literal star", #"s: {a: 'x\*z'}"# + "\ncondition: s", #"{"a":"x*z"}"#, true),
            MatchCase("which is no wildcard", #"s: {a: 'x\*z'}"# + "\ncondition: s", #"{"a":"xyz"}"#, false),
            MatchCase("a literal question mark", #"s: {a: 'x\?'}"# + "\ncondition: s", #"{"a":"xy"}"#, false),
            MatchCase(
                "a backslash before a letter is itself", #"s: {a: 'C:\Win'}"# + "\ncondition: s", #"{"a":"C:\\Win"}"#,
                true),
            MatchCase("two are one", #"s: {a: '\\server'}"# + "\ncondition: s", #"{"a":"\\server"}"#, true),
            MatchCase("four are two", #"s: {a: '\\\\server'}"# + "\ncondition: s", #"{"a":"\\\\server"}"#, true),
            MatchCase(
                "two and a star: a backslash and a wildcard", #"s: {a: 'C:\\*'}"# + "\ncondition: s", #"{"a":"C:\\x"}"#,
                true),
            MatchCase(
                "three and a star: both literal", #"s: {a: 'C:\\\*'}"# + "\ncondition: s", #"{"a":"C:\\*"}"#, true),
            MatchCase("a single star is anything", "s: {a: '*'}\ncondition: s", #"{"a":""}"#, true),
            MatchCase("but not nothing", "s: {a: '*'}\ncondition: s", #"{"a":null}"#, false),
            MatchCase(
                "rsigma's miss: a mark at the end", "s: {a|endswith: '1?'}\ncondition: s", #"{"a":"0x10"}"#, true),
            MatchCase("no half of a character", "s: {a: 'a*??b'}\ncondition: s", #"{"a":"a€b"}"#, false),
            MatchCase("stars go back", "s: {a: '*ab*abc'}\ncondition: s", #"{"a":"abababc"}"#, true),
        ])
    func wildcards(sample: MatchCase) throws { try check(sample) }

    @Test(
        "nothing, null and empty text",
        arguments: [
            MatchCase("null is absent", "s: {a: null}\ncondition: s", #"{"b":1}"#, true),
            MatchCase("null is null", "s: {a: null}\ncondition: s", #"{"a":null}"#, true),
            MatchCase("null is not empty text", "s: {a: null}\ncondition: s", #"{"a":""}"#, false),
            MatchCase("empty text", "s: {a: ''}\ncondition: s", #"{"a":""}"#, true),
            MatchCase("empty text is not absent", "s: {a: ''}\ncondition: s", "{}", false),
            MatchCase("an absent field equals nothing", "s: {a: x}\ncondition: s", "{}", false),
            MatchCase(
                "so its filter does not hold", "s: {b: x}\nf: {a: x}\ncondition: s and not f", #"{"b":"x"}"#, true),
            MatchCase("exists asks for presence", "s: {a|exists: true}\ncondition: s", #"{"a":null}"#, true),
            MatchCase("and for absence", "s: {a|exists: false}\ncondition: s", #"{"a":""}"#, false),
            MatchCase("an object is there", "s: {a|exists: true}\ncondition: s", #"{"a":{"b":1}}"#, true),
            MatchCase("an object is not null", "s: {a: null}\ncondition: s", #"{"a":{"b":1}}"#, false),
            MatchCase("null or empty", "s: {a: [null, '']}\ncondition: s", "{}", true),
        ])
    func nothing(sample: MatchCase) throws { try check(sample) }

    @Test(
        "modifiers for text",
        arguments: [
            MatchCase("contains", "s: {a|contains: oo}\ncondition: s", #"{"a":"fOOl"}"#, true),
            MatchCase("contains all", "s: {a|contains|all: [oo, zz]}\ncondition: s", #"{"a":"foozy"}"#, false),
            MatchCase("starts", "s: {a|startswith: fo}\ncondition: s", #"{"a":"Foo"}"#, true),
            MatchCase("ends", "s: {a|endswith: '\\cmd.exe'}\ncondition: s", #"{"a":"C:\\CMD.EXE"}"#, true),
            MatchCase("short ones too", "s: {a|contains: x}\ncondition: s", #"{"a":"aXb"}"#, true),
            MatchCase("cased fits", "s: {a|cased: Foo}\ncondition: s", #"{"a":"Foo"}"#, true),
            MatchCase("cased does not", "s: {a|cased: Foo}\ncondition: s", #"{"a":"foo"}"#, false),
            MatchCase("cased inside", "s: {a|contains|cased: Foo}\ncondition: s", #"{"a":"a foo, a Foo"}"#, true),
            MatchCase("cased with wildcards", "s: {a|cased: 'F*o'}\ncondition: s", #"{"a":"fo"}"#, false),
            MatchCase("not equal", "s: {a|neq: x}\ncondition: s", #"{"a":"y"}"#, true),
            MatchCase("is not, when equal", "s: {a|neq: x}\ncondition: s", #"{"a":"X"}"#, false),
            MatchCase("not any of several", "s: {a|neq: [x, y]}\ncondition: s", #"{"a":"y"}"#, false),
            MatchCase("not equal number", "s: {a|neq: 5}\ncondition: s", #"{"a":6}"#, true),
            MatchCase("base64", "s: {a|base64: foo}\ncondition: s", #"{"a":"Zm9v"}"#, true),
            MatchCase(
                "base64 anywhere, first place", "s: {a|base64offset|contains: /bin/bash}\ncondition: s",
                #"{"a":"L2Jpbi9iYXNo"}"#, true),
            MatchCase(
                "second place", "s: {a|base64offset|contains: /bin/bash}\ncondition: s", #"{"a":"eC9iaW4vYmFzaHh4"}"#,
                true),
            MatchCase(
                "third place", "s: {a|base64offset|contains: /bin/bash}\ncondition: s", #"{"a":"eHgvYmluL2Jhc2h4"}"#,
                true),
            MatchCase(
                "wide in base64", "s: {a|wide|base64offset|contains: ping}\ncondition: s", #"{"a":"eHAAaQBuAGcA"}"#,
                true),
            MatchCase(
                "one byte has two places", "s: {a|base64offset|contains: a}\ncondition: s", #"{"a":"!!!"}"#, false),
            MatchCase("UTF-16 big-endian", "s: {a|utf16be|base64: ab}\ncondition: s", #"{"a":"AGEAYg=="}"#, true),
            MatchCase("UTF-16 with its mark", "s: {a|utf16|base64: ab}\ncondition: s", #"{"a":"//5hAGIA"}"#, true),
            MatchCase("wide as it is", "s: {a|wide: ab}\ncondition: s", #"{"a":"a\u0000b\u0000"}"#, true),
        ])
    func text(sample: MatchCase) throws { try check(sample) }

    @Test(
        "any dash before an option",
        arguments: [
            MatchCase("as written", "s: {a|windash|contains: ' -enc '}\ncondition: s", #"{"a":"x -enc y"}"#, true),
            MatchCase("a slash", "s: {a|windash|contains: ' -enc '}\ncondition: s", #"{"a":"x /enc y"}"#, true),
            MatchCase("an en dash", "s: {a|windash|contains: ' -enc '}\ncondition: s", #"{"a":"x –enc y"}"#, true),
            MatchCase("a bar for a slash", "s: {a|windash|contains: ' /c '}\ncondition: s", #"{"a":"cmd ―c y"}"#, true),
            MatchCase(
                "an em dash, order of modifiers", "s: {a|contains|windash: ' /c '}\ncondition: s", #"{"a":"cmd —c y"}"#,
                true),
            MatchCase("not inside a word", "s: {a|windash|contains: ' -a-b'}\ncondition: s", #"{"a":"x -a/b"}"#, false),
            MatchCase(
                "not any other sign", "s: {a|windash|contains: ' -enc '}\ncondition: s", #"{"a":"x +enc y"}"#, false),
            MatchCase(
                "many of them", "s: {a|windash: '-a -b -c -d -e -f'}\ncondition: s", #"{"a":"/a –b -c —d /e ―f"}"#, true
            ),
        ])
    func dashes(sample: MatchCase) throws { try check(sample) }

    @Test(
        "regular expressions",
        arguments: [
            MatchCase("somewhere", "s: {a|re: 'b+'}\ncondition: s", #"{"a":"abbbc"}"#, true),
            MatchCase("case counts", "s: {a|re: 'B+'}\ncondition: s", #"{"a":"abbbc"}"#, false),
            MatchCase("unless it does not", "s: {a|re|i: 'B+'}\ncondition: s", #"{"a":"abbbc"}"#, true),
            MatchCase("lines", "s: {a|re|m: '^x$'}\ncondition: s", #"{"a":"w\nx\ny"}"#, true),
            MatchCase("without them", "s: {a|re: '^x$'}\ncondition: s", #"{"a":"w\nx\ny"}"#, false),
            MatchCase("a dot for line ends", "s: {a|re|s: 'w.x'}\ncondition: s", #"{"a":"w\nx"}"#, true),
            MatchCase("pySigma's words", "s: {a|re|ignorecase|dotall: 'W.x'}\ncondition: s", #"{"a":"w\nx"}"#, true),
            MatchCase("numbers", "s: {a|re: '^4[0-9]{2}$'}\ncondition: s", #"{"a":404}"#, true),
            MatchCase("all of several", "s: {a|re|all: ['b', 'c']}\ncondition: s", #"{"a":"abd"}"#, false),
            MatchCase("in the whole event", "s: {'|re': 'b{3}'}\ncondition: s", #"{"x":{"a":"abbbc"}}"#, true),
            MatchCase("bytes that are no UTF-8", "s: {a|re: 'evil'}\ncondition: s", #"{"a":"\#u{FFFD}evil"}"#, true),
        ])
    func expressions(sample: MatchCase) throws { try check(sample) }

    @Test(
        "numbers and dates",
        arguments: [
            MatchCase("more", "s: {a|gt: 5}\ncondition: s", #"{"a":6}"#, true),
            MatchCase("not more", "s: {a|gt: 5}\ncondition: s", #"{"a":5}"#, false),
            MatchCase("at least", "s: {a|gte: 5}\ncondition: s", #"{"a":"5"}"#, true),
            MatchCase("less", "s: {a|lt: 5.5}\ncondition: s", #"{"a":5.25}"#, true),
            MatchCase("at most", "s: {a|lte: -1}\ncondition: s", #"{"a":-1.5}"#, true),
            MatchCase("infinity is no number", "s: {a|gt: 5}\ncondition: s", #"{"a":"inf"}"#, false),
            MatchCase("nor are hexadecimal digits", "s: {a|gt: 5}\ncondition: s", #"{"a":"0x20"}"#, false),
            MatchCase("text is no number", "s: {a|lt: 5}\ncondition: s", #"{"a":"few"}"#, false),
            MatchCase("absent is no number", "s: {a|lt: 5}\ncondition: s", "{}", false),
            MatchCase("the hour", "s: {t|hour: 3}\ncondition: s", #"{"t":"2026-11-22T03:59:59Z"}"#, true),
            MatchCase("as it is written", "s: {t|hour: 3}\ncondition: s", #"{"t":"2026-11-22T03:00:00+05:00"}"#, true),
            MatchCase(
                "hours from an hour on", "s: {t|hour|gte: 22}\ncondition: s", #"{"t":"2026-11-22 23:10:00"}"#, true),
            MatchCase("the minute", "s: {t|minute: 10}\ncondition: s", #"{"t":"2026-11-22 23:10:00.123"}"#, true),
            MatchCase("the day", "s: {t|day: 22}\ncondition: s", #"{"t":"2026-11-22"}"#, true),
            MatchCase("the week", "s: {t|week: 53}\ncondition: s", #"{"t":"2027-01-03"}"#, true),
            MatchCase(
                "the month", "s: {t|month: [10, 11]}\ncondition: s", #"{"t":"22/Nov/2026:10:00:00 +0100"}"#, true),
            MatchCase("the year of seconds", "s: {t|year: 2026}\ncondition: s", #"{"t":1795341600}"#, true),
            MatchCase("the year of milliseconds", "s: {t|year: 2026}\ncondition: s", #"{"t":1795341600000}"#, true),
            MatchCase("no date", "s: {t|year|lt: 2030}\ncondition: s", #"{"t":"yesterday"}"#, false),
        ])
    func numbers(sample: MatchCase) throws { try check(sample) }

    @Test(
        "networks and other fields",
        arguments: [
            MatchCase("inside", "s: {a|cidr: 10.0.0.0/8}\ncondition: s", #"{"a":"10.255.1.2"}"#, true),
            MatchCase("outside", "s: {a|cidr: 10.0.0.0/8}\ncondition: s", #"{"a":"11.0.0.1"}"#, false),
            MatchCase("between bytes", "s: {a|cidr: 172.16.0.0/12}\ncondition: s", #"{"a":"172.31.0.1"}"#, true),
            MatchCase("beyond", "s: {a|cidr: 172.16.0.0/12}\ncondition: s", #"{"a":"172.32.0.1"}"#, false),
            MatchCase(
                "IPv6", "s: {a|cidr: 'fe80::/10'}\ncondition: s", #"{"a":"fe80::1ff:fe23:4567:890a%eth0"}"#, true),
            MatchCase("IPv4 in IPv6", "s: {a|cidr: 10.0.0.0/8}\ncondition: s", #"{"a":"::ffff:10.1.2.3"}"#, true),
            MatchCase(
                "a leading zero is ambiguous", "s: {a|cidr: 10.0.0.0/8}\ncondition: s", #"{"a":"010.1.2.3"}"#, false),
            MatchCase("text is no address", "s: {a|cidr: 0.0.0.0/0}\ncondition: s", #"{"a":"10.1.2"}"#, false),
            MatchCase("another field", "s: {a|fieldref: b}\ncondition: s", #"{"a":"X","b":"x"}"#, true),
            MatchCase("that is not there", "s: {a|fieldref: b}\ncondition: s", #"{"a":"x"}"#, false),
            MatchCase("is different", "s: {a|fieldref|neq: b}\ncondition: s", #"{"a":"x","b":"y"}"#, true),
            MatchCase("begins with it", "s: {a|fieldref|startswith: b}\ncondition: s", #"{"a":"xyz","b":"XY"}"#, true),
            MatchCase("ends with it", "s: {a|fieldref|endswith: b}\ncondition: s", #"{"a":"xyz","b":"xy"}"#, false),
            MatchCase("contains it", "s: {a|contains|fieldref: b}\ncondition: s", #"{"a":"xyz","b":"y"}"#, true),
        ])
    func networks(sample: MatchCase) throws { try check(sample) }

    @Test(
        "keywords are looked for in every value",
        arguments: [
            MatchCase("in any field", "s: [evil, bad]\ncondition: s", #"{"x":{"y":["an EVIL thing"]}}"#, true),
            MatchCase("not in keys", "s: [evil]\ncondition: s", #"{"evil":"x"}"#, false),
            MatchCase("in numbers", "s: [404]\ncondition: s", #"{"x":14045}"#, true),
            MatchCase("with wildcards", "s: ['a*b']\ncondition: s", #"{"x":"xx a and b xx"}"#, true),
            MatchCase(
                "all of them (never matches in rsigma)", "s: {'|all': [one, two]}\ncondition: s",
                #"{"x":"one","y":"two"}"#, true),
            MatchCase("all of them are needed", "s: {'|all': [one, two]}\ncondition: s", #"{"x":"one"}"#, false),
            MatchCase("text alone", "s: evil\ncondition: s", #"{"x":"evil"}"#, true),
            MatchCase("mixed with mappings", "s: [evil, {a: x}]\ncondition: s", #"{"a":"x"}"#, true),
        ])
    func keywords(sample: MatchCase) throws { try check(sample) }

    @Test(
        "conditions",
        arguments: [
            MatchCase("not before and", "a: {a: 1}\nb: {b: 1}\ncondition: not a and b", #"{"a":2,"b":1}"#, true),
            MatchCase("and before or", "a: {a: 1}\nb: {b: 1}\nc: {c: 1}\ncondition: a or b and c", #"{"a":1}"#, true),
            MatchCase("parentheses", "a: {a: 1}\nb: {b: 1}\nc: {c: 1}\ncondition: (a or b) and c", #"{"a":1}"#, false),
            MatchCase("one of", "s_a: {a: 1}\ns_b: {b: 1}\ncondition: 1 of s_*", #"{"b":1}"#, true),
            MatchCase("any of", "s_a: {a: 1}\ns_b: {b: 1}\ncondition: any of s_*", #"{"b":1}"#, true),
            MatchCase("all of", "s_a: {a: 1}\ns_b: {b: 1}\ncondition: all of s_*", #"{"b":1}"#, false),
            MatchCase("two of", "s_a: {a: 1}\ns_b: {b: 1}\ns_c: {c: 1}\ncondition: 2 of s_*", #"{"b":1,"c":1}"#, true),
            MatchCase(
                "not two of", "s_a: {a: 1}\ns_b: {b: 1}\ns_c: {c: 1}\ncondition: not 2 of them", #"{"b":1}"#, true),
            MatchCase(
                "them leaves out an underscore", "s: {a: 1}\n_x: {b: 1}\ncondition: all of them", #"{"a":1}"#, true),
            MatchCase(
                "a star in the middle", "s_a_x: {a: 1}\ns_b_y: {b: 1}\ncondition: all of s_*_x", #"{"a":1}"#, true),
            MatchCase("not not", "s: {a: 1}\ncondition: not not s", #"{"a":1}"#, true),
            MatchCase("only negations", "s: {a: 1}\ncondition: not s", #"{"b":1}"#, true),
            MatchCase(
                "several conditions are alternatives", "a: {a: 1}\nb: {b: 1}\ncondition: [a, b]", #"{"b":1}"#, true),
            MatchCase("capitals", "a: {a: 1}\nb: {b: 1}\ncondition: a AND NOT b", #"{"a":1}"#, true),
        ])
    func conditions(sample: MatchCase) throws { try check(sample) }

    @Test("a hostile expression gives up and stops nothing")
    func hostile() throws {
        let rule = try Samples.detection("s: {a|re: '(a+)+b'}\ncondition: s")
        let matcher = RuleMatcher(CompiledRules([rule]), routing: .none(except: nil))
        let event = #"{"a":"\#(String(repeating: "a", count: 5000))!b"}"#
        #expect(Array(event.utf8).withUnsafeBufferPointer(matcher.match) == nil)
        #expect(matcher.matches.isEmpty)
        #expect(matcher.expressionsGivenUp == 1)
    }

    @Test(
        "what strangers write is compared within bounds, and what is given up is counted",
        arguments: [
            ("s: {a|re: '(a+ )?a+b'}", String(repeating: "a", count: 100_000) + "\\nb"),
            ("s: {a|re: evil}", String(repeating: "x", count: 1 << 20) + "evil"),
            ("s: {a|re: 'x$'}", String(repeating: "x", count: 1 << 20) + "evil"),
        ])
    func bounded(detection: String, value: String) throws {
        let rule = try Samples.detection(detection + "\ncondition: s")
        let matcher = RuleMatcher(CompiledRules([rule]), routing: .none(except: nil))
        #expect(Array(#"{"a":"\#(value)"}"#.utf8).withUnsafeBufferPointer(matcher.match) == nil)
        #expect(matcher.matches.isEmpty)
        #expect(matcher.expressionsGivenUp == 1)
    }

    @Test("many values of two fields are compared within bounds")
    func manyFields() throws {
        let rule = try Samples.detection("s: {a|fieldref: b}\ncondition: s")
        let matcher = RuleMatcher(CompiledRules([rule]), routing: .none(except: nil))
        let texts = { (letter: String) in (0..<20_000).map { "\"\(letter)\($0)\"" }.joined(separator: ",") }
        let event = #"{"a":[\#(texts("x"))],"b":[\#(texts("y"))]}"#
        #expect(Array(event.utf8).withUnsafeBufferPointer(matcher.match) == nil)
        #expect(matcher.matches.isEmpty)
        #expect(matcher.comparisonsGivenUp == 1)
    }

    @Test("case as written is looked for once in a value, however often its letters stand there")
    func casedOften() throws {
        let rule = try Samples.detection("s: {a|contains|cased: aaaaaa}\ncondition: s")
        #expect(try !Samples.matches(rule, #"{"a":"\#(String(repeating: "A", count: 1 << 20))"}"#))
    }

    @Test("a rule is tried only for its log source")
    func routing() throws {
        let rules = try ["product: linux", "product: linux\n    service: sshd", "category: webserver"].enumerated().map
        {
            try Samples.rule(
                "title: R\($0)\nlogsource:\n    \($1)\ndetection:\n    s: {a: 1}\n    condition: s\n")
        }
        let compiled = CompiledRules(rules)
        let matcher = RuleMatcher(compiled, routing: .key("_ls"))
        func found(_ event: String) -> [UInt32] {
            #expect(Array(event.utf8).withUnsafeBufferPointer(matcher.match) == nil)
            return Array(matcher.matches)
        }
        #expect(found(#"{"_ls":{"product":"linux","service":"sshd"},"a":1}"#) == [0, 1])
        #expect(found(#"{"a":1,"_ls":{"product":"linux"}}"#) == [0])
        #expect(found(#"{"_ls":{"product":"nginx","category":["proxy","webserver"]},"a":1}"#) == [2])
        #expect(found(#"{"a":1}"#) == [])
        #expect(matcher.sources.map(\.events) == [1, 1, 1, 1])
        #expect(matcher.sources.map(\.applicable) == [2, 1, 1, 0])
    }
}
