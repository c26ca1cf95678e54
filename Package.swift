// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "Daybook",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "daybook-receiver", targets: ["Receiver"]),
        .executable(name: "daybook", targets: ["DaybookCLI"]),
    ],
    // There is no Package.resolved in the repository, so exact versions make a build repeatable.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CSyncfs"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // The rooms. What a room may import is its list here, and nothing else: `.ci/run` checks it.
        .target(name: "Parallel"),
        .target(name: "DurableFiles", dependencies: ["CSyncfs"]),
        .target(
            name: "Webhooks",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")]),
        .target(
            name: "Spool",
            dependencies: ["DurableFiles", "Webhooks"]),
        .target(
            name: "Configuring",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "Receiver",
            dependencies: [
                "DurableFiles", "Configuring", "Spool", "Webhooks",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .target(
            name: "Archive",
            dependencies: [
                "CZlib", "DurableFiles", "Parallel", "Webhooks",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "ArchiveIndex",
            dependencies: [
                "Archive", "DurableFiles", "Parallel", "Webhooks",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(
            name: "Verify",
            dependencies: ["Archive", "ArchiveIndex", "DurableFiles", "Parallel", "Webhooks"]),
        .target(
            name: "Evidence",
            dependencies: ["Archive", "ArchiveIndex", "Configuring", "DurableFiles", "Parallel", "Webhooks"],
            resources: [.embedInCode("check.sh")]),
        .target(
            name: "AccessLog",
            dependencies: [
                "Archive", "Configuring", "DurableFiles", "Webhooks",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "Batch",
            dependencies: ["Archive", "ArchiveIndex", "DurableFiles", "Parallel", "Spool", "Webhooks"]),
        .target(
            name: "Replay",
            dependencies: [
                "Archive", "ArchiveIndex", "Configuring", "Webhooks",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "Ingest", dependencies: ["DurableFiles", "Spool", "Webhooks"]),
        .target(
            name: "Diagnosis",
            dependencies: ["Archive", "ArchiveIndex", "DurableFiles", "Spool", "Webhooks"]),
        .target(
            name: "Tables",
            dependencies: ["Archive", "ArchiveIndex", "DurableFiles", "Parallel", "Webhooks"],
            resources: [.embedInCode("requirements.txt"), .embedInCode("write_table.py")]),
        .target(
            name: "AuditorPage",
            dependencies: [
                "AccessLog", "Archive", "ArchiveIndex", "Configuring", "DurableFiles", "Evidence", "Webhooks",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Templates")]),
        .executableTarget(
            name: "DaybookCLI",
            dependencies: [
                "AccessLog", "Archive", "ArchiveIndex", "AuditorPage", "Batch", "Configuring", "Diagnosis", "Evidence",
                "Ingest", "Parallel", "Replay", "Spool", "Tables", "Verify", "Webhooks",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                // The demo sends. (Foundation's URLSession would have every sweep load libcurl and what that needs.)
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        .target(
            name: "TestSupport",
            dependencies: [.product(name: "GRDB", package: "GRDB.swift")],
            path: "Tests/TestSupport"),
        .target(
            name: "SweepSupport",
            dependencies: [
                "Archive", "ArchiveIndex", "Batch", "DurableFiles", "Spool", "TestSupport", "Verify", "Webhooks",
            ],
            path: "Tests/SweepSupport"),
        .testTarget(name: "ParallelTests", dependencies: ["Parallel"]),
        .testTarget(name: "DurableFilesTests", dependencies: ["DurableFiles", "TestSupport"]),
        .testTarget(name: "WebhooksTests", dependencies: ["TestSupport", "Webhooks"]),
        .testTarget(name: "SpoolTests", dependencies: ["DurableFiles", "Spool", "TestSupport", "Webhooks"]),
        .testTarget(
            name: "ArchiveTests",
            dependencies: [
                "Archive", "DurableFiles", "SweepSupport", "TestSupport", "Webhooks",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(
            name: "ArchiveIndexTests",
            dependencies: [
                "Archive", "ArchiveIndex", "Batch", "Parallel", "SweepSupport", "TestSupport", "Webhooks",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "VerifyTests",
            dependencies: [
                "Archive", "ArchiveIndex", "Batch", "DurableFiles", "Parallel", "SweepSupport", "TestSupport", "Verify",
                "Webhooks",
            ]),
        .testTarget(
            name: "EvidenceTests",
            dependencies: ["Archive", "ArchiveIndex", "Batch", "Evidence", "SweepSupport", "TestSupport", "Webhooks"]),
        .testTarget(name: "IngestTests", dependencies: ["Ingest", "TestSupport", "Webhooks"]),
        .testTarget(name: "ReplayTests", dependencies: ["Configuring", "Replay", "TestSupport", "Webhooks"]),
        .testTarget(name: "TablesTests", dependencies: ["Tables", "TestSupport", "Webhooks"]),
        .testTarget(
            name: "AccessLogTests",
            dependencies: ["AccessLog", "Archive", "SweepSupport", "TestSupport", "Webhooks"]),
        .testTarget(
            name: "BatchTests",
            dependencies: [
                "AccessLog", "Archive", "ArchiveIndex", "Batch", "DurableFiles", "Evidence", "Spool", "SweepSupport",
                "TestSupport", "Webhooks",
            ]),
        .testTarget(name: "FaultTests", dependencies: ["TestSupport", "Webhooks"], exclude: ["README.md"]),
        .testTarget(
            name: "ConfiguringTests",
            dependencies: ["Configuring", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .testTarget(
            name: "ReceiverTests",
            dependencies: [
                "Receiver", "Configuring", "TestSupport", "Webhooks",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(
            name: "AuditorPageTests",
            dependencies: [
                "AccessLog", "Archive", "ArchiveIndex", "AuditorPage", "Batch", "Configuring", "SweepSupport",
                "TestSupport",
                "Webhooks",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        // The programs as they are run: they are built with all tests, and found beside them.
        .testTarget(name: "SystemTests", dependencies: ["TestSupport"], exclude: ["Scripts"]),

        // What must hold of any bytes: asked of the seeds by the tests, and of whatever libFuzzer tries by `.ci/fuzz`.
        .target(
            name: "FuzzTargets",
            dependencies: ["Archive", "CZlib", "DurableFiles", "Webhooks"],
            path: "Tests/Fuzzing/FuzzTargets"),
        .testTarget(
            name: "FuzzingTests", dependencies: ["FuzzTargets", "TestSupport"], path: "Tests/Fuzzing/Tests"),
    ]
)

// libFuzzer's side, which `.ci/fuzz` alone builds: all of ours then bears its instruments, and the address sanitizer's.
let isFuzzed = Context.environment["DAYBOOK_FUZZER"] != nil
let instruments = ["-sanitize=fuzzer,address"]
if isFuzzed {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzzing/CLibFuzzer"),
        .executableTarget(
            name: "Fuzzer", dependencies: ["CLibFuzzer", "FuzzTargets"], path: "Tests/Fuzzing/Fuzzer",
            // The default linker cannot read what the instruments leave.
            linkerSettings: [.unsafeFlags(instruments + ["-use-ld=lld"])]),
    ]
}

// Every target of ours is built the same way.
for target in package.targets where target.type != .system {
    var settings = target.swiftSettings ?? []
    settings += [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),  // SE-0480
        .enableUpcomingFeature("ExistentialAny"),  // SE-0335
        .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
        .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    ]
    if isFuzzed { settings.append(.unsafeFlags(instruments)) }
    target.swiftSettings = settings
}
