/// Where things lie: spans, entries, and the parts of a directory word.
extension TranslationTable {
  /// Every address that a table of this format can translate.
  @inlinable
  public static var reach: IOVARange {
    let bits = shift(level: Format.levels)
    return IOVARange(
      ordered: IOVA(0), IOVA(bits >= 64 ? .max : (1 &<< bits) &- 1))
  }

  /// The lowest address bit that indexes a table of `level`.
  @inlinable
  static func shift(level: Int) -> UInt64 {
    var bits = UInt64(Format.granule.log2)
    var below = 0
    while below < level {
      bits &+= UInt64(Format.indexBits(level: below))
      below &+= 1
    }
    return bits
  }

  @inlinable
  static func byteCount(level: Int) -> Int {
    8 &<< Int(Format.indexBits(level: level))
  }

  /// The entry for `address` in the table of `level` at `table`.
  @inlinable
  static func entryAddress(
    _ address: UInt64, in table: PhysicalAddress, level: Int
  ) -> PhysicalAddress {
    entryAddress(address, in: table, level: level, shift: shift(level: level))
  }

  /// The same where `shift` is known to be that of the level, as in a walk, which counts it down.
  @inlinable
  static func entryAddress(
    _ address: UInt64, in table: PhysicalAddress, level: Int, shift: UInt64
  ) -> PhysicalAddress {
    let mask = (1 &<< UInt64(Format.indexBits(level: level))) &- 1
    let index = (address &>> shift) & mask
    // A table lies in memory whole, so that this cannot pass the top.
    return PhysicalAddress(table.rawValue &+ index &<< 3)
  }

  /// The same for a leaf table, in a form that folds to three instructions.
  @inlinable
  static func leafEntryAddress(_ address: UInt64, in leaf: UInt64) -> PhysicalAddress {
    let index = (address &>> UInt64(Format.granule.log2)) & (entriesPerLeaf &- 1)
    return PhysicalAddress(leaf &+ index &<< 3)
  }

  /// All entries of the leaf table with an entry at `slot`, for explorers of interleavings.
  @inlinable
  static func entries(at slot: PhysicalAddress) -> SharedObject {
    SharedObject(at: PhysicalAddress(slot.rawValue & ~(entriesPerLeaf &<< 3 &- 1)))
  }

  /// The binary logarithm of the bytes that one leaf table translates.
  @inlinable
  static var spanLog2: UInt64 {
    UInt64(Format.granule.log2) &+ UInt64(Format.indexBits(level: 0))
  }

  @inlinable
  static var entriesPerLeaf: UInt64 { 1 &<< UInt64(Format.indexBits(level: 0)) }

  // A directory word is 0 for no table, `claimed` while one is being made or removed, and else the
  // leaf table's address with the low bits, which its alignment leaves free, used as follows.

  /// The number of live pages, and `leaseWeight` for each lease.
  @inlinable
  static var countMask: UInt64 { (entriesPerLeaf &<< 2) &- 1 }

  /// The table became empty and its span is in `empties`.
  @inlinable
  static var listed: UInt64 { entriesPerLeaf &<< 2 }

  /// Somebody alone makes or removes the table: the same bit as `listed`, but without a table.
  @inlinable
  static var claimed: UInt64 { listed }

  /// The address; as a number also the least word that stands for a table.
  @inlinable
  static var addressMask: UInt64 { ~(leafFloor &- 1) }

  @inlinable
  static var leafFloor: UInt64 { entriesPerLeaf &<< 3 }

  /// The directory index of `address`, which lies in the aperture.
  @inlinable
  borrowing func spanIndex(_ address: IOVA) -> Int {
    Int(truncatingIfNeeded: (address.rawValue &>> Self.spanLog2) &- firstSpan)
  }

  /// What `range` has in the span of directory index `index`, which it is known to touch.
  @inlinable
  borrowing func part(of range: IOVARange, in index: Int) -> IOVARange {
    let span = span(index)
    return IOVARange(ordered: max(range.first, span.first), min(range.last, span.last))
  }

  /// The whole span of directory index `index`, which may reach out of the aperture.
  @inlinable
  borrowing func span(_ index: Int) -> IOVARange {
    let base = (firstSpan &+ UInt64(truncatingIfNeeded: index)) &<< Self.spanLog2
    return IOVARange(ordered: IOVA(base), IOVA(base | ((1 &<< Self.spanLog2) &- 1)))
  }

  @inlinable
  static func pages(_ range: IOVARange) -> UInt64 {
    // Not more than 2 to the power 54, as a granule is 1 KiB or more.
    (range.byteCountMinusOne &>> UInt64(Format.granule.log2)) &+ 1
  }

  /// Whether `range` is anything but one whole granule within the aperture, or `address` crooked.
  @inlinable
  @inline(__always)
  borrowing func isNotPage(_ range: IOVARange, or address: UInt64 = 0) -> Bool {
    let mask = Format.granule.byteCount &- 1
    let (first, last) = (range.first.rawValue, range.last.rawValue)
    // All conditions in one number, for one branch.
    if (first ^ last ^ mask) | ((first | address) & mask) != 0 { return true }
    // Below the aperture this wraps around to more than any offset in it.
    return range.first.rawValue &- aperture.first.rawValue > lastPageOffset
  }

  /// Whether `range` is whole granules within the aperture.
  @inlinable
  @inline(__always)
  borrowing func isAdmissible(_ range: IOVARange) -> Bool {
    let mask = Format.granule.byteCount &- 1
    // Both ends at once: the first has no low bit set, the last all of them.
    if (range.first.rawValue | ~range.last.rawValue) & mask != 0 { return false }
    return aperture.contains(range)
  }

  /// Checks the same, and tells what is wrong.
  @inlinable
  @inline(never)
  borrowing func admit(_ range: IOVARange) throws(TableError) {
    let mask = Format.granule.byteCount &- 1
    if (range.first.rawValue | ~range.last.rawValue) & mask != 0 { throw .misaligned(range) }
    if range.first < aperture.first { throw .outsideAperture(range) }
    if aperture.last < range.last { throw .outsideAperture(range) }
  }

  /// Checks that entries can name the memory from `physical` on, as long as `range`.
  @inlinable
  static func admit(_ physical: PhysicalAddress, for range: IOVARange) throws(TableError) {
    let mask = Format.granule.byteCount &- 1
    if physical.rawValue & mask != 0 { throw .misalignedPhysical(physical) }
    let limit = Format.physicalLimit
    let (last, overflow) = physical.rawValue.addingReportingOverflow(range.byteCountMinusOne)
    if overflow { throw .beyondFormat(physical, limit: limit) }
    if last > limit.rawValue { throw .beyondFormat(physical, limit: limit) }
  }

  /// Refuses formats that the directory word has no room for.
  @inlinable
  static func checkFormat() {
    precondition(Format.levels >= 1, "a format has one level or more")
    precondition(
      Format.alignmentLog2(level: 0) >= Format.indexBits(level: 0) + 3,
      "a leaf table is aligned to its size")
    precondition(shift(level: Format.levels) <= 64, "a format translates 64 bits at most")
    precondition(spanLog2 < 64, "a leaf table translates less than everything")
    let bit = Format.invalidLeafBit
    precondition(
      Format.invalidEntry(level: 0) & bit == bit
        && Format.leafEntry(PhysicalAddress(0), .readWrite) & bit == 0,
      "the bit of invalid leaf entries does not tell them from valid ones")
  }
}
