/// What invalidations cost on a machine, so that a policy can choose between range and global ones.
///
/// An invalidation costs a trap, each page that it looks at, and each lowest-level table that it
/// visits. Only ratios matter. The figures come from a machine file, or from measuring at start-up.
/// Costs add up in units of a 1,024th of a nanosecond, so that nothing is rounded; where they pass
/// 64 bits they stay at the highest number.
@frozen
public struct InvalidationCost: Sendable, BitwiseCopyable {
  /// One instruction, however small its range.
  public let instruction: Nanoseconds

  /// Each 1,024 pages that are looked at.
  public let kibipage: Nanoseconds

  /// Each 1,024 lowest-level tables that are visited.
  public let kibitable: Nanoseconds

  /// What is done where the guest has no table.
  public let absentTables: AbsentTables

  /// The binary logarithm of the number of pages that one lowest-level table translates.
  public let tablePagesLog2: UInt8

  /// A cost of `instruction` for each one, `kibipage` for 1,024 pages looked at and `kibitable` for
  /// 1,024 tables visited, each of 2 to the power `tablePagesLog2` pages (s390: 256).
  @inlinable
  public init(
    instruction: Nanoseconds, kibipage: Nanoseconds, kibitable: Nanoseconds = Nanoseconds(0),
    absentTables: AbsentTables = .scanned, tablePagesLog2: UInt8 = 8
  ) {
    self.instruction = instruction
    self.kibipage = kibipage
    self.kibitable = kibitable
    self.absentTables = absentTables
    self.tablePagesLog2 = min(tablePagesLog2, 32)
  }

  /// What a hypervisor that shadows costs, in the order of magnitude: a trap worth 100 pages.
  @inlinable
  public static var shadowed: InvalidationCost {
    InvalidationCost(instruction: Nanoseconds(10_000), kibipage: Nanoseconds(102_400))
  }

  /// The cost of one invalidation of `pages`, numbered so that a multiple of a table's pages begins
  /// a table, all of whose tables are present.
  public func of(pages: ClosedRange<UInt64>) -> UInt64 {
    let tables =
      (pages.upperBound &>> UInt64(tablePagesLog2))
      &- (pages.lowerBound &>> UInt64(tablePagesLog2))
    return sum(pages: pages.upperBound &- pages.lowerBound &+ 1, tables: tables &+ 1)
  }

  /// The cost of a global invalidation of an aperture of `pages` pages, 1 or more, in which
  /// `tables` tables are present; more than the aperture has room for counts as all.
  public func ofAll(pages: UInt64, tables: UInt64) -> UInt64 {
    let whole = (pages &- 1) &>> UInt64(tablePagesLog2) &+ 1
    let present = min(tables, whole)
    switch absentTables {
    case .scanned:
      return sum(pages: pages, tables: present)
    case .skipped:
      let (product, overflow) = present.multipliedReportingOverflow(by: 1 &<< tablePagesLog2)
      return sum(pages: overflow ? pages : min(product, pages), tables: present)
    }
  }

  /// Whether one invalidation from the page after `last` back on to `next` costs no more than two,
  /// one that ends with page `last` and one that begins with page `next`, a later one.
  ///
  /// One saves a trap, and a visit where both pages are in one table; it looks at the pages between
  /// and visits the tables between, which are taken to be present. The answer depends on nothing
  /// else, so that joining wherever it is true gives the cheapest set of ranges.
  public func isWorthBridging(from last: UInt64, to next: UInt64) -> Bool {
    let tables = (next &>> UInt64(tablePagesLog2)) &- (last &>> UInt64(tablePagesLog2))
    let gap = next &- last &- 1
    if tables == 0 {
      return product(gap, kibipage) <= sum(pages: 0, tables: 1)
    }
    return adding(product(gap, kibipage), product(tables &- 1, kibitable))
      <= sum(pages: 0, tables: 0)
  }

  /// The number of pages whose scan costs as much as one instruction; a gap up to it is worth
  /// bridging wherever it lies.
  @inlinable
  public var pagesPerInstruction: UInt64 {
    // Rounded up, so that a gap is not held to be cheaper than it is.
    let size: UInt64 = 1 &<< UInt64(tablePagesLog2)
    let share = kibitable.rawValue / size &+ (kibitable.rawValue % size == 0 ? 0 : 1)
    let page = kibipage.rawValue &+ share
    return page == 0 ? .max &>> 12 : instruction.rawValue &* 1_024 / page
  }

  private func sum(pages: UInt64, tables: UInt64) -> UInt64 {
    adding(
      product(1_024, instruction), adding(product(pages, kibipage), product(tables, kibitable)))
  }

  private func product(_ count: UInt64, _ cost: Nanoseconds) -> UInt64 {
    let (product, overflow) = count.multipliedReportingOverflow(by: cost.rawValue)
    return overflow ? .max : product
  }

  private func adding(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}

/// What a hypervisor that refreshes a range does with addresses for which the guest has no
/// lowest-level table.
@frozen
public enum AbsentTables: Sendable, BitwiseCopyable {
  /// Looks at each page of the range, as QEMU does for RPCIT.
  case scanned
  /// Passes over them at once, as QEMU's walk does for VT-d.
  case skipped
}
