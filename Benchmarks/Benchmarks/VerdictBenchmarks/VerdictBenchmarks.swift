import Benchmark
import Verdicts

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal, .peakMemoryResident], warmupIterations: 1, maxDuration: .seconds(5),
        maxIterations: 50)

    let scene = Scene()
    Benchmark("1,000 commitments over 1,000,000 sightings") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(scene.verdicts()) }
    }
    Benchmark("Floor: reading the same columns once") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(scene.floor()) }
    }

    let quiet = LongStory(isRestless: false)
    Benchmark("History of one commitment, 100,000 sightings, few changes") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(quiet.history().shares(ofLast: 90)) }
    }
    let restless = LongStory(isRestless: true)
    Benchmark("History of one commitment, 100,000 sightings, each a change") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(restless.history().shares(ofLast: 90)) }
    }
}
