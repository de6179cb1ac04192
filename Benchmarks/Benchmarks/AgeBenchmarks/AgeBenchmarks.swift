import Age
import Benchmark
import Crypto
import Kernel

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal, .throughput], warmupIterations: 1, maxDuration: .seconds(5),
        maxIterations: 100)

    /// Fed in pieces as a file or a connection would give them.
    let size = 64 << 20
    let piece = 1 << 18
    let plaintext = [UInt8](repeating: 7, count: size)
    guard let identity = try? AgeIdentity(.x25519, randomness: .system),
        let hybrid = try? AgeIdentity(.hybrid, randomness: .system)
    else { return }

    @Sendable func seal(isArmoured: Bool, _ each: ([UInt8]) -> Void) throws {
        var encryptor = try AgeEncryptor(to: [identity.recipient], isArmoured: isArmoured)
        var sealed: [UInt8] = []
        sealed.reserveCapacity(2 * piece)
        for start in stride(from: 0, to: size, by: piece) {
            try encryptor.seal(plaintext.span.extracting(start..<start + piece), into: &sealed)
            each(sealed)
            sealed.removeAll(keepingCapacity: true)
        }
        try encryptor.finish(into: &sealed)
        each(sealed)
    }

    for isArmoured in [false, true] {
        let form = isArmoured ? ", armoured" : ""
        var file: [UInt8] = []
        do { try seal(isArmoured: isArmoured) { file += $0 } } catch { return }
        let sealed = file

        Benchmark("Seal 64 MiB\(form)") { benchmark in
            for _ in benchmark.scaledIterations { try seal(isArmoured: isArmoured) { blackHole($0.count) } }
        }
        Benchmark("Open 64 MiB\(form)") { benchmark in
            for _ in benchmark.scaledIterations {
                var decryptor = AgeDecryptor(with: [identity])
                var opened: [UInt8] = []
                opened.reserveCapacity(2 * piece)
                for start in stride(from: 0, to: sealed.count, by: piece) {
                    let end = min(start + piece, sealed.count)
                    try decryptor.open(sealed.span.extracting(start..<end), into: &opened)
                    blackHole(opened.count)
                    opened.removeAll(keepingCapacity: true)
                }
                try decryptor.finish(into: &opened)
            }
        }
    }
    Benchmark("Floor: bare ChaCha20-Poly1305 over 64 MiB") { benchmark in
        let key = SymmetricKey(size: .bits256)
        for _ in benchmark.scaledIterations {
            for start in stride(from: 0, to: size, by: 65_536) {
                try plaintext.withUnsafeBytes {
                    let chunk = UnsafeRawBufferPointer(rebasing: $0[start..<start + 65_536])
                    blackHole(try ChaChaPoly.seal(chunk, using: key))
                }
            }
        }
    }
    for (name, identity) in [("X25519", identity), ("hybrid", hybrid)] {
        Benchmark("Seal and open an empty file, \(name)") { benchmark in
            for _ in benchmark.scaledIterations {
                var encryptor = try AgeEncryptor(to: [identity.recipient])
                var file: [UInt8] = []
                try encryptor.finish(into: &file)
                var decryptor = AgeDecryptor(with: [identity])
                var opened: [UInt8] = []
                try decryptor.open(file, into: &opened)
                try decryptor.finish(into: &opened)
                blackHole(opened)
            }
        }
    }
}
