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
  ],
  targets: [
    .target(name: "CCounting"),
    .executableTarget(
      name: "FastPath",
      dependencies: [
        "CCounting",
        .product(name: "IOMMU", package: "swift-iommu"),
        .product(name: "ZPCI", package: "swift-iommu"),
        .product(name: "Workloads", package: "swift-iommu"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
