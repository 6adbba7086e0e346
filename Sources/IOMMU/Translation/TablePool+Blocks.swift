import Synchronization

/// Blocks and eighths on their lists; the lock is held throughout.
extension TablePool {
  var eighthLog2: UInt8 { blockLog2 &- 3 }

  static var freeList: Int { 0 }
  static var splitList: Int { 1 }
  static var none: UInt32 { .max }
  static var whole: UInt32 { .max - 1 }

  func takeBlock() -> UInt64? {
    if heads[Self.freeList] == Self.none { putSpare() }
    guard let block = pop(Self.freeList) else { return nil }
    records[block].next = Self.whole
    used.wrappingAdd(1 &<< Int(blockLog2), ordering: .relaxed)
    return base &+ UInt64(block) &<< UInt64(blockLog2)
  }

  @inline(__always)
  func takeEighth() -> UInt64? {
    var address: UInt64? = spare.load(ordering: .relaxed)
    if address != 0 {
      spare.store(0, ordering: .relaxed)
    } else {
      address = takeFromBlock()
      if address == nil { return nil }
    }
    used.wrappingAdd(1 &<< Int(eighthLog2), ordering: .relaxed)
    return address
  }

  @inline(__always)
  func takeFromBlock() -> UInt64? {
    var block = Int(heads[Self.splitList])
    if block == Int(Self.none) {
      guard let free = pop(Self.freeList) else { return nil }
      push(free, on: Self.splitList)
      block = free
    }
    let mask = records[block].mask
    let eighth = (~mask).trailingZeroBitCount
    // With its lowest clear bit set.
    let taken = mask | (mask &+ 1)
    records[block].mask = taken
    if taken == .max { remove(block, from: Self.splitList) }
    return base &+ UInt64(block) &<< UInt64(blockLog2) &+ UInt64(eighth) &<< UInt64(eighthLog2)
  }

  /// Gives an eighth back to its block, whose mask is `mask`.
  @inline(__always)
  func putEighth(_ bit: UInt8, in block: Int, _ mask: UInt8) {
    if mask == .max { push(block, on: Self.splitList) }
    records[block].mask = mask & ~bit
    if mask == bit {
      remove(block, from: Self.splitList)
      push(block, on: Self.freeList)
    }
  }

  /// The same for the eighth that is kept apart: its block may be whole then.
  @inline(never)
  func putSpare() {
    let kept = spare.load(ordering: .relaxed)
    if kept == 0 { return }
    spare.store(0, ordering: .relaxed)
    let offset = kept &- base
    let block = Int(truncatingIfNeeded: offset &>> UInt64(blockLog2))
    let eighth = (offset & ((1 &<< UInt64(blockLog2)) &- 1)) &>> UInt64(eighthLog2)
    putEighth(UInt8(1) &<< UInt8(truncatingIfNeeded: eighth), in: block, records[block].mask)
  }

  @inline(never)
  func push(_ block: Int, on list: Int) {
    let head = heads[list]
    records[block].next = head
    records[block].previous = Self.none
    if head != Self.none { records[Int(head)].previous = UInt32(truncatingIfNeeded: block) }
    heads[list] = UInt32(truncatingIfNeeded: block)
  }

  func pop(_ list: Int) -> Int? {
    let head = heads[list]
    if head == Self.none { return nil }
    remove(Int(head), from: list)
    return Int(head)
  }

  @inline(never)
  func remove(_ block: Int, from list: Int) {
    let (before, after) = (records[block].previous, records[block].next)
    if before == Self.none { heads[list] = after } else { records[Int(before)].next = after }
    if after != Self.none { records[Int(after)].previous = before }
    records[block].next = Self.none
    records[block].previous = Self.none
  }
}

/// What a ``TablePool`` knows of a block.
struct TableBlock: BitwiseCopyable {
  /// For a block on a list, its neighbours; `next` also tells a whole block from a full one.
  var next: UInt32
  var previous: UInt32

  /// Which of its eighths are given out.
  var mask: UInt8 = 0
}
