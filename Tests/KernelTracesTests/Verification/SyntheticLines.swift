/// A trace as it is written: lines of known kinds, so that tests can damage chosen ones.
struct SyntheticLines {
  enum Kind: Equatable {
    case mapCall
    case mapReturn
    case mapList
    case mapPages
    case mapRefresh
    case listRefresh
    case unmap
    case unmapRefresh
    case globalRefresh
  }

  struct Line {
    var kind: Kind
    /// Nanoseconds.
    var time: UInt64
    var body: String
    /// Which mapping, counted from 0; -1 for everything.
    var mapping: Int
  }

  var lines: [Line] = []

  /// Appends a line; traces tell whole microseconds.
  mutating func append(_ kind: Kind, _ time: UInt64, _ mapping: Int, _ body: String) {
    lines.append(Line(kind: kind, time: time, body: body, mapping: mapping))
  }

  /// The text in the format of tracefs.
  var text: String {
    var text = ""
    for line in lines {
      let micros = String(line.time / 1_000 % 1_000_000)
      let padded = String(repeating: "0", count: 6 - micros.count) + micros
      text += "    kworker/u2:0-9       [000] .....     "
      text += "\(line.time / 1_000_000_000).\(padded): \(line.body)\n"
    }
    return text
  }

  func indices(of kinds: Kind...) -> [Int] {
    lines.indices.filter { kinds.contains(lines[$0].kind) }
  }
}

extension SyntheticLines {
  /// The probe of an RPCIT, in pages.
  static func refresh(_ first: UInt64, _ pages: UInt64) -> String {
    "refresh: (zpci_refresh_trans+0x0/0x1d8) fh=0x8002000000000000 "
      + "addr=\(hexadecimal(first * 4_096)) range=\(hexadecimal(pages * 4_096))"
  }

  static func mapCall(_ buffer: UInt64, _ pages: UInt64) -> String {
    // A `struct page` takes 64 bytes.
    "map: (s390_dma_map_pages+0x0/0x258) page=\(hexadecimal(0x372_0000_0000 + buffer * 64)) "
      + "off=0x0 size=\(hexadecimal(pages * 4_096)) dir=0x2"
  }

  static func mapReturn(_ first: UInt64) -> String {
    "mapret: (dma_map_page_attrs+0x186/0x1f0 <- s390_dma_map_pages) "
      + "dma=\(hexadecimal(first * 4_096))"
  }

  static func unmapCall(_ first: UInt64, _ pages: UInt64) -> String {
    "unmap: (s390_dma_unmap_pages+0x0/0x1b8) dma=\(hexadecimal(first * 4_096)) "
      + "size=\(hexadecimal(pages * 4_096))"
  }

  static func mapPages(_ first: UInt64, _ pages: UInt64, buffer: UInt64) -> String {
    "map: IOMMU: iova=\(hexadecimal(first * 4_096)) - \(hexadecimal((first + pages) * 4_096)) "
      + "paddr=\(hexadecimal(0x100_0000 + buffer * 4_096)) size=\(pages * 4_096)"
  }

  static func unmapPages(_ first: UInt64, _ pages: UInt64) -> String {
    "unmap: IOMMU: iova=\(hexadecimal(first * 4_096)) - \(hexadecimal((first + pages) * 4_096)) "
      + "size=\(pages * 4_096) unmapped_size=\(pages * 4_096)"
  }
}
