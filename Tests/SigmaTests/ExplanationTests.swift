import Testing

@testable import Sigma

@Suite("Explaining")
struct ExplanationTests {
    private func rule() throws -> SigmaRule {
        try Samples.detection(
            """
            selection:
                Image|endswith: '\\cmd.exe'
                CommandLine|contains: [' /c ', ' /k ']
            filter: {User: SYSTEM}
            condition: selection and not filter
            """)
    }

    @Test("each part says whether it holds and what the event has")
    func parts() throws {
        let event = #"{"Image":"C:\\Windows\\cmd.exe","CommandLine":"cmd /k dir","User":"system"}"#
        let explanation = try Explanation(try rule(), event: Array(event.utf8))
        #expect(!explanation.matches)
        #expect(explanation.conditions.map(\.holds) == [false])
        #expect(explanation.selections.map(\.name) == ["selection", "filter"])
        #expect(explanation.selections.map(\.part.holds) == [true, true])
        let parts = explanation.selections[0].part.parts
        #expect(parts.map(\.question) == [#"Image ends with \cmd.exe"#, "CommandLine fits any of 2 values"])
        #expect(parts.map(\.values) == [[#"C:\Windows\cmd.exe"#], ["cmd /k dir"]])
        #expect(parts[1].parts.map(\.holds) == [false, true])
        #expect(explanation.selections[1].part.question == "User is SYSTEM")
    }

    @Test("a field that is absent has no values")
    func absent() throws {
        let explanation = try Explanation(try rule(), event: Array("{}".utf8))
        #expect(explanation.selections[0].part.parts.map(\.values) == [[], []])
    }

    @Test("what is no event is refused")
    func refused() throws {
        let rule = try rule()
        #expect(throws: EventFault.notAnObject) { try Explanation(rule, event: Array("x".utf8)) }
    }

    @Test(
        "every question has words",
        arguments: [
            ("a: x*y", "a fits x*y"), ("a|startswith: x", "a begins with x"), ("a: ''", "a is empty"),
            ("a: null", "a is absent or null"), ("a|exists: false", "a is not there"),
            ("a|re: x+", "a matches the expression x+"),
            ("a|cidr: 10.0.0.0/8", "a is an address of 10.0.0.0/8"), ("a|gte: 5", "a is at least 5"),
            ("a|hour|lt: 6", "a has a date whose hour is less than 6"), ("a|fieldref: b", "a is what b holds"),
            ("a|cased: X", "a is X (upper and lower case as written)"), ("a: '*'", "a holds anything"),
            ("a|windash: ' -c'", "a fits  [-/]c"),
        ])
    func words(detection: String, words: String) throws {
        let rule = try Samples.detection("s: {\(detection)}\ncondition: s")
        #expect(try Explanation(rule, event: Array("{}".utf8)).selections[0].part.question == words)
    }
}
