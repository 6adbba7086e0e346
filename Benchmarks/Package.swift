// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // A subject's tokens cannot be copied.
  .enableExperimentalFeature("SuppressedAssociatedTypes"),
]

/// What operations cost, apart from the package that is measured; `Benchmarks/run` runs all of it.
let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "swift-iommu", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .target(name: "CCounting"),
    // What is run, and all that counts it; measured code is specialised in here.
    .target(
      name: "Patterns",
      dependencies: [
        "CCounting",
        .product(name: "IOMMU", package: "swift-iommu"),
        .product(name: "ZPCI", package: "swift-iommu"),
        .product(name: "PlainPlatform", package: "swift-iommu"),
        .product(name: "Workloads", package: "swift-iommu"),
      ],
      swiftSettings: settings),
    // Instructions, worst operations, memory and threads, for `Benchmarks/run`.
    .executableTarget(
      name: "FastPath",
      dependencies: [
        "Patterns",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    // Times and rates, for `swift package benchmark`; its plugin wants the folder's name.
    .executableTarget(
      name: "MapUnmap",
      dependencies: [
        "Patterns",
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "Sources/Benchmarks/MapUnmap",
      swiftSettings: settings,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
