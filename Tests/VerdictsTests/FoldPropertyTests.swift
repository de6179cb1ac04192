import Kernel
import Testing

@testable import Verdicts

/// Random worlds, judged on every minute by the oracle.
struct FoldPropertyTests {
    static let seeds = 0..<200

    @Test func `the random worlds reach every verdict that time divides among`() {
        var reached: Set<Verdict> = []
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            let history = history(world, until: world.end)
            reached.formUnion(history.changes.map(\.verdict))
        }
        #expect(reached == [.kept, .broken, .stale, .unproven, .withdrawn])
    }

    @Test func `the verdict of now is what the rules say pointwise`() {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            for at in stride(from: 0, through: RandomWorld.length, by: 7).map(minute) {
                #expect(fold(world, at: at).verdict == world.oracle.verdict(at: at, known: at), "seed \(seed) at \(at)")
            }
        }
    }

    @Test func `the history as known is what the rules say pointwise`() {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            let history = history(world, until: world.end)
            for at in (0...RandomWorld.length).map(minute) where at >= world.promise.startsAt {
                let told = history.change(inForceAt: at)?.verdict
                #expect(told == world.oracle.verdict(at: at, known: at), "seed \(seed) at \(at)")
            }
        }
    }

    @Test func `the settled history is what the rules say pointwise`() {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            let history = history(world, until: world.end)
            for at in (0..<RandomWorld.length).map(minute) where at >= world.promise.startsAt {
                let told = history.settledVerdict(at: at)
                #expect(told == world.oracle.settled(at: at, known: world.end), "seed \(seed) at \(at)")
            }
        }
    }

    @Test func `shares are the counted minutes and add up to 1`() throws {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            let history = history(world, until: world.end)
            let verdicts = (0..<RandomWorld.length).map(minute).filter { $0 >= world.promise.startsAt }
                .map { world.oracle.settled(at: $0, known: world.end) }.filter { $0 != .withdrawn }
            guard let shares = history.shares(ofLast: 1) else {
                #expect(verdicts.isEmpty, "seed \(seed)")
                continue
            }
            #expect(abs(shares.kept + shares.broken + shares.stale + shares.unproven - 1) < 1e-9)
            let all: [(Verdict, Double)] = [
                (.kept, shares.kept), (.broken, shares.broken), (.stale, shares.stale), (.unproven, shares.unproven),
            ]
            for (verdict, share) in all {
                let counted = Double(verdicts.count { $0 == verdict }) / Double(verdicts.count)
                #expect(abs(counted - share) < 1e-9, "seed \(seed): \(verdict)")
            }
        }
    }

    @Test func `what was known is never rewritten by what comes later`() {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            let whole = history(world, until: world.end)
            for at in [20, 45, 70].map(minute) {
                let early = history(world, until: at)
                #expect(early.changes == Array(whole.changes.prefix { $0.at <= at }), "seed \(seed) at \(at)")
            }
        }
    }

    @Test func `late evidence never takes back broken time`() {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            let early = history(world, until: minute(50))
            let late = history(world, until: world.end)
            for at in (0..<50).map(minute) where early.change(inForceAt: at)?.verdict == .broken {
                #expect(late.settledVerdict(at: at) == .broken, "seed \(seed) at \(at)")
            }
        }
    }

    @Test func `time alone turns kept into stale at validUntil and changes nothing else`() {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            for start in [15, 40, 65] where minute(start) >= world.promise.startsAt {
                let now = fold(world, at: minute(start))
                guard now.verdict != .withdrawn else { continue }
                for later in start..<(RandomWorld.length + 60) {
                    let frozen = frozen(world, at: minute(start), readAt: minute(later))
                    let ranOut = now.validUntil.map { $0 <= minute(later) } ?? false
                    #expect(frozen == (ranOut ? .stale : now.verdict), "seed \(seed) from \(start) at \(later)")
                }
                #expect((now.validUntil != nil) == (now.verdict == .kept))
            }
        }
    }

    @Test func `the order in which sightings come makes no difference`() {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            var random = SeededGenerator(seed: seed + 1_000_000)
            let shuffled = world.series.shuffled(using: &random).map {
                Series(check: $0.check, subject: $0.subject, sightings: $0.sightings.shuffled(using: &random))
            }
            #expect(
                standing(of: world.promise, at: minute(60), world.roster, world.series)
                    == standing(of: world.promise, at: minute(60), world.roster, shuffled))
            let history = history(world, until: world.end)
            let again = VerdictHistory(of: world.promise, roster: world.roster, series: shuffled, knownAt: world.end)
            #expect(history.changes == again.changes && history.settled == again.settled, "seed \(seed)")
        }
    }

    @Test func `since and verdict of now agree with the history's last change`() {
        for seed in Self.seeds {
            let world = RandomWorld(seed: seed)
            let now = standing(of: world.promise, at: minute(60), world.roster, world.series)
            let history = history(world, until: minute(60))
            #expect(now.since == history.changes.last?.at)
            #expect(now.verdict == history.changes.last?.verdict)
        }
    }

    private func history(_ world: RandomWorld, until end: Instant) -> VerdictHistory {
        VerdictHistory(of: world.promise, roster: world.roster, series: world.series, knownAt: end)
    }

    private func fold(_ world: RandomWorld, at moment: Instant) -> Standing {
        var fold = VerdictFold(at: moment, roster: world.roster)
        for series in world.series { fold.take(series) }
        return fold.standing(of: world.promise)
    }

    /// The verdict that time makes of what was known at `moment`, with the population of `moment`.
    private func frozen(_ world: RandomWorld, at moment: Instant, readAt later: Instant) -> Verdict {
        let members = Set(
            world.memberships.filter { $0.joinedAt <= moment && moment < ($0.leftAt ?? .distantFuture) }.map(\.subject))
        let roster = Roster(members.map { Membership($0, joinedAt: .distantPast) })
        var fold = VerdictFold(at: later, roster: roster)
        for series in world.series {
            guard let slot = fold.slot(for: series.check, on: series.subject) else { continue }
            for sighting in series.sightings where sighting.receivedAt <= moment { fold.take(sighting, in: slot) }
        }
        return fold.standing(of: Promise(demands: world.promise.demands, startsAt: world.promise.startsAt)).verdict
    }
}
