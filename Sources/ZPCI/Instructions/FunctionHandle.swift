/// The number by which instructions name a function; enabling and disabling change it.
///
/// Having one proves nothing: a function that vanished leaves its handle behind, and instructions
/// then answer condition code 3.
///
/// Source: QEMU include/hw/s390x/s390-pci-bus.h, `FH_MASK_*`; Linux arch/s390/include/asm/pci.h,
/// `zdev_enabled`.
@frozen
public struct FunctionHandle: Equatable, Sendable, BitwiseCopyable {
  /// The handle as the machine gave it.
  public let rawValue: UInt32

  /// Names the function of `rawValue`.
  @inlinable
  public init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Whether the handle is one of an enabled function: bit 31.
  @inlinable
  public var isEnabled: Bool { rawValue & Self.enabledBit != 0 }

  /// The same handle with bit 31 set, as a machine gives it when it enables the function.
  @inlinable
  public var enabled: FunctionHandle { FunctionHandle(rawValue | Self.enabledBit) }

  /// The same handle without bit 31, as a machine gives it when it disables the function.
  @inlinable
  public var disabled: FunctionHandle { FunctionHandle(rawValue & ~Self.enabledBit) }

  /// The low 16 bits, by which QEMU tells its functions apart.
  @inlinable
  public var index: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

  @usableFromInline
  static var enabledBit: UInt32 { 1 &<< 31 }
}
