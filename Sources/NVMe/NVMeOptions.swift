public import IOMMU

/// What a driver is asked to do, besides what the controller decides.
public struct NVMeOptions: Equatable, Sendable {
  /// The entries of an I/O queue, 2 to 4096; one less can be in flight.
  ///
  /// The controller may allow fewer.
  public var queueEntries: Int

  /// The namespace that is read and written.
  public var namespace: UInt32

  /// The longest transfer in bytes, a multiple of 4 KiB; the controller may allow less.
  ///
  /// Each slot has list pages for that much: none up to 4 KiB, one up to 2 MiB.
  public var maximumTransferBytes: UInt64

  /// The most times that a register or a completion queue is looked at while waiting.
  public var pollLimit: UInt32

  /// The longest that an admin command may take.
  public var adminTimeout: Nanoseconds

  /// How often a reset recovers a function that goes into error state before it can be disabled.
  public var recoveryAttempts = 4

  /// Asks for `queueEntries` entries a queue, and sensible limits unless told more.
  public init(
    queueEntries: Int = 64, namespace: UInt32 = 1, maximumTransferBytes: UInt64 = 128 * 1024,
    pollLimit: UInt32 = 100_000_000, adminTimeout: Nanoseconds = .milliseconds(5_000)
  ) {
    self.queueEntries = queueEntries
    self.namespace = namespace
    self.maximumTransferBytes = maximumTransferBytes
    self.pollLimit = pollLimit
    self.adminTimeout = adminTimeout
  }
}

/// What a started controller and its namespace said about themselves.
@frozen
public struct NVMeInformation: Equatable, Sendable, BitwiseCopyable {
  /// The value of VS: major version in bits 31:16, minor in 15:8.
  public internal(set) var version: UInt32 = 0

  /// The vendor that the controller names (VID).
  public internal(set) var vendor: UInt16 = 0

  /// The number of blocks of the namespace (NSZE).
  public internal(set) var blockCount: UInt64 = 0

  /// The binary logarithm of a block's bytes, 9 to 12.
  public internal(set) var blockLog2: UInt8 = 9

  /// The longest transfer in bytes that both sides allow.
  public internal(set) var maximumTransferBytes: UInt64 = 0

  /// The I/O queues in use: the first of the processors given.
  public internal(set) var queueCount: Int = 0

  /// The commands that each queue can have in flight.
  public internal(set) var queueSlots: Int = 0

  /// The interrupt vectors granted; with 0 the queues have to be polled.
  public internal(set) var vectorCount: Int = 0

  @usableFromInline
  init() {}
}
