import IOMMU

@testable import MachineModel

/// Stacks for tests in which something goes wrong.
enum FaultBenches {
  static let modifiers = [
    PolicyModifiers.none, .batch, .batch.union(.reuse), PolicyModifiers(rawValue: 7),
  ]

  static func rollover(
    _ description: MachineDescription = NVMeBench<RolloverScheme>.description(),
    faults: FaultPlan = FaultPlan(), modifiers: PolicyModifiers = .none
  ) throws -> NVMeBench<RolloverScheme> {
    let cost = description.invalidationCost
    return try NVMeBench(
      description, faults: faults, promise: .within(Nanoseconds(1_300_000)), modifiers: modifiers
    ) {
      RolloverScheme(
        allocator: RolloverAllocator(aperture: $0, granule: .fourKiB, cpus: 1),
        age: Nanoseconds(1_000_000), cost: cost)
    }
  }

  static func queue(
    _ description: MachineDescription = NVMeBench<RolloverScheme>.description(),
    faults: FaultPlan = FaultPlan(), modifiers: PolicyModifiers = .none
  ) throws -> NVMeBench<QueueScheme<TreeAllocator>> {
    try NVMeBench(
      description, faults: faults, promise: .untilInvalidation, modifiers: modifiers
    ) { QueueScheme(allocator: $0.tree, rings: 1, entries: 16, timeout: Nanoseconds(10_000_000)) }
  }
}
