public import IOMMU

/// The function measurement block: the machine's own counts of the instructions it executed.
///
/// The machine writes it, every ``QueryGroupResponse/measurementIntervalMilliseconds``, into memory
/// that MPCIFC named. All fields are big-endian. Offsets: format 0 (1 byte), samples 4 (4 bytes),
/// time of the last update 8 (its lowest bit 1 while the block is being written), loads 16, stores
/// 24, block stores 32, refreshes 40, bytes read by DMA 48, bytes written by DMA 56.
///
/// Source: Linux arch/s390/include/asm/pci.h, `struct zpci_fmb` and `zpci_fmb_fmt0`; QEMU
/// include/hw/s390x/s390-pci-bus.h, `ZpciFmb`, and hw/s390x/s390-pci-inst.c, `fmb_update`.
public struct MeasurementBlock: Equatable, Sendable {
  /// What the fields from offset 48 mean; 0 is what is read here.
  public var format: UInt8 = 0

  /// How often the block was written, modulo 2 to the power 32.
  public var samples: UInt32 = 0

  /// When the block was written, in the units of the time-of-day clock, shifted right by one.
  public var lastUpdate: UInt64 = 0

  /// Executed PCILG.
  public var loads: UInt64 = 0

  /// Executed PCISTG.
  public var stores: UInt64 = 0

  /// Executed PCISTB.
  public var blockStores: UInt64 = 0

  /// Executed RPCIT; QEMU counts those, too, that ended for lack of resources.
  public var refreshes: UInt64 = 0

  /// Bytes that the function read, in format 0.
  public var dmaBytesRead: UInt64 = 0

  /// Bytes that the function wrote, in format 0.
  public var dmaBytesWritten: UInt64 = 0

  /// A block of zeros.
  public init() {}

  /// The bytes of the block.
  public static var byteCount: Int { 64 }

  /// The binary logarithm of the alignment that Linux gives the block: 128 bytes, so that it does
  /// not cross a page and its address leaves the key's 4 bits free.
  public static var alignmentLog2: UInt8 { 7 }

  /// Reads the block at `address`, or answers `nil` where the machine was writing it meanwhile.
  ///
  /// Complexity: nine loads. Allocates: never.
  public static func read<Memory: BufferMemory>(
    from memory: Memory, at address: PhysicalAddress
  ) -> MeasurementBlock? {
    func word(_ index: UInt64) -> UInt64 {
      memory.loadLittle64(at: PhysicalAddress(address.rawValue &+ index &* 8)).byteSwapped
    }
    let updateBefore = word(1)
    if updateBefore & 1 != 0 { return nil }
    var block = MeasurementBlock()
    let head = word(0)
    block.format = UInt8(truncatingIfNeeded: head >> 56)
    block.samples = UInt32(truncatingIfNeeded: head)
    block.lastUpdate = updateBefore >> 1
    block.loads = word(2)
    block.stores = word(3)
    block.blockStores = word(4)
    block.refreshes = word(5)
    block.dmaBytesRead = word(6)
    block.dmaBytesWritten = word(7)
    return word(1) == updateBefore ? block : nil
  }

  /// Writes the block at `address` as a machine does: marked as being written until the end.
  public func write<Memory: BufferMemory>(to memory: Memory, at address: PhysicalAddress) {
    func set(_ index: UInt64, _ value: UInt64) {
      memory.storeLittle64(
        value.byteSwapped, at: PhysicalAddress(address.rawValue &+ index &* 8))
    }
    set(1, lastUpdate << 1 | 1)
    set(0, UInt64(format) << 56 | UInt64(samples))
    set(2, loads)
    set(3, stores)
    set(4, blockStores)
    set(5, refreshes)
    set(6, dmaBytesRead)
    set(7, dmaBytesWritten)
    set(1, lastUpdate << 1)
  }
}
