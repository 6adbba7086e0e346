import Synchronization

/// The bookkeeping of a region of memory that tables are carved from; it never touches the region.
///
/// The region is cut into blocks of 2 to the power `blockLog2` bytes. A block is given out whole,
/// or in eighths: with blocks of 16 KiB, s390's region and segment tables are whole blocks and its
/// page tables eighths. A block whose eighths are all free again is a whole one again; but the
/// eighth that was given back last is kept apart, as it is mostly the next one that is wanted.
///
/// Address 0 is never given out, since hardware and ``TranslationTable`` take it for "no table".
/// Context: any processor, several at once. Allocates: at creation 12 bytes for each block.
public final class TablePool: Sendable {
  /// The blocks, which lie in the region that was lent: what did not fill a block is left out.
  ///
  /// `nil` where the region has no room for a block.
  public let blocks: PhysicalRange?

  /// The binary logarithm of a block's size in bytes.
  public let blockLog2: UInt8

  let lock = SpinLock("table pool", lines: 2)
  let base: UInt64
  let used = Atomic<Int>(0)
  let records: FixedStorage<TableBlock>

  /// The heads: free blocks, and blocks with some eighths free.
  let heads: FixedStorage<UInt32>

  /// An eighth that is free, though its block counts it as given out, or 0; behind the lock.
  let spare = Atomic<UInt64>(0)

  /// A pool of all of `region`, free.
  ///
  /// A region has at most 2 to the power 32 blocks, less two; what lies above is left out.
  public init(region: PhysicalRange, blockLog2: UInt8 = 14) {
    precondition(blockLog2 >= 6 && blockLog2 <= 32, "a block has 64 bytes to 4 GiB")
    self.blockLog2 = blockLog2
    let shift = UInt64(blockLog2)
    let mask = (1 &<< shift) &- 1
    // Block numbers rather than addresses: they cannot wrap. Address 0 is left out.
    let first = max(
      (region.first.rawValue &>> shift) + (region.first.rawValue & mask == 0 ? 0 : 1), 1)
    let end = (region.last.rawValue &>> shift) + (region.last.rawValue & mask == mask ? 1 : 0)
    let count = min(end > first ? end &- first : 0, UInt64(UInt32.max) &- 1)
    base = first &<< shift
    blocks = PhysicalRange(first: PhysicalAddress(base), byteCount: count &<< shift)
    // Lowest first, so that what is given out is easy to follow.
    records = FixedStorage(count: Int(count)) { index in
      TableBlock(
        next: index &+ 1 < Int(count) ? UInt32(index &+ 1) : Self.none,
        previous: index > 0 ? UInt32(index &- 1) : Self.none)
    }
    heads = FixedStorage(count: 2) { index in
      index == Self.freeList && count > 0 ? 0 : Self.none
    }
  }

  /// The number of bytes given out, counting whole blocks and whole eighths.
  public var bytesInUse: Int { used.load(ordering: .relaxed) }

  /// The number of bytes in all blocks.
  public var byteCount: Int { records.count &<< Int(blockLog2) }

  /// Takes `byteCount` bytes aligned to 2 to the power `alignmentLog2`.
  ///
  /// - Throws: ``TableMemoryError/exhausted(byteCount:)`` where none are free, and for more than a
  ///   block or an alignment beyond it; nothing was taken.
  /// - Complexity: constant.
  public func allocate(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    precondition(byteCount > 0, "a table has one byte or more")
    lock.lock()
    defer { lock.unlock() }
    let address: UInt64?
    if byteCount <= 1 &<< Int(eighthLog2) && alignmentLog2 <= eighthLog2 {
      address = takeEighth()
    } else if byteCount <= 1 &<< Int(blockLog2) && alignmentLog2 <= blockLog2 {
      address = takeBlock()
    } else {
      address = nil
    }
    guard let address else { throw .exhausted(byteCount: byteCount) }
    return PhysicalAddress(address)
  }

  /// Gives back what ``allocate(byteCount:alignmentLog2:)`` gave for as many bytes.
  ///
  /// - Throws: ``TablePoolError/foreign(_:)`` for an address that no table of that size begins at;
  ///   ``TablePoolError/notAllocated(_:)`` for one that is free already. Nothing changed.
  /// - Complexity: constant.
  public func free(_ table: PhysicalAddress, byteCount: Int) throws(TablePoolError) {
    // What lies below wraps around, to more than there are.
    let offset = table.rawValue &- base
    let number = offset &>> UInt64(blockLog2)
    if number >= UInt64(truncatingIfNeeded: records.count) { throw .foreign(table) }
    let block = Int(truncatingIfNeeded: number)
    let inBlock = offset & ((1 &<< UInt64(blockLog2)) &- 1)
    lock.lock()
    defer { lock.unlock() }
    // An eighth was given out as one whenever the block is split; the size alone would not tell,
    // since a small table with a wide alignment takes a block.
    let record = records[block]
    if record.next == Self.whole {
      if inBlock != 0 { throw .foreign(table) }
      if byteCount > 1 &<< Int(blockLog2) { throw .foreign(table) }
      used.wrappingSubtract(1 &<< Int(blockLog2), ordering: .relaxed)
      return push(block, on: Self.freeList)
    }
    if inBlock & ((1 &<< UInt64(eighthLog2)) &- 1) != 0 { throw .foreign(table) }
    if byteCount > 1 &<< Int(eighthLog2) { throw .notAllocated(table) }
    let bit = UInt8(1) &<< UInt8(truncatingIfNeeded: inBlock &>> UInt64(eighthLog2))
    if record.mask & bit == 0 { throw .notAllocated(table) }
    let kept = spare.load(ordering: .relaxed)
    if kept == table.rawValue { throw .notAllocated(table) }
    used.wrappingSubtract(1 &<< Int(eighthLog2), ordering: .relaxed)
    if kept == 0 {
      spare.store(table.rawValue, ordering: .relaxed)
    } else {
      putEighth(bit, in: block, record.mask)
    }
  }
}

/// Why a table was not taken back, with nothing changed: the caller's bookkeeping is wrong.
public enum TablePoolError: Error, Equatable {
  /// No table of that size begins there.
  case foreign(PhysicalAddress)
  /// It is free already.
  case notAllocated(PhysicalAddress)
}
