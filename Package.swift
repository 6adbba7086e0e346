// swift-tools-version: 6.2
import PackageDescription

/// What every target is held to: language mode 6, every unsafe expression marked, no warnings.
let common: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The modules that also build for bare metal.
///
/// `Scripts/check-embedded` builds them in Embedded mode.
let core: [SwiftSetting] = common

let package = Package(
  name: "swift-iommu",
  products: [
    .library(name: "IOMMU", targets: ["IOMMU"]),
    .library(name: "ZPCI", targets: ["ZPCI"]),
    .library(name: "NVMe", targets: ["NVMe"]),
    .library(name: "Workloads", targets: ["Workloads"]),
    .library(name: "PlainPlatform", targets: ["PlainPlatform"]),
    .library(name: "MachineModel", targets: ["MachineModel"]),
    .library(name: "KernelTraces", targets: ["KernelTraces"]),
    .library(name: "InterleavingExplorer", targets: ["InterleavingExplorer"]),
    .executable(name: "iommu", targets: ["IOMMUTool"]),
  ],
  traits: [
    .trait(
      name: "InterleavingExploration",
      description: "Turns the core's yield points into calls, so that a scheduler can interleave.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .target(name: "IOMMU", swiftSettings: core),
    .target(name: "ZPCI", dependencies: ["IOMMU"], swiftSettings: core),
    .target(name: "NVMe", dependencies: ["IOMMU"], swiftSettings: core),
    .target(name: "Workloads", dependencies: ["IOMMU", "NVMe"], swiftSettings: core),
    .target(name: "PlainPlatform", dependencies: ["IOMMU", "ZPCI"], swiftSettings: common),
    .target(
      name: "MachineModel",
      dependencies: [
        "IOMMU", "ZPCI", "NVMe", "Workloads",
        .product(name: "HeapModule", package: "swift-collections"),
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      swiftSettings: common),
    .target(
      name: "KernelTraces",
      dependencies: [
        "IOMMU",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: common),
    .target(name: "CScheduling"),
    .target(
      name: "InterleavingExplorer", dependencies: ["IOMMU", "CScheduling"], swiftSettings: common),
    .target(
      name: "InterleavingScenarios",
      dependencies: ["IOMMU", "ZPCI", "PlainPlatform", "MachineModel", "InterleavingExplorer"],
      swiftSettings: common),
    .executableTarget(
      name: "IOMMUTool",
      dependencies: [
        "IOMMU", "ZPCI", "NVMe", "Workloads", "MachineModel", "KernelTraces",
        "InterleavingExplorer", "InterleavingScenarios",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.embedInCode("Machines"), .embedInCode("Points")],
      swiftSettings: common),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
    .testTarget(
      name: "IOMMUTests", dependencies: ["IOMMU", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "ZPCITests", dependencies: ["ZPCI", "IOMMU", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "NVMeTests", dependencies: ["NVMe", "IOMMU", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "WorkloadsTests", dependencies: ["Workloads", "IOMMU"], swiftSettings: common),
    .testTarget(
      name: "MachineModelTests",
      dependencies: ["MachineModel", "IOMMU", "ZPCI", "NVMe", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "KernelTracesTests", dependencies: ["KernelTraces", "IOMMU", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "InterleavingScenariosTests",
      dependencies: ["InterleavingScenarios", "InterleavingExplorer", "IOMMU", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "InterleavingExplorerTests",
      dependencies: ["InterleavingExplorer", "IOMMU", "TestSupport"],
      swiftSettings: common),
    .testTarget(
      name: "IOMMUToolTests", dependencies: ["IOMMUTool", "IOMMU", "MachineModel", "Workloads"],
      swiftSettings: common),
  ],
  swiftLanguageModes: [.v6]
)

// What `Scripts/check-specialised` takes apart, without anything that has a dependency.
if Context.environment["SWIFT_IOMMU_ENTRY_POINTS"] != nil {
  let kept = ["IOMMU", "ZPCI", "NVMe", "Workloads", "PlainPlatform"]
  package.targets.removeAll { !kept.contains($0.name) }
  package.targets.append(
    .executableTarget(
      name: "EntryPoints", dependencies: ["IOMMU", "PlainPlatform", "Workloads"],
      swiftSettings: common))
  package.products.removeAll { !kept.contains($0.name) }
  package.dependencies.removeAll()
}

// A smaller package for what is built many times over: in release to explore, broken on purpose,
// and under the sanitizers, with one of which Swift 6.3.1 cannot compile `NVMe`. It has the core,
// a platform over plain memory, the explorer, and the machine model without what needs that driver.
// `Scripts/test` says in a variable what it is for: `breakage` needs no tests, `scenarios` those of
// release builds.
if let part = Context.environment["SWIFT_IOMMU_CORE_ONLY"] {
  var kept = [
    "IOMMU", "ZPCI", "PlainPlatform", "MachineModel", "CScheduling", "InterleavingExplorer",
    "InterleavingScenarios",
  ]
  if part != "breakage" {
    kept += ["InterleavingScenariosTests", "InterleavingExplorerTests", "TestSupport"]
  }
  // These look inside the core, which only a debug build lets them do.
  if part != "breakage" && part != "scenarios" { kept += ["IOMMUTests", "ZPCITests"] }
  package.targets.removeAll { !kept.contains($0.name) }
  // What `Scripts/check-breakage` runs.
  package.targets.append(
    .executableTarget(
      name: "FirstViolation", dependencies: ["InterleavingScenarios", "InterleavingExplorer"],
      swiftSettings: common))
  package.products.removeAll { !kept.contains($0.name) }
  for target in package.targets where target.name == "MachineModel" {
    target.exclude = [
      "Calibration", "Crossover", "Experiments", "NVMeController", "Replay", "Rounds", "Simulation",
      "Tuning",
    ]
    target.dependencies = [
      "IOMMU", "ZPCI", .product(name: "HeapModule", package: "swift-collections"),
    ]
  }
  package.dependencies.removeAll()
  package.dependencies.append(
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"))
}
