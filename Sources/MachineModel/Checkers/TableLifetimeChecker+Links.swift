import IOMMU

/// Which table hangs below which entry, followed as entries are stored.
extension TableLifetimeChecker {
  /// Follows the entry that was stored at `address`, where it links or unlinks a table.
  mutating func stored(at address: PhysicalAddress, count: Int, first: UInt64) {
    // Runs are leaves or the filling of a new table; links are written one at a time.
    if count != 1 || kind(address.rawValue) != .upper { return }
    unlink(address.rawValue)
    // An entry that points at a table in use has its address in the high bits, on 2 KiB.
    guard kind(first) != .none, let child = tables[first & ~0x7ff] ?? tables[first & ~0xfff],
      let parent = base(containing: address.rawValue), parent != child.range.first.rawValue
    else { return }
    let base = child.range.first.rawValue
    childOfEntry[address.rawValue] = base
    tables[base]?.parentEntry = address.rawValue
    tables[base]?.unlinked = nil
    tables[base]?.wasReachable = true
    tables[parent]?.children += 1
    tables[parent]?.height = child.height + 1
  }

  /// Notes that the entry at `address` points at no table any more.
  mutating func unlink(_ address: UInt64) {
    guard let child = childOfEntry[address] else { return }
    let place = climb(from: address)
    childOfEntry[address] = nil
    if let parent = base(containing: address) { tables[parent]?.children -= 1 }
    order += 1
    tables[child]?.unlinked = (order, place.span, place.root)
    tables[child]?.parentEntry = nil
  }

  private func base(containing entry: UInt64) -> UInt64? {
    for base in [entry & ~0x7ff, entry & ~0x3fff] {
      if let table = tables[base], table.range.contains(PhysicalAddress(entry)) { return base }
    }
    return nil
  }

  /// What the entry at `address` translates, and below which root, found by climbing there.
  func climb(from address: UInt64) -> (span: IOVARange?, root: UInt64) {
    // Segment entries span 1 MiB, region-third ones 2 GiB, and so on by 11 bits.
    guard var base = base(containing: address) else { return (nil, 0) }
    let height = tables[base]?.height ?? 0
    let lowest = 20 + 11 * (max(height, 1) - 1)
    var shift = lowest
    var first: UInt64 = 0
    var entry = address
    while true {
      first |= ((entry - base) / 8) << shift
      shift += 11
      guard let parent = tables[base]?.parentEntry, let next = self.base(containing: parent) else {
        let span = IOVARange(first: IOVA(first), byteCount: 1 << lowest)
        return (height > 0 ? span : nil, base)
      }
      entry = parent
      base = next
    }
  }
}
