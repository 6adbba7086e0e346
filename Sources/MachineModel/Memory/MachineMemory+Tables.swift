public import IOMMU

/// Table memory: entries are big-endian, as s390's hardware reads them.
extension MachineMemory: TableMemory {
  /// Takes a table, filled with zeros.
  ///
  /// The hardware takes an entry of zeros for an error, so that a table which is used before it
  /// was initialised shows.
  public func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    if faults.failsTableAllocation() { throw .exhausted(byteCount: byteCount) }
    guard byteCount > 0,
      let block = tables.allocate(
        byteCount: UInt64(byteCount), alignmentLog2: UInt64(alignmentLog2))
    else { throw .exhausted(byteCount: byteCount) }
    bytes.fill(block.address, byteCount: Int(block.byteCount), with: 0)
    noteTableStore(first: block.address, last: block.address + block.byteCount - 1)
    if !observers.isEmpty, let range = Self.range(block.address, block.byteCount) {
      for observer in observers.all { observer.tableAllocated(range, time: now) }
    }
    return PhysicalAddress(block.address)
  }

  /// Gives back a table.
  ///
  /// Its content stays until it is taken again: a walk through a stale pointer reads what is
  /// there, as it would on a real machine, and observers can tell.
  /// - Precondition: `table` is one that is out.
  public func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    guard let length = tables.release(table.rawValue) else {
      preconditionFailure("a table was given back that was not out")
    }
    if !observers.isEmpty, let range = Self.range(table.rawValue, length) {
      for observer in observers.all { observer.tableFreed(range, time: now) }
    }
  }

  /// Reads the entry at `address`.
  public func loadEntry(at address: PhysicalAddress) -> UInt64 {
    UInt64(bigEndian: bytes.load64(address.rawValue))
  }

  /// Writes the entry at `address`.
  public func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    storeEntries(at: address, count: 1, first: entry, step: 0)
  }

  /// Writes `count` consecutive entries from `address`.
  public func storeEntries(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64
  ) {
    if count <= 0 { return }
    var place = address.rawValue
    var entry = first
    for _ in 0..<count {
      bytes.store64(entry.bigEndian, place)
      place &+= 8
      entry &+= step
    }
    if !noteTableStore(first: address.rawValue, last: place - 1) { return }
    for observer in observers.all {
      observer.entriesStored(at: address, count: count, first: first, step: step, time: now)
    }
  }

  /// Replaces the entry at `address` if it still is `expected`; returns what was found there.
  public func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    let found = loadEntry(at: address)
    if found == expected { storeEntry(desired, at: address) }
    return found
  }

  static func range(_ address: UInt64, _ byteCount: UInt64) -> PhysicalRange? {
    PhysicalRange(first: PhysicalAddress(address), byteCount: byteCount)
  }
}
