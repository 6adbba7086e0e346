import IOMMU

/// Promise 4: a table is freed only after an invalidation that covers it, and all tables come back.
///
/// Verified: entries are followed as they are stored, so the checker knows which table hangs below
/// which entry; when one is freed that the hardware could have walked, a successful refresh of its
/// whole span, or of everything, must have followed its unlinking on each function that translates;
/// a root is not freed while it is registered. At the end of a run no table may be in use. Not
/// verified: tables that are linked below two entries at once; the formats have none. A function in
/// error counts as covered: it walks nothing before everything was refreshed.
struct TableLifetimeChecker {
  struct Table {
    let range: PhysicalRange
    /// The entry that points here, while one does.
    var parentEntry: UInt64?
    /// After how many events that entry was overwritten, and what the table spanned then below
    /// which root.
    var unlinked: (order: UInt64, span: IOVARange?, root: UInt64)?
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

  enum Kind: UInt8 {
    case none
    case leaf
    case upper
  }

  let log: ViolationLog
  let aperture: IOVARange
  var tables: [UInt64: Table] = [:]
  var childOfEntry: [UInt64: UInt64] = [:]
  /// What lies in each 2 KiB of memory, so that the many stores into leaves cost next to nothing.
  private var kinds: [Kind] = []
  private var views: [View]
  /// Counts stores of links, refreshes and registrations: processors' clocks tell no order.
  var order: UInt64 = 0

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
      // Only deconfiguring ends that, and drops what is registered: it never walks the root again.
      if condition == .permanentError { views[index].root = nil }
    }
  }

  mutating func refreshed(_ refresh: TranslationRefresh) {
    guard refresh.conditionCode == 0 else { return }
    // Only a refresh as large as what a leaf table spans can cover one, but for the tables at the
    // ends of the aperture, which may have a part of their span alone.
    if !refresh.isGlobal && refresh.range.byteCountMinusOne < 0xf_ffff
      && !refresh.range.contains(aperture.first) && !refresh.range.contains(aperture.last)
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
    // A function that walks another domain's tables has none of this one cached.
    let root = table.unlinked?.root ?? table.parentEntry.map { climb(from: $0).root }
    for view in views where view.root != nil && view.root == root && !view.isStopped {
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

  private func isCovered(
    _ unlinked: (order: UInt64, span: IOVARange?, root: UInt64), _ view: View
  ) -> Bool {
    if view.cleanOrder > unlinked.order { return true }
    guard let span = unlinked.span?.intersection(aperture) else { return false }
    return view.recentRefreshes.contains {
      $0.order > unlinked.order && $0.range.contains(span)
    }
  }

  func kind(_ address: UInt64) -> Kind {
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
