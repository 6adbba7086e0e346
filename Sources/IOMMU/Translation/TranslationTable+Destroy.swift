public import Synchronization

/// Giving everything back at the end.
extension TranslationTable {
  /// Frees every table: the leaves by the directory, then level by level up to the root.
  @inlinable
  borrowing func releaseAllTables() {
    if Self.rootLevel > 0 {
      for index in 0..<directory.count {
        let leaf = directory[index].load(ordering: .acquiring) & Self.addressMask
        if leaf != 0 { freeTable(PhysicalAddress(leaf), level: 0) }
        let waiting = unlinked[index].load(ordering: .acquiring)
        if waiting != 0 { freeTable(PhysicalAddress(waiting), level: 0) }
      }
    }
    var level = 1
    while level < Self.rootLevel {
      freeTables(level: level)
      level &+= 1
    }
    freeTable(root, level: Self.rootLevel)
  }

  /// Frees the tables of one level between leaves and root; those above are still there.
  @inlinable
  borrowing func freeTables(level: Int) {
    // The bits that all tables of this level share are fewer than 64: the root is above.
    let shift = Self.shift(level: level &+ 1)
    var number = aperture.first.rawValue &>> shift
    let last = aperture.last.rawValue &>> shift
    while number <= last {
      if let table = table(level: level, for: number &<< shift) { freeTable(table, level: level) }
      number &+= 1
    }
  }
}
