public import IOMMU

/// An error of a function, as the machine reports it to the guest.
public struct ErrorEvent: Equatable, Sendable {
  /// PCI error codes, from QEMU include/hw/s390x/s390-pci-bus.h (`ERR_EVENT_…`).
  public enum Code: UInt16, Sendable {
    /// No translation is registered.
    case invalidAddressSpace = 0x1
    /// The address is outside the registered range.
    case outOfRange = 0x2
    /// The designation is not one that the hardware takes.
    case invalidDesignation = 0x3
    /// No translation, or one that forbids the access.
    case translationProtection = 0x4
    /// An entry of the table is invalid where it must not be.
    case invalidTableEntry = 0x7
    /// A message interrupt came while none were registered.
    case noMessageInterrupts = 0x10
    /// The function reported an error of its own.
    case serviceAction = 0x3a
    /// The function is broken for good.
    case permanent = 0x3b
  }

  /// The number of the function.
  public let function: Int
  /// Its handle when it happened.
  public let handle: UInt32
  /// What happened.
  public let code: Code
  /// The device address in question, or 0.
  public let address: UInt64
  /// When.
  public let time: Instant
}
