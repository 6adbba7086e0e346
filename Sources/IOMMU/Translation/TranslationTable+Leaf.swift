public import Synchronization

/// Pinning and unpinning leaf tables; making the tables above them.
extension TranslationTable {
  /// Counts `pages` live entries in at span `index`, or `leases`, and makes its leaf table if there
  /// is none.
  ///
  /// Returns the directory word from before: the table's address, and its earlier count. From here
  /// on the table stays, until the pages are counted out again.
  @inlinable
  @inline(__always)
  borrowing func enter(
    _ index: Int, pages: UInt64, leases: UInt64 = 0, for range: IOVARange
  ) throws(TableError) -> UInt64 {
    YieldPoint.reached(.store, shared.part(index))
    let word = directory[index].load(ordering: .relaxed)
    if word >= Self.leafFloor {
      if Self.hasRoom(word, for: pages) {
        // Acquiring pairs with the releasing store that published the table: its invalid entries
        // are there before ours.
        let (done, _) = directory[index].compareExchange(
          expected: word, desired: word &+ pages &+ leases &* Self.leaseWeight,
          ordering: .acquiring)
        if done { return word }
      }
    }
    return try enterSlowly(index, pages: pages, leases: leases, for: range)
  }

  /// Counts `pages` live entries out at span `index`; their entries are invalid already.
  @inlinable
  @inline(__always)
  borrowing func leave(_ index: Int, pages: UInt64) {
    YieldPoint.reached(.store, shared.part(index))
    // Releasing pairs with the acquiring claim of `unlink`: who removes an empty table knows that
    // the entries were cleared before.
    let after = directory[index].wrappingSubtract(pages, ordering: .releasing).newValue
    if after & (Self.countMask | Self.listed) == 0 { listEmpty(index) }
  }

  /// The same as `enter`, for all that can come in between.
  @inlinable
  @inline(never)
  borrowing func enterSlowly(
    _ index: Int, pages: UInt64, leases: UInt64, for range: IOVARange
  ) throws(TableError) -> UInt64 {
    let more = pages &+ leases &* Self.leaseWeight
    while true {
      YieldPoint.reached(.load, shared.part(index))
      let word = directory[index].load(ordering: .relaxed)
      if word == Self.claimed {
        YieldPoint.reached(.wait, shared.part(index))
        continue
      }
      if word == 0 {
        if let leaf = try createLeaf(index, counting: more) { return leaf }
        continue
      }
      if !Self.hasRoom(word, for: pages) {
        throw .overlap(firstMappedPage(in: part(of: range, in: index)) ?? range)
      }
      YieldPoint.reached(.store, shared.part(index))
      let (done, _) = directory[index].compareExchange(
        expected: word, desired: word &+ more, ordering: .acquiring)
      if done { return word }
    }
  }

  /// The table of `level`, 1 or more, that translates `address`; makes what is missing on the way.
  @inlinable
  borrowing func descend(
    to level: Int, for address: UInt64
  ) throws(TableMemoryError) -> PhysicalAddress {
    var table = root
    var current = Self.rootLevel
    var shift = Self.shift(level: Self.rootLevel)
    while current > level {
      let slot = Self.entryAddress(address, in: table, level: current, shift: shift)
      YieldPoint.reached(.load, SharedObject(at: slot))
      var entry = memory.loadEntry(at: slot)
      if !Format.isValid(entry, level: current) {
        let child = try allocateTable(level: current &- 1)
        let mine = Format.tableEntry(level: current, child: child)
        YieldPoint.reached(.store, SharedObject(at: slot))
        let found = memory.compareExchangeEntry(at: slot, expected: entry, desired: mine)
        if found != entry {
          // Another processor was first. Ours was never in the hardware's sight.
          freeTable(child, level: current &- 1)
        }
        entry = found == entry ? mine : found
      }
      table = Format.child(of: entry, level: current)
      current &-= 1
      shift &-= UInt64(Format.indexBits(level: current))
    }
    return table
  }

  /// Takes memory for a table of `level` and fills it with invalid entries.
  @inlinable
  borrowing func allocateTable(level: Int) throws(TableMemoryError) -> PhysicalAddress {
    let table = try takeTable(level: level)
    Self.fill(table, level: level, in: memory)
    return table
  }

  /// Takes memory for a table of `level`, whose content is undefined.
  @inlinable
  @inline(__always)
  borrowing func takeTable(level: Int) throws(TableMemoryError) -> PhysicalAddress {
    YieldPoint.reached(.store, .memory)
    let table = try memory.allocateTable(
      byteCount: Self.byteCount(level: level), alignmentLog2: Format.alignmentLog2(level: level))
    precondition(table.rawValue != 0, "a table lies at address 0")
    allocatedTotal.wrappingAdd(1, ordering: .relaxed)
    if level > 0 { interiorTotal.wrappingAdd(1, ordering: .relaxed) }
    return table
  }

  @inlinable
  borrowing func freeTable(_ table: PhysicalAddress, level: Int) {
    YieldPoint.reached(.store, .memory)
    memory.freeTable(table, byteCount: Self.byteCount(level: level))
    freedTotal.wrappingAdd(1, ordering: .relaxed)
    if level > 0 { interiorTotal.wrappingSubtract(1, ordering: .relaxed) }
  }

  @inlinable
  static func fill(_ table: PhysicalAddress, level: Int, in memory: Memory) {
    memory.storeEntries(
      at: table, count: 1 &<< Int(Format.indexBits(level: level)),
      first: Format.invalidEntry(level: level), step: 0)
  }
}
