import IOMMU

/// Which processors hold each cache line, and what it costs to get it.
///
/// One processor may have written a line since others read it, or several hold the same copy: MESI
/// without evictions. A line that is on its way makes the next who wants it wait.
struct LineTable {
  /// What tells a line from others: an address in lines, or the object where none is known.
  struct Key: Hashable {
    var space: UInt64
    var number: UInt64
  }

  /// What happened to the lines of one name, while processors were measured.
  struct Usage {
    var transfers: UInt64 = 0
    /// Picoseconds spent on transfers, waiting for them included.
    var time: UInt64 = 0
  }

  private struct Line {
    /// Who holds it, one bit each.
    var holders: UInt64 = 0
    /// Who had it last to itself.
    var owner = -1
    /// Whether `owner` wrote it since.
    var isWritten = false
    /// When it is where it was sent last.
    var arrival: UInt64 = 0
    /// Whose usage it counts for.
    var name: Int
  }

  let prices: LinePrices
  private var numbers: [Key: Int] = [:]
  private var lines: [Line] = []
  private(set) var usage: [Usage] = []

  init(_ prices: LinePrices) { self.prices = prices }

  /// Room for the usage of another name, numbered like those of ``LineNames``.
  mutating func addName() { usage.append(Usage()) }

  /// The line that `key` names, if it was ever touched.
  func line(_ key: Key) -> Int? { numbers[key] }

  /// A line that nobody touched before.
  mutating func add(_ key: Key, name: Int) -> Int {
    lines.append(Line(name: name))
    numbers[key] = lines.count - 1
    return lines.count - 1
  }

  /// Processor `cpu` reads or writes a line at `time`; returns when it has.
  mutating func touch(
    _ index: Int, by cpu: Int, writing: Bool, at time: UInt64, counts: Bool
  ) -> UInt64 {
    let bit = UInt64(1) << UInt64(cpu)
    let line = lines[index]
    let isAlone = line.holders & ~bit == 0
    let holds = line.holders & bit != 0
    var end = time
    if holds ? writing && !isAlone : !isAlone {
      end = max(time, line.arrival) + price(line, cpu, writing: writing)
      if counts { count(line.name, 1, end - time) }
      // Copies of what is not written come from anywhere; nobody waits for them.
      if writing || line.isWritten { lines[index].arrival = end }
    }
    lines[index].holders = writing ? bit : line.holders | bit
    if writing || line.owner < 0 { lines[index].owner = cpu }
    lines[index].isWritten = writing || (line.isWritten && line.owner == cpu)
    return end
  }

  private func price(_ line: Line, _ cpu: Int, writing: Bool) -> UInt64 {
    if !writing && line.owner >= 0 { return prices.transfer(line.owner, cpu) }
    // Every copy has to go; the farthest says how long that takes.
    var holders = line.holders & ~(1 << UInt64(cpu))
    var price = prices.near
    while holders != 0 {
      price = max(price, prices.transfer(holders.trailingZeroBitCount, cpu))
      holders &= holders - 1
    }
    return price
  }

  /// Those who tried a lock in vain took its line one after the other; `last` was the last.
  mutating func bounce(_ index: Int, among tries: Int, last: Int, after time: UInt64) {
    if tries == 0 { return }
    let start = max(time, lines[index].arrival)
    lines[index].arrival = start + UInt64(tries) * prices.transfer(lines[index].owner, last)
    lines[index].owner = last
    lines[index].holders = 1 << UInt64(last)
    lines[index].isWritten = true
  }

  /// Counts transfers for a name.
  mutating func count(_ name: Int, _ transfers: UInt64, _ time: UInt64) {
    usage[name].transfers += transfers
    usage[name].time += time
  }

  /// The name that a line counts for.
  func name(_ index: Int) -> Int { lines[index].name }
}
