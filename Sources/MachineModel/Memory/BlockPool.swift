/// Blocks of a region of memory, each a power of two units long and aligned to its own length.
///
/// Freed blocks wait in a list of their length and are taken again last in, first out; a larger
/// one is split where there is none. Blocks are not joined again: users take few lengths, so that
/// what is freed fits what is asked for next.
struct BlockPool: ~Copyable {
  private let base: UInt64
  private let unitLog2: UInt64
  private let units: Int
  private var untouched = 0
  private var free: [[Int]] = Array(repeating: [], count: 48)
  /// For the first unit of a block that is out: the binary logarithm of its units, plus one.
  private let live: ZeroedWords<UInt8>

  /// The number of units that are out.
  private(set) var unitsInUse = 0

  /// The greatest number of units that were out at once.
  private(set) var unitsInUseMax = 0

  /// All of `byteCount` bytes from `base`, which is aligned to the largest block ever asked for.
  init(base: UInt64, byteCount: UInt64, unitLog2: UInt64) {
    self.base = base
    self.unitLog2 = unitLog2
    units = Int(byteCount &>> unitLog2)
    live = ZeroedWords(count: units)
  }

  /// A block that was taken.
  struct Block {
    let address: UInt64
    let byteCount: UInt64
    /// Whether the block was never out before, so that its memory is still zero.
    let isFresh: Bool
  }

  /// Takes a block of at least `byteCount` bytes with that alignment, or `nil` where none is free.
  mutating func allocate(byteCount: UInt64, alignmentLog2: UInt64) -> Block? {
    if byteCount == 0 || byteCount > UInt64(units) &<< unitLog2 { return nil }
    let bytesLog2 = UInt64(64 - (byteCount - 1).leadingZeroBitCount)
    let order = Int(max(bytesLog2, alignmentLog2, unitLog2) - unitLog2)
    if order >= free.count { return nil }
    if let unit = free[order].popLast() { return take(unit, order, isFresh: false) }
    if let unit = fresh(order) { return take(unit, order, isFresh: true) }
    if let unit = split(order) { return take(unit, order, isFresh: false) }
    return nil
  }

  /// Gives back the block at `address`; its length in bytes, or `nil` where no block is out there.
  mutating func release(_ address: UInt64) -> UInt64? {
    guard address >= base, (address - base) & ((1 &<< unitLog2) - 1) == 0 else { return nil }
    let unit = Int((address - base) &>> unitLog2)
    guard unit < units, live[unit] != 0 else { return nil }
    let order = Int(live[unit]) - 1
    live[unit] = 0
    unitsInUse -= 1 << order
    free[order].append(unit)
    return 1 &<< (UInt64(order) + unitLog2)
  }

  private mutating func take(_ unit: Int, _ order: Int, isFresh: Bool) -> Block {
    live[unit] = UInt8(order + 1)
    unitsInUse += 1 << order
    unitsInUseMax = max(unitsInUseMax, unitsInUse)
    return Block(
      address: base + UInt64(unit) &<< unitLog2, byteCount: 1 &<< (UInt64(order) + unitLog2),
      isFresh: isFresh)
  }

  /// A block of memory that was never out; what is skipped to align it goes to the lists.
  private mutating func fresh(_ order: Int) -> Int? {
    let unit = (untouched + (1 << order) - 1) & ~((1 << order) - 1)
    if unit > units || 1 << order > units - unit { return nil }
    while untouched < unit {
      let piece = untouched.trailingZeroBitCount
      free[piece].append(untouched)
      untouched += 1 << piece
    }
    untouched = unit + 1 << order
    return unit
  }

  private mutating func split(_ order: Int) -> Int? {
    guard let larger = (order..<free.count).first(where: { !free[$0].isEmpty }),
      let unit = free[larger].popLast()
    else { return nil }
    var half = larger
    while half > order {
      half -= 1
      free[half].append(unit + 1 << half)
    }
    return unit
  }
}
