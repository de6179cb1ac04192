// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: Swift 6 mode comes from the tools version; nothing may warn.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A Swift target with the settings that all of ours share.
func target(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests that mirror one target.
func tests(_ name: String, on dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioCompression = Target.Dependency.product(name: "NIOHTTPCompression", package: "swift-nio-extras")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let structuredHeaders = Target.Dependency.product(
    name: "RawStructuredFieldValues", package: "swift-http-structured-headers")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "vouchsafe",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "vouchsafe", targets: ["vouchsafe"]),
        .executable(name: "store-benchmark", targets: ["StoreBenchmark"]),
        // The pure targets, so that Benchmarks/ can reach them.
        .library(name: "Age", targets: ["Age"]),
        .library(name: "Kernel", targets: ["Kernel"]),
        .library(name: "Ledger", targets: ["Ledger"]),
        .library(name: "LogArchive", targets: ["LogArchive"]),
        .library(name: "LogFormats", targets: ["LogFormats"]),
        .library(name: "OpenIDConnect", targets: ["OpenIDConnect"]),
        .library(name: "Passkeys", targets: ["Passkeys"]),
        .library(name: "Vault", targets: ["Vault"]),
        .library(name: "Verdicts", targets: ["Verdicts"]),
        .library(name: "Posture", targets: ["Posture"]),
        .library(name: "Packs", targets: ["Packs"]),
        .library(name: "ScanResults", targets: ["ScanResults"]),
        .library(name: "Sigma", targets: ["Sigma"]),
        .library(name: "TLSPosture", targets: ["TLSPosture"]),
        .library(name: "WebPosture", targets: ["WebPosture"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["CommandLineArguments", "YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-structured-headers", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .executableTarget(
            name: "vouchsafe",
            dependencies: [
                "Age", "App", "Backups", "Commitments", "Detection", "Flows", "Identity", "Kernel", "Ledger",
                "LogFormats",
                "OpenIDConnect",
                "Packs", "Pages", "Probes", "ScanResults", "Scanning", "Sigma", "Store",
                "TLSPosture", "Verdicts", "WebPosture", "Wire", "Witnesses", argumentParser, configuration, crypto,
                logging,
            ],
            swiftSettings: strict),

        // Composition, edges
        target(
            "App",
            on: [
                "API", "Age", "Agent", "Backups", "Commitments", "Detection", "Endpoints", "Flows", "Identity", "Jobs",
                "Kernel",
                "Ledger", "LogFormats", "LogReceivers", "OpenIDConnect", "Pages", "Passkeys",
                "Posture", "Probes",
                "Routing", "ScanResults", "Scanning", "Sigma", "Store", "StorePostgres", "StoreSQLite", "TLSPosture",
                "Vault",
                "Verdicts", "WebPosture", "Wire", "Witnesses", asn1,
                asyncHTTPClient, crypto, httpTypes, hummingbird,
                hummingbirdTLS,
                lifecycle, logging, nioCore, nioHTTP1, nioHTTPTypes, nioPosix, nioSSL, nioTLS, x509,
            ]),
        target("Pages", on: ["Kernel", "PageAssets", "ScanResults", "Verdicts", "Wire", crypto, mustache]),
        target(
            "API",
            on: [
                "Commitments", "Detection", "Flows", "Identity", "Kernel", "Ledger", "LogFormats", "Packs", "Routing",
                "ScanResults",
                "Scanning", "Store", "Verdicts", "Wire",
            ]),
        target("Routing", on: ["Identity", "Kernel", "Store"]),
        target("Agent", on: ["Kernel", "Posture", "Wire"]),
        target("Wire", on: ["Kernel", "ScanResults", "Verdicts"]),
        .target(
            name: "PageAssets", exclude: ["static", "style", "templates"], cSettings: [.treatAllWarnings(as: .error)]),

        // Stories that cross rooms
        target(
            "Flows",
            on: [
                "Backups", "Commitments", "Detection", "Endpoints", "Identity", "Kernel", "Ledger", "LogArchive",
                "LogFormats", "OpenIDConnect", "Packs",
                "ScanResults", "Scanning", "Sigma", "Store", "Verdicts", "Wire", "Witnesses",
            ]),

        // Rooms
        target("Backups", on: ["Age", "Kernel", "Ledger", "Store", crypto]),
        target("Commitments", on: ["Kernel", "Ledger", "Packs", "Store", "Verdicts"]),
        target(
            "Detection",
            on: ["Kernel", "LogArchive", "LogFormats", "OwnRules", "Sigma", "Store", logging]),
        target("Endpoints", on: ["Kernel", "Store"]),
        target("Identity", on: ["CArgon2", "CQRCode", "Kernel", "OpenIDConnect", "Passkeys", "Store", crypto]),
        target("Scanning", on: ["Kernel", "ScanResults", "Store", "TLSPosture", "WebPosture"]),
        target("Witnesses", on: ["Kernel", "Ledger", "Store"]),
        target("Jobs", on: ["Kernel", "Store", lifecycle, logging]),

        // Store
        target("Store", on: ["Kernel", "Ledger", "Vault", crypto]),
        target("StoreSQLite", on: ["Kernel", "Store", database, sqlite]),
        target("StorePostgres", on: ["CPostgreSQL", "Kernel", "Store"]),

        // Pure
        target("Kernel"),
        target("Ledger", on: ["Kernel", crypto]),
        target("Vault", on: ["Kernel", crypto, cryptoExtras]),
        target("Verdicts", on: ["Kernel"]),
        target("Age", on: ["Kernel", crypto, cryptoExtras]),
        target("OpenIDConnect", on: ["Kernel", crypto, jwtKit]),
        target("Passkeys", on: ["Kernel", crypto, cryptoExtras]),
        target("Posture", on: ["Kernel"]),
        target("Packs", on: ["Kernel", "YAMLReading", crypto]),
        target("Sigma", on: ["CPCRE2", "Kernel", "YAMLReading"]),
        target("LogFormats", on: ["Kernel", "Sigma"]),
        target("LogArchive", on: ["CZstd", "Kernel", "LogFormats", "Vault", crypto]),
        target("YAMLReading", on: ["Kernel", yaml]),
        target("ScanResults", on: ["Kernel", crypto]),
        target("TLSPosture", on: ["Kernel", "ScanResults", asn1, crypto, x509]),
        target("WebPosture", on: ["CPCRE2", "Kernel", "ScanResults", "ScannerLists", crypto, structuredHeaders]),
        // Our own rules for logs, as bytes.
        .target(name: "OwnRules", cSettings: [.treatAllWarnings(as: .error)]),
        // The lists that others keep, as bytes: public suffixes, hosts that are preloaded for HSTS.
        .target(name: "ScannerLists", exclude: ["lists"], cSettings: [.treatAllWarnings(as: .error)]),

        // The network edge of the scanner: connections that know where they may go and when they end.
        target(
            "Probes",
            on: [
                "Kernel", "ScanResults", "TLSPosture", "WebPosture", asn1, nioCore, nioHTTP1, nioHTTP2, nioPosix,
                nioSSL,
                nioTLS, nioCompression, x509,
            ]),

        // The network edge of log collection: syslog is listened for, files and the journal are followed.
        target("LogReceivers", on: ["Kernel", "LogFormats", crypto, nioCore, nioPosix, nioSSL, nioTLS]),

        // Only the headers of these two are needed to build: libpq and libqrencode are found when something asks for them.
        .systemLibrary(name: "CPostgreSQL", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CQRCode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CArgon2", providers: [.apt(["libargon2-dev"])]),

        // What the store can do, measured where its databases are; the pure targets have a package of their own in Benchmarks/.
        .executableTarget(
            name: "StoreBenchmark", dependencies: ["Kernel", "Store", "StorePostgres", "StoreSQLite", "Vault"],
            path: "Benchmarks/Store", exclude: ["peer.sql"], swiftSettings: strict),

        // Tests
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        tests("Kernel"),
        tests("Age", on: ["Kernel", "TestSupport", crypto]),
        tests("Ledger", on: ["Kernel", crypto]),
        tests("OpenIDConnect", on: ["Kernel", "TestSupport", crypto, cryptoExtras]),
        .testTarget(
            name: "PasskeysTests", dependencies: ["Kernel", "Passkeys", "TestSupport", crypto, cryptoExtras],
            exclude: ["Vectors"], swiftSettings: strict),
        tests("Vault", on: ["Kernel"]),
        tests("Verdicts", on: ["Kernel"]),
        tests("Posture", on: ["Kernel"]),
        tests("Agent", on: ["Kernel", "Posture"]),
        tests("Packs", on: ["Kernel"]),
        tests("ScanResults", on: ["Kernel"]),
        tests("TLSPosture", on: ["Kernel", "ScanResults", "TestSupport"]),
        tests("WebPosture", on: ["Kernel", "ScanResults", "TestSupport"]),
        .testTarget(
            name: "ProbesTests",
            dependencies: [
                "Kernel", "Probes", "ScanResults", "TestSupport", "TLSPosture", "WebPosture", nioCore, nioHTTP1,
                nioPosix,
            ],
            exclude: ["Oracle"], swiftSettings: strict),
        tests("LogFormats", on: ["Kernel", "Sigma", "TestSupport"]),
        tests("LogArchive", on: ["Kernel", "LogFormats", "TestSupport"]),
        tests("LogReceivers", on: ["Kernel", "LogFormats", "TestSupport", nioCore, nioPosix, nioSSL]),
        tests("Sigma", on: ["Kernel", "TestSupport"]),
        tests("Pages", on: ["Kernel", "PageAssets", "ScanResults", "Verdicts", "Wire", crypto]),
        .target(name: "TestSupport", dependencies: ["Kernel"], path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "StoreSupport",
            dependencies: ["Kernel", "Store", "StorePostgres", "StoreSQLite", "TestSupport", database],
            path: "Tests/StoreSupport", swiftSettings: strict),
        tests(
            "Store",
            on: ["Kernel", "Ledger", "StorePostgres", "StoreSQLite", "StoreSupport", "TestSupport", "Vault", database]),
        tests(
            "Backups",
            on: [
                "Age", "Kernel", "Ledger", "Store", "StorePostgres", "StoreSQLite", "StoreSupport", "TestSupport",
                "Vault", crypto,
            ]),
        tests(
            "Identity",
            on: [
                "CArgon2", "Kernel", "Ledger", "OpenIDConnect", "Passkeys", "Store", "StoreSupport", "TestSupport",
                "Vault", crypto,
            ]),
        tests(
            "Detection",
            on: [
                "Kernel", "LogArchive", "LogFormats", "Sigma", "Store", "StoreSQLite", "TestSupport", "Vault", logging,
            ]),
        tests("Endpoints", on: ["Kernel", "Store", "StoreSQLite", "TestSupport", "Vault"]),
        tests(
            "Commitments",
            on: ["Kernel", "Ledger", "Packs", "Store", "StoreSQLite", "TestSupport", "Vault", "Verdicts"]),
        tests(
            "Flows",
            on: [
                "Age", "Backups", "Commitments", "Detection", "Endpoints", "Identity", "Kernel", "Ledger", "LogFormats",
                "Packs",
                "ScanResults",
                "Scanning",
                "Store", "StoreSQLite", "TLSPosture", "TestSupport", "Vault", "Verdicts", "WebPosture", "Wire",
                "Witnesses",
            ]),
        // Whether one organisation can see another's data: every route, every caller, every statement.
        .testTarget(
            name: "IsolationTests",
            dependencies: [
                "Age", "App", "Backups", "Commitments", "Detection", "Flows", "Identity", "Jobs", "Kernel", "Ledger",
                "LogFormats",
                "OpenIDConnect",
                "Passkeys", "Routing", "ScanResults", "Scanning", "Sigma", "Store", "StorePostgres", "StoreSQLite",
                "StoreSupport",
                "TestSupport", "Vault", "WebPosture", "Wire", "Witnesses",
                crypto, httpTypes, hummingbird, logging,
                nioCore, nioEmbedded,
            ],
            swiftSettings: strict),
        // The built program, run as a person would.
        tests("Routing", on: ["Identity", "Kernel", "Store"]),
        tests(
            "App",
            on: [
                "Flows", "Identity", "Jobs", "Kernel", "OpenIDConnect", "Routing", "ScanResults", "Scanning", "Store",
                "StoreSQLite", "TestSupport", "Vault", httpTypes, nioCore, nioEmbedded, nioHTTPTypes,
            ]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "Kernel", "Ledger", "StoreSupport", "vouchsafe", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL,
            ],
            exclude: ["Provider"], swiftSettings: strict),
        .testTarget(
            name: "BrowserTests", dependencies: ["vouchsafe", asyncHTTPClient, nioCore, nioHTTP1, nioSSL],
            swiftSettings: strict),
    ]
)
