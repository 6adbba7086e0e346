/// How often a function's translations were refreshed: the driver's own count of RPCIT.
@frozen
public struct RefreshCounters: Equatable, Sendable, BitwiseCopyable {
  /// Refreshes of a range, however they ended.
  public let ranges: UInt64

  /// Refreshes of everything, however they ended.
  public let globals: UInt64

  /// Those of both that ended with another condition code than 0.
  public let failed: UInt64

  /// Those failed ones that the hypervisor had no resources for.
  public let outOfResources: UInt64

  /// The pages of 4 KiB that all the refreshes named, with those of the aperture for a global one.
  public let pages: UInt64

  /// Attempts that found the machine busy, and were made again; in no other number here.
  public let busyAttempts: UInt64

  /// What the measurement block's ``MeasurementBlock/refreshes`` advances by in the same time.
  ///
  /// QEMU counts a refresh that it executed, also where it lacked resources, and not one that it
  /// refused (hw/s390x/s390-pci-inst.c, `rpcit_service_call`).
  public var executed: UInt64 { ranges &+ globals &- failed &+ outOfResources }
}
