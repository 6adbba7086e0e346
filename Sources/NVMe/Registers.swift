public import IOMMU

/// Where a controller's registers lie behind base address 0.
///
/// Source: NVM Express Base Specification, revision 2.2, figure 33; the doorbells are in the NVMe
/// over PCIe Transport Specification, revision 1.1, section 3.1.2.
public enum NVMeRegister {
  /// CAP, controller capabilities, 64 bits (figure 36).
  public static var capabilities: UInt64 { 0x00 }
  /// VS, version, 32 bits (figure 37).
  public static var version: UInt64 { 0x08 }
  /// INTMS, interrupt mask set, 32 bits; not used with MSI-X (figure 39).
  public static var interruptMaskSet: UInt64 { 0x0c }
  /// INTMC, interrupt mask clear, 32 bits; not used with MSI-X (figure 40).
  public static var interruptMaskClear: UInt64 { 0x10 }
  /// CC, controller configuration, 32 bits (figure 41).
  public static var configuration: UInt64 { 0x14 }
  /// CSTS, controller status, 32 bits (figure 42).
  public static var status: UInt64 { 0x1c }
  /// AQA, admin queue attributes, 32 bits (figure 44).
  public static var adminQueueAttributes: UInt64 { 0x24 }
  /// ASQ, admin submission queue base address, 64 bits (figure 45).
  public static var adminSubmissionQueue: UInt64 { 0x28 }
  /// ACQ, admin completion queue base address, 64 bits (figure 46).
  public static var adminCompletionQueue: UInt64 { 0x30 }
  /// The first doorbell, 32 bits each: queue 0's submission tail.
  public static var doorbells: UInt64 { 0x1000 }

  /// SQyTDBL, where the tail of submission queue `queue` is told.
  @inlinable
  public static func submissionTail(queue: UInt16, stride: UInt64) -> UInt64 {
    doorbells &+ UInt64(queue) &* 2 &* stride
  }

  /// CQyHDBL, where the head of completion queue `queue` is told.
  @inlinable
  public static func completionHead(queue: UInt16, stride: UInt64) -> UInt64 {
    doorbells &+ (UInt64(queue) &* 2 &+ 1) &* stride
  }
}

/// The value of CAP: what the controller can do (figure 36).
@frozen
public struct NVMeCapabilities: Equatable, Sendable, BitwiseCopyable {
  /// The register's value.
  public let rawValue: UInt64

  /// What `rawValue` says.
  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The most entries a queue may have: MQES, bits 15:0, counted from zero.
  public var maximumEntries: Int { Int(rawValue & 0xffff) + 1 }

  /// The longest that the controller may take to become ready or not ready.
  ///
  /// TO, bits 31:24, in units of 500 ms. One unit is added, as Linux does (`nvme_wait_ready` in
  /// drivers/nvme/host/core.c), because 0 is a value that controllers report.
  public var timeout: Nanoseconds { .milliseconds(500 * (UInt32(rawValue &>> 24 & 0xff) + 1)) }

  /// The bytes from one doorbell to the next: DSTRD, bits 35:32, as 2 to the power of 2 + DSTRD.
  @inlinable
  public var doorbellStride: UInt64 { 4 &<< (rawValue &>> 32 & 0xf) }

  /// Whether the NVM command set can be chosen: bit 0 of CSS, bits 44:37.
  public var supportsNVMCommandSet: Bool { rawValue &>> 37 & 1 != 0 }

  /// The smallest page size as a binary logarithm: MPSMIN, bits 51:48, plus 12.
  public var minimumPageLog2: UInt8 { UInt8(rawValue &>> 48 & 0xf) + 12 }
}

/// The bits of CC (figure 41).
public enum NVMeConfiguration {
  /// EN, bit 0.
  public static var enable: UInt32 { 1 }

  /// SHN, bits 15:14: 01b asks for a normal shutdown.
  public static var normalShutdown: UInt32 { 1 << 14 }

  /// Both bits of SHN.
  public static var shutdownMask: UInt32 { 3 << 14 }

  /// The value a running controller gets: NVM command set, pages of 4 KiB, round-robin arbitration.
  ///
  /// IOSQES, bits 19:16, and IOCQES, bits 23:20, say entries of 2 to the power 6 and 4 bytes.
  public static var running: UInt32 { enable | 6 << 16 | 4 << 20 }
}

/// The bits of CSTS (figure 42).
public enum NVMeControllerStatus {
  /// RDY, bit 0.
  public static var ready: UInt32 { 1 }

  /// CFS, bit 1: only a reset helps.
  public static var fatal: UInt32 { 1 << 1 }

  /// Both bits of SHST, bits 3:2.
  public static var shutdownMask: UInt32 { 3 << 2 }

  /// SHST as 10b: the shutdown is complete.
  public static var shutdownComplete: UInt32 { 2 << 2 }
}
