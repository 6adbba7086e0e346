import IOMMU

/// Promise 4: a table is freed only after an invalidation that covers it, and all tables come back.
///
/// Verified: entries are followed as they are stored, so the checker knows which table hangs below
/// which entry; when one is freed that the hardware could have walked, a successful refresh of its
/// whole span, or of everything, must have followed its unlinking on each function that translates;
/// a root is not freed while it is registered. At the end of a run no table may be in use.
/// Not verified: tables that are linked below two entries at once; the formats have none. A function
/// in error counts as covered: it walks nothing before everything was refreshed.
struct TableLifetimeChecker {
  private struct Table {
    let range: PhysicalRange
    /// The entry that points here, while one does.
    var parentEntry: UInt64?
    /// After how many events that entry was overwritten, and what the table spanned then.
    var unlinked: (order: UInt64, span: IOVARange?)?
    /// Whether the hardware could walk here since it was allocated.
    var wasReachable = false
    /// The number of entries that point at tables.
    var children = 0
    /// 0 for a leaf table, as far as links have shown.
    var height: UInt64 = 0
  }

  /// What one function may have in its caches.
  private struct View {
    let function: Int
    var root: UInt64?
    var isStopped = false
    /// After how many events it last had dropped everything.
    var cleanOrder: UInt64 = 0
    var recentRefreshes: [(order: UInt64, range: IOVARange)] = []
  }

  private enum Kind: UInt8 {
    case none
    case leaf
    case upper
  }

  let log: ViolationLog
  let aperture: IOVARange
  private var tables: [UInt64: Table] = [:]
  private var childOfEntry: [UInt64: UInt64] = [:]
  /// What lies in each 2 KiB of memory, so that the many stores into leaves cost next to nothing.
  private var kinds: [Kind] = []
  private var views: [View]
  /// Counts stores of links, refreshes and registrations: processors' clocks tell no order.
  private var order: UInt64 = 0

  init(functions: [Int], log: ViolationLog, aperture: IOVARange) {
    self.log = log
    self.aperture = aperture
    views = functions.map { View(function: $0) }
  }

  mutating func allocated(_ range: PhysicalRange) {
    tables[range.first.rawValue] = Table(range: range)
    // The formats' smallest tables, of 2 KiB, are leaves; their entries point at no table.
    setKind(range, range.byteCountMinusOne < 2_048 ? .leaf : .upper)
  }

  mutating func registered(function: Int, designation: UInt64?) {
    order += 1
    for index in views.indices where views[index].function == function {
      views[index].root = designation.map { $0 & ~0xfff }
      views[index].cleanOrder = order
      views[index].recentRefreshes.removeAll(keepingCapacity: true)
    }
  }

  mutating func conditionChanged(function: Int, to condition: FunctionCondition) {
    for index in views.indices where views[index].function == function {
      views[index].isStopped = condition != .enabled
    }
  }

  mutating func refreshed(_ refresh: TranslationRefresh) {
    guard refresh.conditionCode == 0 else { return }
    // Only a refresh as large as what a leaf table spans can cover one.
    if !refresh.isGlobal && refresh.range.byteCountMinusOne < 0xf_ffff
      && !refresh.range.contains(aperture)
    {
      return
    }
    order += 1
    for index in views.indices where views[index].function == refresh.function {
      if refresh.isGlobal {
        views[index].cleanOrder = order
        views[index].recentRefreshes.removeAll(keepingCapacity: true)
      } else {
        if views[index].recentRefreshes.count > 256 {
          views[index].recentRefreshes.removeFirst(128)
        }
        views[index].recentRefreshes.append((order, refresh.range))
      }
    }
  }

  mutating func freed(_ range: PhysicalRange, at time: Instant) {
    let base = range.first.rawValue
    guard let table = tables.removeValue(forKey: base) else {
      log.report(.tableLifetime, at: time, "\(range.first.hex) was freed but is no table in use")
      return
    }
    setKind(range, .none)
    if let entry = table.parentEntry { unlink(entry) }
    if table.children > 0 {
      for entry in stride(from: base, to: range.last.rawValue, by: 8) { unlink(entry) }
    }
    if views.contains(where: { $0.root == base }) {
      log.report(.tableLifetime, at: time, "the root at \(range.first.hex) is still registered")
      return
    }
    if !table.wasReachable { return }
    for view in views where view.root != nil && !view.isStopped {
      if table.parentEntry != nil {
        log.report(
          .tableLifetime, at: time, "the table at \(range.first.hex) was freed while still linked")
        return
      }
      guard let unlinked = table.unlinked, !isCovered(unlinked, view) else { continue }
      log.report(
        .tableLifetime, at: time,
        "the table at \(range.first.hex) was freed before an invalidation covered it "
          + "on function \(view.function)")
    }
  }

  /// At the end of a run: all tables are back.
  func expectNoTables(at time: Instant) {
    if tables.isEmpty { return }
    log.report(.tableLifetime, at: time, "\(tables.count) tables were never freed")
  }

  private func isCovered(_ unlinked: (order: UInt64, span: IOVARange?), _ view: View) -> Bool {
    if view.cleanOrder > unlinked.order { return true }
    guard let span = unlinked.span?.intersection(aperture) else { return false }
    return view.recentRefreshes.contains {
      $0.order > unlinked.order && $0.range.contains(span)
    }
  }

  private func kind(_ address: UInt64) -> Kind {
    let unit = address >> 11
    return unit < UInt64(kinds.count) ? kinds[Int(unit)] : .none
  }

  private mutating func setKind(_ range: PhysicalRange, _ kind: Kind) {
    let last = Int(range.last.rawValue >> 11)
    if last >= kinds.count {
      kinds.append(contentsOf: repeatElement(.none, count: last + 1 - kinds.count))
    }
    for unit in Int(range.first.rawValue >> 11)...last { kinds[unit] = kind }
  }
}

// MARK: Links

extension TableLifetimeChecker {
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
  private mutating func unlink(_ address: UInt64) {
    guard let child = childOfEntry[address] else { return }
    let span = span(ofEntry: address)
    childOfEntry[address] = nil
    if let parent = base(containing: address) { tables[parent]?.children -= 1 }
    order += 1
    tables[child]?.unlinked = (order, span)
    tables[child]?.parentEntry = nil
  }

  private func base(containing entry: UInt64) -> UInt64? {
    for base in [entry & ~0x7ff, entry & ~0x3fff] {
      if let table = tables[base], table.range.contains(PhysicalAddress(entry)) { return base }
    }
    return nil
  }

  /// What the entry at `address` translates, found by climbing to the root.
  private func span(ofEntry address: UInt64) -> IOVARange? {
    // Segment entries span 1 MiB, region-third ones 2 GiB, and so on by 11 bits.
    guard var base = base(containing: address), let height = tables[base]?.height, height > 0
    else { return nil }
    let lowest = 20 + 11 * (height - 1)
    var shift = lowest
    var first: UInt64 = 0
    var entry = address
    while true {
      first |= ((entry - base) / 8) << shift
      shift += 11
      guard let parent = tables[base]?.parentEntry, let next = self.base(containing: parent) else {
        return IOVARange(first: IOVA(first), byteCount: 1 << lowest)
      }
      entry = parent
      base = next
    }
  }
}
