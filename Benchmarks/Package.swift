// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// One suite of benchmarks over pure targets of the package above.
func suite(_ name: String, on libraries: [String], _ others: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: [.product(name: "Benchmark", package: "benchmark")]
            + libraries.map { .product(name: $0, package: "vouchsafe") } + others,
        path: "Benchmarks/\(name)",
        swiftSettings: strict,
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "vouchsafe-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vouchsafe", path: ".."),
        // Without the interposers: they count allocations, and need packages that a plain machine lacks.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        suite("VerdictBenchmarks", on: ["Kernel", "Verdicts"]),
        suite("LedgerBenchmarks", on: ["Kernel", "Ledger"], [crypto]),
        suite("VaultBenchmarks", on: ["Kernel", "Vault"], [crypto]),
        suite("DetectionBenchmarks", on: ["Sigma"]),
        suite("AgeBenchmarks", on: ["Age", "Kernel"], [crypto]),
    ]
)
