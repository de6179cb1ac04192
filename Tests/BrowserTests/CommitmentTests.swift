import Foundation
import Testing

extension BrowserSuite {
    /// The overview and a commitment with everything behind its verdict.
    @Suite struct Commitments {
        @Test("The overview shows every verdict with its count, and the counts add up to all commitments")
        func counts() async throws {
            let stage = try Stage.now()
            try await stage.open("/")
            let script = """
                const rows = [...document.querySelectorAll(".legend tbody tr")];
                return [rows.map(row => row.querySelector("th").innerText.trim()),
                  rows.map(row => parseInt(row.querySelector(".number").innerText)),
                  parseInt(rows[0].querySelector(".of").innerText.replace(/\\D/g, "")),
                  document.querySelectorAll("[data-filtered] tbody tr:not(.section-row)").length]
                """
            let found = try await stage.browser.run(script).elements
            #expect(
                found[0].elements.compactMap(\.string) == [
                    "Kept", "Broken", "Stale", "Unproven", "Unprovable", "Withdrawn",
                ])
            let sum = found[1].elements.compactMap(\.int).reduce(0, +)
            #expect(sum > 100)
            #expect(sum == found[2].int)
            #expect(sum == found[3].int, "every commitment has a row of its own")
        }

        @Test(
            "From the overview, one click reaches the commitment, and there the evidence, what to do, the history and the proof"
        )
        func reachesEverything() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await stage.open("/")
            try await browser.click("[data-filtered] a.promise[href$='/evidence-sealed']")
            #expect(try await browser.path() == "/commitments/\(Stage.policy)/evidence-sealed")
            #expect(try await browser.text(of: ".standing-word") == "Kept")
            try await browser.click(".evidence summary")
            #expect(try await browser.text(of: ".evidence[open] dl").isEmpty == false)
            #expect(try await browser.run("return document.querySelectorAll('.timeline li').length").int ?? 0 > 0)
            #expect(try await browser.text(of: "#proof").isEmpty == false)
            #expect(try await browser.run("return document.querySelector('a[download]') !== null").isTrue)

            try await browser.open(stage.server.base + "/hosts")
            try await browser.click("a.promise")
            #expect(try await browser.path().hasPrefix("/hosts/"))
            #expect(try await browser.text(of: ".check-list").isEmpty == false)
        }

        @Test("A broken or undetermined promise says what to do")
        func fix() async throws {
            let stage = try Stage.now()
            try await stage.open("/")
            // Which promises this machine breaks is not known beforehand; one without the means to check is always there.
            let address = try await stage.browser.run(
                "return document.querySelector('.concern h3 a')?.getAttribute('href') ?? document.querySelector('.plain-list a').getAttribute('href')"
            )
            try await stage.browser.open(stage.server.base + (address.string ?? ""))
            #expect(try await stage.browser.text(of: ".remedies li").isEmpty == false)
        }

        @Test("The downloaded proof verifies offline with the key that the page shows, and not with one byte changed")
        func proof() async throws {
            let stage = try Stage.now()
            try await stage.open("/commitments/\(Stage.policy)/evidence-sealed")
            let command = try await stage.browser.text(
                of: "#proof ~ pre.command code, [aria-labelledby=proof] pre.command code")
            let key = try #require(command.firstMatch(of: /--key '([^']+)'/)?.1)
            try await stage.browser.click("a[download]")
            let file = stage.downloads.appending(path: "evidence-sealed.proof")
            let bytes = try await eventually("the browser saves \(file.path)") { try? Data(contentsOf: file) }

            let verified = try await stage.server.command(["verify", file.path, "--key", String(key)])
            #expect(verified.status == 0, "\(verified.said)")
            #expect(verified.said.contains("\(Stage.policy)/evidence-sealed"))

            var changed = bytes
            let middle = changed.startIndex + changed.count / 2
            changed[middle] = changed[middle] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let forged = stage.downloads.appending(path: "forged.proof")
            try changed.write(to: forged)
            #expect(try await stage.server.command(["verify", forged.path, "--key", String(key)]).status == 1)
        }

        @Test("An exception is granted by the form, also without JavaScript, and stands beside the verdict")
        func exception() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            let address = "/commitments/\(Stage.policy)/yearly-training"
            try await stage.open(address)
            let before = try await browser.text(of: ".standing-word")
            try await stage.withoutScripts {
                try await browser.open(stage.server.base + address)
                try await stage.ask(forExceptionUntil: Stage.soon.day, because: "The new course starts in spring.")
                #expect(try await browser.path() == address)
            }
            try await browser.open(stage.server.base + address)
            #expect(try await browser.text(of: ".standing-word") == before)
            #expect(try await browser.text(of: ".standing .beside").contains(Stage.soon.words))
            let listed = try await browser.text(of: ".exceptions")
            #expect(listed.contains("The new course starts in spring."))
            #expect(listed.contains(Stage.name))
        }

        @Test("An exception that ends in the past is refused at its field, and what was written is kept")
        func pastException() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await stage.open("/commitments/\(Stage.policy)/flawless-maps")
            try await stage.ask(forExceptionUntil: "2020-01-01", because: "Nobody is perfect.")
            #expect(try await browser.text(of: "#field-until-problem").isEmpty == false)
            #expect(
                try await browser.run("return document.querySelector('[name=reason]').value") == "Nobody is perfect.")
            #expect(try await browser.run("return document.querySelectorAll('.exceptions').length") == 0)
            _ = try await browser.complaints()
        }

        @Test("The open overview takes up by itself what another process changed")
        func live() async throws {
            let stage = try Stage.now()
            let browser = stage.browser
            try await stage.open("/")
            let row =
                "document.querySelector(\"[data-filtered] a[href$='/automatic-updates']\").closest('tr').innerText"
            #expect(try await browser.run("return \(row)").string?.contains("exception") == false)
            _ = try await browser.run("window.stillTheSamePage = true")
            let granted = try await stage.server.command([
                "exception", "grant", "\(Stage.policy)/automatic-updates", "--reason", "The updates wait for the move.",
                "--until", Stage.soon.day, "--organisation", "hazelbrook-maps", "--data", stage.server.data.path,
            ])
            #expect(granted.status == 0, "\(granted.said)")
            _ = try await eventually("the overview shows the exception") {
                try await browser.run("return \(row)").string?.contains("exception until \(Stage.soon.words)") == true
                    ? true : nil
            }
            #expect(try await browser.run("return window.stillTheSamePage").isTrue)
        }
    }
}

extension Stage {
    /// A day two months ahead, as forms take it and as pages show it.
    fileprivate static let soon: (day: String, words: String) = {
        let date = Date(timeIntervalSinceNow: 60 * 86_400)
        // British months are not always three letters long.
        let style = Date.FormatStyle(locale: Locale(identifier: "en_US"), timeZone: .gmt)
        let parts = [style.day(.defaultDigits), style.month(.abbreviated), style.year()].map { date.formatted($0) }
        return (date.formatted(.iso8601.year().month().day()), parts.joined(separator: " "))
    }()

    /// Opens the drawer of the form, fills it and sends it.
    fileprivate func ask(forExceptionUntil day: String, because reason: String) async throws {
        try await browser.click("#ask-exception > summary")
        try await browser.type(reason, into: "[name=reason]")
        // What a date field takes from the keyboard depends on the reader's country.
        _ = try await browser.run("document.querySelector('[name=until]').value = arguments[0]", .text(day))
        try await browser.click("#ask-exception button")
    }
}
