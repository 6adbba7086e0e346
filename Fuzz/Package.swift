// swift-tools-version: 6.2
import PackageDescription

/// The fuzzers, apart from the package they test: they need other flags, which `Fuzz/run` gives.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "swift-iommu", path: "..")],
  targets: [
    .target(name: "CFuzzer"),
    .executableTarget(
      name: "Fuzz",
      dependencies: ["CFuzzer", .product(name: "KernelTraces", package: "swift-iommu")],
      swiftSettings: [
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
