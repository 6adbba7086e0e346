import MachineModel

/// The number behind a key of a machine file, for whoever changes it by program.
struct MachineNumber: Sendable {
  /// How it is written.
  let quantity: Quantity

  /// What it may be, in the quantity's smallest unit.
  let range: ClosedRange<UInt64>

  /// The number that a machine has; `nil` where it is unlimited.
  let value: @Sendable (MachineDescription) -> UInt64?

  /// Gives a machine this number.
  let set: @Sendable (UInt64, inout MachineDescription) -> Void

  /// Whether it is a size in bytes.
  var isSize: Bool { quantity.expectation == Quantity.byteCount.expectation }
}
