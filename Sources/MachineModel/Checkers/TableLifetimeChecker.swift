import IOMMU

/// Promise 4: a table is freed only after an invalidation that covers it, and all tables come back.
///
/// Verified: entries are followed as they are stored, so the checker knows which table hangs below
/// which entry; when one is freed that the hardware could have walked, a successful refresh of its
/// whole span, or of everything, must have begun after it was unlinked. At the end of a run no
/// table may be in use.
/// Not verified: tables that are linked below two entries at once; the formats have none.
struct TableLifetimeChecker {
  private struct Table {
    let range: PhysicalRange
    /// The entry that points here, while one does.
    var parentEntry: UInt64?
    /// When that entry was overwritten, and what the table spanned then.
    var unlinked: (time: UInt64, span: IOVARange?)?
    /// Whether the hardware could walk here since it was allocated.
    var wasReachable = false
  }

  let log: ViolationLog
  let aperture: IOVARange
  private var tables: [UInt64: Table] = [:]
  private var childOfEntry: [UInt64: UInt64] = [:]
  private var root: UInt64?
  private var isRegistered = false
  private var lastGlobal: UInt64?
  private var recentRefreshes: [(began: UInt64, range: IOVARange)] = []

  init(log: ViolationLog, aperture: IOVARange) {
    self.log = log
    self.aperture = aperture
  }

  /// The number of tables in use.
  var tablesInUse: Int { tables.count }

  mutating func allocated(_ range: PhysicalRange) {
    tables[range.first.rawValue] = Table(range: range)
  }

  mutating func registered(designation: UInt64?, at time: Instant) {
    isRegistered = designation != nil
    if let designation { root = designation & ~0xfff }
  }

  mutating func stored(at address: PhysicalAddress, count: Int, first: UInt64, time: Instant) {
    // Runs are leaves or the filling of a new table; links are written one at a time.
    if count != 1 { return }
    if let child = childOfEntry.removeValue(forKey: address.rawValue), tables[child] != nil {
      let span = span(ofEntry: address.rawValue)
      tables[child]?.unlinked = (time.nanoseconds, span)
      tables[child]?.parentEntry = nil
    }
    // An entry that points at a table in use has its address in the high bits, on 2 KiB.
    let target = first & ~0x7ff
    guard let found = tables[target] ?? tables[first & ~0xfff],
      isTable(containing: address.rawValue, otherThan: found.range)
    else { return }
    let base = found.range.first.rawValue
    childOfEntry[address.rawValue] = base
    tables[base]?.parentEntry = address.rawValue
    tables[base]?.unlinked = nil
    tables[base]?.wasReachable = true
  }

  mutating func refreshed(_ refresh: TranslationRefresh) {
    guard refresh.conditionCode == 0 else { return }
    let range = refresh.range
    if refresh.isGlobal {
      lastGlobal = refresh.began.nanoseconds
      recentRefreshes.removeAll(keepingCapacity: true)
    } else if range.byteCountMinusOne >= 0xf_ffff {
      // Only a refresh as large as what a leaf table spans can cover one.
      if recentRefreshes.count > 256 { recentRefreshes.removeFirst(128) }
      recentRefreshes.append((refresh.began.nanoseconds, range))
    }
  }

  mutating func freed(_ range: PhysicalRange, at time: Instant) {
    guard let table = tables.removeValue(forKey: range.first.rawValue) else {
      log.report(.tableLifetime, at: time, "\(range.first.hex) was freed but is no table in use")
      return
    }
    if let entry = table.parentEntry { childOfEntry.removeValue(forKey: entry) }
    // Without a registered table nothing can be walked, and nothing of it is cached any more.
    if !isRegistered || !table.wasReachable { return }
    if table.parentEntry != nil || range.first.rawValue == root {
      log.report(
        .tableLifetime, at: time, "the table at \(range.first.hex) was freed while still linked")
    } else if let unlinked = table.unlinked, !isCovered(unlinked) {
      log.report(
        .tableLifetime, at: time,
        "the table at \(range.first.hex) was freed before an invalidation covered it")
    }
  }

  /// At the end of a run: all tables are back.
  func expectNoTables(at time: Instant) {
    if tables.isEmpty { return }
    log.report(.tableLifetime, at: time, "\(tables.count) tables were never freed")
  }

  private func isCovered(_ unlinked: (time: UInt64, span: IOVARange?)) -> Bool {
    if let lastGlobal, lastGlobal >= unlinked.time { return true }
    guard let span = unlinked.span?.intersection(aperture) else { return false }
    return recentRefreshes.contains { $0.began >= unlinked.time && $0.range.contains(span) }
  }

  private func isTable(containing entry: UInt64, otherThan range: PhysicalRange) -> Bool {
    !range.contains(PhysicalAddress(entry)) && table(containing: entry) != nil
  }

  private func table(containing entry: UInt64) -> Table? {
    for base in [entry & ~0x7ff, entry & ~0x3fff] {
      if let table = tables[base], table.range.contains(PhysicalAddress(entry)) { return table }
    }
    return nil
  }

  /// What the entry at `address` translates, found by climbing to the root.
  private func span(ofEntry address: UInt64) -> IOVARange? {
    // Segment entries span 1 MiB, region-third ones 2 GiB, and so on by 11 bits.
    var indices: [UInt64] = []
    var entry = address
    while let table = table(containing: entry) {
      indices.append((entry - table.range.first.rawValue) / 8)
      guard let parent = table.parentEntry else { break }
      entry = parent
    }
    var first: UInt64 = 0
    var shift: UInt64 = 20
    for index in indices {
      first |= index << shift
      shift += 11
    }
    return IOVARange(first: IOVA(first), byteCount: 1 << 20)
  }
}
