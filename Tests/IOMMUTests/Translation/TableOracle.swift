import IOMMU

/// A translation table beside a dictionary that says what it should hold.
final class TableOracle<Format: TableFormat> {
  struct Page: Equatable {
    let physical: UInt64
    let writes: Bool
  }

  let memory: TestTableMemory
  let table: TranslationTable<Format, TestTableMemory>
  private(set) var pages: [UInt64: Page] = [:]

  init(
    _ aperture: IOVARange, memory: TestTableMemory = TestTableMemory(), keptTables: Int = .max
  ) throws {
    self.memory = memory
    table = try TranslationTable(aperture: aperture, memory: memory, keptTables: keptTables)
  }

  static var pageBytes: UInt64 { Format.granule.byteCount }

  /// The pages of `range` as the numbers of their first bytes; never past the top.
  static func addresses(_ range: IOVARange) -> [UInt64] {
    (0..<range.pageCount(of: Format.granule).rawValue).map {
      range.first.rawValue + $0 * pageBytes
    }
  }

  /// Maps, and tells what error the dictionary would have wanted, and what came.
  func map(
    _ range: IOVARange, to physical: UInt64, _ permission: DevicePermission = .readWrite
  ) -> (wanted: TableError?, given: TableError?) {
    let addresses = Self.addresses(range)
    let taken = addresses.first { pages[$0] != nil }
    let wanted: TableError? = taken.map {
      .overlap(IOVARange(first: IOVA($0), byteCount: Self.pageBytes)!)
    }
    do throws(TableError) {
      try table.map(range, to: PhysicalAddress(physical), permission)
    } catch {
      return (wanted, error)
    }
    for (number, address) in addresses.enumerated() {
      pages[address] = Page(
        physical: physical + UInt64(number) * Self.pageBytes, writes: permission == .readWrite)
    }
    return (wanted, nil)
  }

  func unmap(_ range: IOVARange) -> (wanted: TableError?, given: TableError?) {
    let addresses = Self.addresses(range)
    let missing = addresses.first { pages[$0] == nil }
    let wanted: TableError? = missing.map { .notMapped(IOVA($0)) }
    do throws(TableError) {
      try table.unmap(range)
    } catch {
      return (wanted, error)
    }
    for address in addresses { pages[address] = nil }
    return (wanted, nil)
  }

  /// Takes all empty tables out and frees them, as after an invalidation.
  func collect(limit: Int = .max) {
    table.free(table.unlinkEmptyTables(limit: limit))
  }

  /// What the hardware finds: a walk from the root, which knows nothing of the directory.
  func walk(_ address: UInt64) -> Page? {
    var level = Format.levels - 1
    var place = table.root.rawValue
    while true {
      let shift = (0..<level).reduce(Int(Format.granule.log2)) {
        $0 + Int(Format.indexBits(level: $1))
      }
      let index = address >> UInt64(shift) & (1 << UInt64(Format.indexBits(level: level)) - 1)
      let entry = memory.host.loadEntry(at: PhysicalAddress(place + index * 8))
      guard Format.isValid(entry, level: level) else { return nil }
      if level == 0 {
        return Page(
          physical: Format.physical(of: entry).rawValue,
          writes: Format.permission(of: entry) == .readWrite)
      }
      place = Format.child(of: entry, level: level).rawValue
      level -= 1
    }
  }

  func lookup(_ address: UInt64) -> Page? {
    table.lookup(IOVA(address)).map {
      Page(physical: $0.physical.rawValue, writes: $0.permission == .readWrite)
    }
  }

  /// The first page that table, hardware's walk or segments see otherwise than the dictionary.
  func firstDifference() -> UInt64? {
    var segments: [UInt64: Page] = [:]
    var previous: TableSegment?
    var isLongest = true
    table.forEachSegment(in: table.aperture) { (segment: TableSegment) in
      if let previous, previous.permission == segment.permission,
        previous.device.last.rawValue &+ 1 == segment.device.first.rawValue,
        previous.memory.rawValue + previous.device.byteCountMinusOne + 1
          == segment.memory.rawValue
      {
        isLongest = false
      }
      previous = segment
      for (number, address) in Self.addresses(segment.device).enumerated() {
        segments[address] = Page(
          physical: segment.memory.rawValue + UInt64(number) * Self.pageBytes,
          writes: segment.permission == .readWrite)
      }
    }
    if !isLongest || segments.count != pages.count { return table.aperture.first.rawValue }
    return Self.addresses(table.aperture).first {
      walk($0) != pages[$0] || lookup($0) != pages[$0] || segments[$0] != pages[$0]
    }
  }
}
