public import Synchronization

/// Table memory in plain memory: for hosts, for user-space drivers, and for bare metal.
///
/// A handle: copies name the same memory. Tables come from a ``TablePool`` over the whole of it, in
/// 16 KiB and 2 KiB pieces. Physical addresses are those that the caller says the memory has; on
/// bare metal without paging they are the pointers themselves.
@frozen
@safe
public struct HostTableMemory<ByteOrder: EntryByteOrder>: TableMemory, @unchecked Sendable {
  /// What gives tables out.
  public let pool: TablePool

  @usableFromInline let block: HostMemoryBlock
  @usableFromInline let unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>
  @usableFromInline let base: UInt64
  @usableFromInline let entryCount: UInt64

  /// Memory of its own: `byteCount` bytes, said to lie at `base`.
  ///
  /// Both are rounded to whole blocks of 16 KiB, `byteCount` down and `base` up. Allocates: once,
  /// here; given back with the last copy of the handle.
  public init(byteCount: Int, base: PhysicalAddress) {
    precondition(byteCount >= 0x4000, "table memory has 16 KiB or more")
    guard let base = base.advanced(by: 0x3fff)?.alignedDown(log2: 14) else {
      preconditionFailure("table memory wraps around")
    }
    let bytes = byteCount & ~0x3fff
    // SAFETY: (1) aligned for 64-bit atomics; (2) owned by the block, which frees it.
    let unsafeStart = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 0x4000)
    unsafe self.init(
      block: HostMemoryBlock(unsafeOwned: unsafeStart), unsafeStart: unsafeStart,
      byteCount: bytes, base: base)
  }

  /// Memory that the caller lends, said to lie at `base`.
  ///
  /// The memory and `base` are aligned to 8 bytes and, for the pieces' alignment to be true of
  /// both, equally far from a multiple of 16 KiB.
  ///
  /// - Parameter unsafeMemory: stays valid, and nobody else writes it, until the last copy of the
  ///   handle is gone.
  public init(unsafeMemory: UnsafeMutableRawBufferPointer, base: PhysicalAddress) {
    guard let unsafeStart = unsafeMemory.baseAddress else {
      preconditionFailure("table memory is empty")
    }
    precondition(base.isAligned(log2: 3), "table memory is aligned to 8 bytes")
    // SAFETY: the caller promised that the memory is valid for as long as the handle is used.
    unsafe self.init(
      block: HostMemoryBlock(), unsafeStart: unsafeStart, byteCount: unsafeMemory.count & ~7,
      base: base)
  }

  private init(
    block: HostMemoryBlock, unsafeStart: UnsafeMutableRawPointer, byteCount: Int,
    base: PhysicalAddress
  ) {
    precondition(Int(bitPattern: unsafeStart) & 7 == 0, "table memory is aligned to 8 bytes")
    guard let region = PhysicalRange(first: base, byteCount: UInt64(byteCount)) else {
      preconditionFailure("table memory is empty or wraps around")
    }
    self.block = block
    self.base = base.rawValue
    entryCount = UInt64(byteCount / 8)
    pool = TablePool(region: region)
    let count = byteCount / 8
    // SAFETY: (1) `byteCount` bytes from `start` are ours; (2) aligned, as checked; (3) an atomic
    // needs no deinitialisation, so that the memory can be given back as it is.
    unsafe unsafeEntries = unsafeStart.bindMemory(to: Atomic<UInt64>.self, capacity: count)
    for index in 0..<count {
      unsafe (unsafeEntries + index).initialize(to: Atomic(0))
    }
  }

  /// Takes a table from the pool.
  public func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    try pool.allocate(byteCount: byteCount, alignmentLog2: alignmentLog2)
  }

  /// Gives a table back to the pool; one that it did not give is a programmer's error.
  public func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    do throws(TablePoolError) {
      try pool.free(table, byteCount: byteCount)
    } catch {
      preconditionFailure("a table was freed that is not allocated")
    }
  }
}

/// The owner of a handle's memory, where it has one.
@usableFromInline
@safe
final class HostMemoryBlock: @unchecked Sendable {
  private let unsafeOwned: UnsafeMutableRawPointer?

  init() {
    // SAFETY: nothing is owned.
    unsafe unsafeOwned = nil
  }

  /// Takes over memory from `UnsafeMutableRawPointer.allocate`.
  init(unsafeOwned: UnsafeMutableRawPointer) {
    // SAFETY: only kept, until `deinit` gives it back.
    unsafe self.unsafeOwned = unsafeOwned
  }

  deinit {
    // SAFETY: (1) it came from `allocate`; (2) no handle is left that could use it.
    unsafe unsafeOwned?.deallocate()
  }
}
