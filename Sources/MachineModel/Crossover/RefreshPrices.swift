import IOMMU
import ZPCI

/// What refreshes cost on a machine, as four numbers and a rule, in picoseconds.
///
/// A refresh costs a trap, each page that it looks at, and each page table that it visits. Pinning
/// and unpinning is left out: each page that was unmapped is unpinned once, by whichever refresh
/// comes first, so that it costs the same whether refreshes are of ranges or global.
public struct RefreshPrices: Equatable, Sendable {
  /// The trap, or the instruction where nothing traps.
  public var trap: UInt64

  /// Each page that is looked at.
  public var page: UInt64

  /// Each page table that is visited.
  public var table: UInt64

  /// What is done where there is no page table.
  public var absentTables: AbsentTableRule

  /// The pages of the aperture.
  public var aperturePages: UInt64

  /// The pages that one table translates.
  public static var tablePages: UInt64 { 1 << UInt64(S390ThreeLevel.indexBits(level: 0)) }

  /// Prices of the four kinds, for an aperture of `aperturePages` pages.
  public init(
    trap: UInt64, page: UInt64, table: UInt64, absentTables: AbsentTableRule,
    aperturePages: UInt64
  ) {
    self.trap = trap
    self.page = page
    self.table = table
    self.absentTables = absentTables
    self.aperturePages = aperturePages
  }

  /// The prices of `machine`, whose description is valid.
  public init(_ machine: MachineDescription) {
    let refresh = machine.refresh
    let isShadowed = machine.translation == .shadowed
    self.init(
      trap: (isShadowed ? refresh.trapNanoseconds : refresh.flushNanoseconds) * 1_000,
      page: isShadowed ? refresh.pageScannedPicoseconds : 0,
      table: isShadowed ? refresh.tableScannedPicoseconds : 0,
      // Without a shadow nothing is looked at.
      absentTables: isShadowed ? refresh.absentTables : .skipped,
      aperturePages: machine.apertureBytes >> 12)
  }

  /// A refresh of `pages` pages from the start of a table on, all of whose tables are present.
  public func range(pages: UInt64) -> UInt64 {
    let tables = (pages + Self.tablePages - 1) / Self.tablePages
    return sum(pages: pages, tables: tables)
  }

  /// A global refresh while `tables` tables are present.
  public func global(tables: UInt64) -> UInt64 {
    sum(pages: globalPages(tables: tables), tables: present(tables))
  }

  /// The pages that a global refresh looks at while `tables` tables are present.
  public func globalPages(tables: UInt64) -> UInt64 {
    absentTables == .scanned
      ? aperturePages : min(present(tables) * Self.tablePages, aperturePages)
  }

  /// As many of `tables` as the aperture has room for.
  private func present(_ tables: UInt64) -> UInt64 {
    min(tables, (aperturePages + Self.tablePages - 1) / Self.tablePages)
  }

  /// Costs are at most a second each and an aperture has 2^30 pages, so that a sum may pass 64
  /// bits; it then stays at the highest number.
  private func sum(pages: UInt64, tables: UInt64) -> UInt64 {
    Self.sum(trap, Self.sum(Self.product(pages, page), Self.product(tables, table)))
  }

  static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? .max : product
  }
}
