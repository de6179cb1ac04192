import Benchmark
import Crypto
import Kernel
import Vault

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal], warmupIterations: 1, scalingFactor: .kilo, maxDuration: .seconds(5),
        maxIterations: 500)

    let scope = Identifier<KeyScope>(high: 1, low: 2)
    let place = SealedPlace(
        scope: scope, table: "observation", column: "body", row: [UInt8](repeating: 7, count: 16),
        context: [UInt8](repeating: 8, count: 150))
    let body = [UInt8](repeating: 9, count: 300)
    guard let key = try? DataKey(at: Instant(milliseconds: 0), randomness: .system) else { return }
    let keyring = Keyring(scope: scope, current: key)
    guard let sealed = try? keyring.seal(body, as: place, randomness: .system) else { return }

    Benchmark("Seal a row of 300 bytes") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try keyring.seal(body, as: place, randomness: .system)) }
    }
    Benchmark("Open a row of 300 bytes") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try keyring.open(sealed, as: place)) }
    }
    let bare = SymmetricKey(size: .bits256)
    Benchmark("Floor: bare AES-256-GCM over the same bytes") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try AES.GCM.seal(body, using: bare)) }
    }
}
