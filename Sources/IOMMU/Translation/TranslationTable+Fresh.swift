public import Synchronization

/// Making leaf tables, empty or with what is mapped first in them.
extension TranslationTable {
  /// Makes the leaf table of span `index` with `count` in its word; `nil` where another was first.
  @inlinable
  borrowing func createLeaf(_ index: Int, counting count: UInt64) throws(TableError) -> UInt64? {
    if !claim(index) { return nil }
    do throws(TableMemoryError) {
      let address = span(index).first.rawValue
      let parent = try parent(for: address)
      let leaf = try allocateTable(level: 0)
      publish(leaf, in: parent, at: index, counting: count)
      return leaf.rawValue
    } catch {
      giveUp(index)
      throw .noMemory(error)
    }
  }

  /// Makes the leaf table of span `index` with `range` mapped in it; `false` where another was
  /// first, or there is one already.
  ///
  /// As there was no table, no page was mapped. Each entry is written once, before the hardware can
  /// see any of them.
  @inlinable
  @inline(never)
  borrowing func mapFresh(
    _ index: Int, _ range: IOVARange, to physical: PhysicalAddress, _ permission: DevicePermission
  ) throws(TableError) -> Bool {
    if !claim(index) { return false }
    do throws(TableMemoryError) {
      let parent = try parent(for: range.first.rawValue)
      let leaf = try takeTable(level: 0)
      let pages = Self.pages(range)
      let slot = Self.leafEntryAddress(range.first.rawValue, in: leaf.rawValue)
      let before = (slot.rawValue &- leaf.rawValue) &>> 3
      let behind = Self.entriesPerLeaf &- before &- pages
      storeInvalid(before, at: leaf)
      write(pages, at: slot, physical, permission)
      // It can wrap only where nothing is behind, and is not used then.
      storeInvalid(behind, at: PhysicalAddress(slot.rawValue &+ pages &<< 3))
      publish(leaf, in: parent, at: index, counting: pages)
      return true
    } catch {
      giveUp(index)
      throw .noMemory(error)
    }
  }

  /// The table of level 1 that translates `address`, which is made where it is missing.
  ///
  /// The look before is no place to switch at for explorers: what it misses, `descend` finds.
  @inlinable
  @inline(__always)
  borrowing func parent(for address: UInt64) throws(TableMemoryError) -> PhysicalAddress {
    if let parent = table(level: 1, for: address) { return parent }
    return try descend(to: 1, for: address)
  }

  /// Keeps span `index`, which has no leaf table, to oneself; `false` where another was first.
  @inlinable
  @inline(__always)
  borrowing func claim(_ index: Int) -> Bool {
    YieldPoint.reached(.store, shared.part(index))
    return directory[index].compareExchange(
      expected: 0, desired: Self.claimed, ordering: .acquiring
    ).exchanged
  }

  /// Leaves a claimed span without a leaf table.
  @inlinable
  @inline(__always)
  borrowing func giveUp(_ index: Int) {
    YieldPoint.reached(.store, shared.part(index))
    directory[index].store(0, ordering: .releasing)
  }

  /// Shows `leaf`, whose entries are all written, to the hardware and to other processors.
  @inlinable
  @inline(__always)
  borrowing func publish(
    _ leaf: PhysicalAddress, in parent: PhysicalAddress, at index: Int, counting count: UInt64
  ) {
    let slot = Self.entryAddress(span(index).first.rawValue, in: parent, level: 1)
    YieldPoint.reached(.store, SharedObject(at: slot))
    memory.storeEntry(Format.tableEntry(level: 1, child: leaf), at: slot)
    YieldPoint.reached(.store, shared.part(index))
    directory[index].store(leaf.rawValue | count, ordering: .releasing)
  }

  @inlinable
  @inline(__always)
  borrowing func storeInvalid(_ count: UInt64, at address: PhysicalAddress) {
    memory.storeEntries(
      at: address, count: Int(truncatingIfNeeded: count), first: Format.invalidEntry(level: 0),
      step: 0)
  }
}
