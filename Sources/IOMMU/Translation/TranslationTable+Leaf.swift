public import Synchronization

/// Pinning and unpinning leaf tables, and making them.
extension TranslationTable {
  /// Counts `pages` live entries in at span `index`, making its leaf table if there is none.
  ///
  /// Returns the directory word from before: the table's address, and its earlier count. From here
  /// on the table stays, until the pages are counted out again.
  @inlinable
  @inline(__always)
  borrowing func enter(
    _ index: Int, pages: UInt64, for range: IOVARange
  ) throws(TableError) -> UInt64 {
    YieldPoint.reached(.store, shared.part(index))
    let word = directory[index].load(ordering: .relaxed)
    if word >= Self.leafFloor {
      if (word & Self.countMask) &+ pages <= Self.countLimit {
        // Acquiring pairs with the releasing store that published the table: its invalid entries
        // are there before ours.
        let (done, _) = directory[index].compareExchange(
          expected: word, desired: word &+ pages, ordering: .acquiring)
        if done { return word }
      }
    }
    return try enterSlowly(index, pages: pages, for: range)
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
    _ index: Int, pages: UInt64, for range: IOVARange
  ) throws(TableError) -> UInt64 {
    while true {
      YieldPoint.reached(.load, shared.part(index))
      let word = directory[index].load(ordering: .relaxed)
      if word == Self.claimed {
        YieldPoint.reached(.wait, shared.part(index))
        continue
      }
      if word == 0 {
        if let leaf = try createLeaf(index, pages: pages) { return leaf }
        continue
      }
      if (word & Self.countMask) &+ pages > Self.countLimit {
        throw .overlap(firstMappedPage(in: part(of: range, in: index)) ?? range)
      }
      YieldPoint.reached(.store, shared.part(index))
      let (done, _) = directory[index].compareExchange(
        expected: word, desired: word &+ pages, ordering: .acquiring)
      if done { return word }
    }
  }

  /// Makes the leaf table of span `index` with `pages` counted in; `nil` where another was first.
  @inlinable
  borrowing func createLeaf(_ index: Int, pages: UInt64) throws(TableError) -> UInt64? {
    YieldPoint.reached(.store, shared.part(index))
    let (mine, _) = directory[index].compareExchange(
      expected: 0, desired: Self.claimed, ordering: .acquiring)
    if !mine { return nil }
    do throws(TableMemoryError) {
      let address = span(index).first.rawValue
      let parent = try descend(to: 1, for: address)
      let leaf = try allocateTable(level: 0)
      let slot = Self.entryAddress(address, in: parent, level: 1)
      YieldPoint.reached(.store, SharedObject(at: slot))
      memory.storeEntry(Format.tableEntry(level: 1, child: leaf), at: slot)
      YieldPoint.reached(.store, shared.part(index))
      directory[index].store(leaf.rawValue | pages, ordering: .releasing)
      return leaf.rawValue
    } catch {
      YieldPoint.reached(.store, shared.part(index))
      directory[index].store(0, ordering: .releasing)
      throw .noMemory(error)
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
    YieldPoint.reached(.store, .memory)
    let table = try memory.allocateTable(
      byteCount: Self.byteCount(level: level), alignmentLog2: Format.alignmentLog2(level: level))
    precondition(table.rawValue != 0, "a table lies at address 0")
    Self.fill(table, level: level, in: memory)
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
