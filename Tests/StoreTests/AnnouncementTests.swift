import Kernel
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(10))) struct AnnouncementTests {
    private func organisation(_ number: Int) -> Identifier<Organisation> {
        Identifier(high: 1, low: UInt64(number))
    }

    @Test func aSlowListenerHearsOfEveryOrganisationOnce() async {
        let announcements = Announcements()
        let stream = announcements.listen()
        for _ in 0..<2 { for number in 0..<1_000 { announcements.announce(organisation(number)) } }
        announcements.announce(organisation(1_000))
        var heard: [Identifier<Organisation>] = []
        for await organisation in stream {
            heard.append(organisation)
            if organisation == self.organisation(1_000) { break }
        }
        #expect(heard == (0...1_000).map { organisation($0) })
    }

    @Test func whatIsHeardMayBeAnnouncedAgain() async {
        let announcements = Announcements()
        var heard = announcements.listen().makeAsyncIterator()
        for _ in 0..<3 {
            announcements.announce(organisation(1))
            #expect(await heard.next() == organisation(1))
        }
    }

    @Test func whoIsCancelledHearsNothingMore() async {
        let announcements = Announcements()
        let listening = Task { for await _ in announcements.listen() {} }
        listening.cancel()
        await listening.value
        announcements.announce(organisation(1))
    }
}
