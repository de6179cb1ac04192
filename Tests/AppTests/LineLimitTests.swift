import Kernel
import Testing

@testable import App

@Suite struct LineLimitTests {
    private static let start = Instant(milliseconds: 1_760_000_000_000)

    @Test func eachKindHasItsLinesInAMinuteAndTheRestIsCounted() {
        var limit = LineLimit()
        for number in 1...50 {
            let isTold = limit.admits("a", at: Self.start + .seconds(number))
            #expect(isTold == (number <= LineLimit.most))
        }
        let other = limit.admits("b", at: Self.start + .seconds(50))
        #expect(other, "a flood of one kind hides no other")
        let ended = [60, 61, 61].map { limit.end(at: Self.start + .seconds($0)) }
        #expect(
            ended == [[], [LineLimit.LeftOut(kind: "a", count: 30)], []],
            "the minute began with the first, and each is told once")
        let next = limit.admits("a", at: Self.start + .seconds(61))
        #expect(next)
    }

    @Test func whereNothingWasLeftOutNothingIsTold() {
        var limit = LineLimit()
        for _ in 0..<LineLimit.most { _ = limit.admits("a", at: Self.start) }
        let left = limit.end(at: Self.start + .minutes(1))
        #expect(left.isEmpty)
    }

    @Test func everyMinuteEndsWhenTheServerDoesOrTheClockIsSetBack() {
        for end in [Instant.distantFuture, Self.start + .seconds(-1)] {
            var limit = LineLimit()
            for _ in 0...LineLimit.most {
                _ = limit.admits("b", at: Self.start)
                _ = limit.admits("a", at: Self.start)
            }
            let left = limit.end(at: end)
            #expect(left.map(\.kind) == ["a", "b"])
        }
    }
}
