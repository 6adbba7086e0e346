/// What an NVMe device offers, apart from how fast it is.
public struct NVMeGeometry: Equatable, Sendable {
  /// The number of blocks of its one namespace.
  public var blockCount: UInt64 = 1 << 28
  /// The binary logarithm of a block's bytes: 9 to 12.
  public var blockLog2: UInt8 = 12
  /// The greatest number of I/O queues of each kind, 1 to 63.
  public var queues: Int = 63
  /// The greatest number of entries of a queue, 2 to 65,536 (QEMU hw/nvme/ctrl.c has 2,048).
  public var entries: Int = 2_048
  /// The longest transfer as a power of two of pages of 4 KiB, 1 to 9 (QEMU's `mdts` is 7).
  public var transferPagesLog2: UInt8 = 7
  /// The time from enabling it until it is ready.
  public var readyNanoseconds: UInt64 = 20_000

  /// A terabyte in blocks of 4 KiB behind 63 queue pairs.
  public init() {}

  /// The longest transfer in bytes.
  var transferBytes: Int { 4_096 << Int(transferPagesLog2) }

  /// The bytes of a block.
  var blockBytes: Int { 1 << Int(blockLog2) }
}

/// What happened to an NVMe device.
public struct NVMeTotals: Equatable, Sendable {
  /// I/O reads that were completed with success.
  public var reads: UInt64 = 0
  /// I/O writes that were completed with success.
  public var writes: UInt64 = 0
  /// Flushes that were completed with success.
  public var flushes: UInt64 = 0
  /// Commands of any queue that were completed with an error.
  public var errors: UInt64 = 0
  /// Commands of any queue that were fetched.
  public var fetched: UInt64 = 0
  /// Doorbells of queues that do not exist, or with values that the queue does not have.
  public var badDoorbells: UInt64 = 0
  /// Accesses to memory that did not happen.
  public var memoryFaults: UInt64 = 0

  /// Nothing happened.
  public init() {}
}
