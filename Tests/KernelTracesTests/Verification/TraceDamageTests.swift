import IOMMU
import KernelTraces
import TestSupport
import Testing

/// A verifier that cannot fail proves nothing: traces that are damaged in known ways.
@Suite("Verification of damaged traces")
struct TraceDamageTests {
  typealias Policy = SyntheticKernel.Policy

  private static func kernel(_ policy: Policy) -> SyntheticKernel {
    SyntheticKernel.run(policy, operations: 240, seed: 21)
  }

  /// Places spread over the trace, apart from its start, which tells how much is known.
  private static func some(_ indices: [Int], _ count: Int = 6) -> [Int] {
    let late = indices.filter { $0 > 20 }
    return stride(from: 0, to: late.count, by: max(late.count / count, 1)).map { late[$0] }
  }

  @Test("an unmap that is missing is one lost unmap", arguments: Policy.allCases)
  func lostUnmap(_ policy: Policy) throws {
    let kernel = Self.kernel(policy)
    var found = 0
    for index in Self.some(kernel.lines.indices(of: .unmap), 12) {
      var lines = kernel.lines
      lines.lines.remove(at: index)
      // The probe of a strict unmap's refresh is lost with it.
      if kernel.isStrict { lines.lines.remove(at: index) }
      let report = try verified(lines.text, kernel.overrides)
      let lost = report.lost.unmapsByAddress + report.lost.unmapsByBuffer
      #expect(lost <= 1 && report.lost.total == lost)
      found += lost
      // A stack of freed runs can differ in more than the one that was put there too late.
      if kernel.usesProbes { #expect(report.iova.divergences <= lost) }
      #expect(report.range.equal == report.range.recorded)
      if lost == 1 {
        #expect(report.counters.unmapped == kernel.unmapped)
        if kernel.usesProbes { #expect(report.holds) }
      }
    }
    #expect(found > 3)
  }

  @Test("a range refresh of other pages does not hold", arguments: Policy.allCases, [0, 1, 2])
  func otherRefresh(_ policy: Policy, _ how: Int) throws {
    let kernel = Self.kernel(policy)
    for index in Self.some(kernel.lines.indices(of: .mapRefresh, .unmapRefresh), 5) {
      var lines = kernel.lines
      let body = lines.lines[index].body
      lines.lines[index].body =
        switch how {
        case 0: Self.changed(body, "range=") { $0 + 0x1000 }
        case 1: Self.changed(body, "addr=") { $0 + 0x1000 }
        default: Self.changed(body, "addr=") { $0 - 0x40_0000 }
        }
      let report = try verified(lines.text, kernel.overrides)
      #expect(!report.holds, "line \(index): \(lines.lines[index].body)")
    }
  }

  @Test("a list's refresh at another place does not hold")
  func otherList() throws {
    let kernel = Self.kernel(.lazyBitmap)
    for index in Self.some(kernel.lines.indices(of: .listRefresh), 5) {
      var lines = kernel.lines
      lines.lines[index].body = Self.changed(lines.lines[index].body, "addr=") { $0 + 0x8_0000 }
      let report = try verified(lines.text, kernel.overrides)
      #expect(report.iova.divergences > 0)
      #expect(!report.holds, "line \(index)")
    }
  }

  @Test("a returned address that is not the refreshed one does not hold")
  func otherReturn() throws {
    for policy in [Policy.lazyBitmap, .strictBitmap] {
      let kernel = Self.kernel(policy)
      for index in Self.some(kernel.lines.indices(of: .mapReturn)) {
        var lines = kernel.lines
        lines.lines[index].body = Self.changed(lines.lines[index].body, "dma=") { $0 + 0x1000 }
        let report = try verified(lines.text, kernel.overrides)
        #expect(!report.holds)
        #expect(report.range.equal < report.range.recorded)
      }
    }
  }

  @Test("a whole mapping at another address is a divergence", arguments: Policy.allCases)
  func otherAddress(_ policy: Policy) throws {
    let kernel = Self.kernel(policy)
    for index in Self.some(kernel.lines.indices(of: .mapRefresh), 5) {
      let mapping = kernel.lines.lines[index].mapping
      var lines = kernel.lines
      // Where no other mapping has ever been: the kernel would not have gone there.
      for place in lines.lines.indices where lines.lines[place].mapping == mapping {
        for key in ["addr=", "dma=", "iova="] {
          lines.lines[place].body = Self.changed(lines.lines[place].body, key) {
            kernel.usesProbes ? $0 ^ 0x10_0000 : $0 - 0x100_0000
          }
        }
      }
      let report = try verified(lines.text, kernel.overrides)
      #expect(report.iova.divergences > 0)
      #expect(!report.holds)
    }
  }

  @Test("a refresh that is missing is one lost refresh", arguments: Policy.allCases)
  func lostRefresh(_ policy: Policy) throws {
    let kernel = Self.kernel(policy)
    for index in Self.some(kernel.lines.indices(of: .mapRefresh, .unmapRefresh)) {
      var lines = kernel.lines
      lines.lines.remove(at: index)
      if Self.seemsOneMapping(lines, index) { continue }
      let report = try verified(lines.text, kernel.overrides)
      #expect(report.lost.refreshes == 1 && report.lost.total == 1)
      #expect(report.range.equal == report.range.recorded)
      #expect(report.iova.divergences == 0)
      #expect(report.holds)
    }
  }

  /// Whether the mapping lines on either side of `index` follow each other, so that no reader could
  /// tell two mappings from one.
  private static func seemsOneMapping(_ lines: SyntheticLines, _ index: Int) -> Bool {
    let places = lines.indices(of: .mapPages)
    guard let before = places.last(where: { $0 < index }),
      let after = places.first(where: { $0 >= index })
    else { return false }
    let words = lines.lines[before].body.split(separator: " ")
    return lines.lines[after].body.contains("iova=\(words[4]) ")
  }

  @Test(
    "a global refresh that is missing is one lost, and one too many does not hold",
    arguments: [Policy.lazyBitmap, .queueTree])
  func globals(_ policy: Policy) throws {
    let kernel = SyntheticKernel.run(policy, operations: 900, seed: 8)
    let places = kernel.lines.indices(of: .globalRefresh)
    try #require(places.count > 2)
    for index in places {
      var fewer = kernel.lines
      fewer.lines.remove(at: index)
      let lost = try verified(fewer.text, kernel.overrides)
      #expect(lost.lost.globals == 1)
      var more = kernel.lines
      more.lines.insert(more.lines[index], at: index)
      #expect(try !verified(more.text, kernel.overrides).holds)
    }
  }

  @Test("a refresh that is told twice does not hold", arguments: Policy.allCases)
  func twice(_ policy: Policy) throws {
    let kernel = Self.kernel(policy)
    for index in Self.some(kernel.lines.indices(of: .mapRefresh, .unmapRefresh), 5) {
      var lines = kernel.lines
      lines.lines.insert(lines.lines[index], at: index)
      #expect(try !verified(lines.text, kernel.overrides).holds, "line \(index)")
    }
  }

  @Test("whatever is lost, doubled, exchanged or cut, nothing traps", arguments: Policy.allCases)
  func anything(_ policy: Policy) throws {
    let kernel = SyntheticKernel.run(policy, operations: 120, seed: 33)
    var random = SplitMix64(seed: 34)
    for round in 0..<24 {
      var lines = kernel.lines
      for _ in 0...(round / 8) {
        let index = Int(random.next() % UInt64(lines.lines.count))
        let other = Int(random.next() % UInt64(lines.lines.count))
        switch random.next() % 6 {
        case 0: lines.lines.remove(at: index)
        case 1: lines.lines.insert(lines.lines[index], at: other)
        case 2: lines.lines.swapAt(index, other)
        case 3: lines.lines.removeFirst(index / 2)
        case 4: lines.lines.removeLast(index / 2)
        default:
          let shift = random.next() % 52
          for key in ["addr=", "dma=", "range="] {
            lines.lines[index].body = Self.changed(lines.lines[index].body, key) {
              max($0 ^ (1 << shift), 1)
            }
          }
        }
      }
      let report = try verified(lines.text, kernel.overrides)
      #expect(report.range.equal <= report.range.recorded)
      #expect(report.iova.divergences <= report.iova.compared)
      if report.holds { #expect(report.range.equal == report.range.recorded) }
    }
  }

  /// `body` with the hexadecimal number after `key` changed; in `iova=` lines, the end as well.
  private static func changed(
    _ body: String, _ key: String, _ change: (UInt64) -> UInt64
  ) -> String {
    guard let key = body.firstRange(of: key) else { return body }
    let rest = body[key.upperBound...]
    var parts = rest.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
    for place in body[key] == "iova=" ? [0, 2] : [0] {
      guard let number = UInt64(parts[place].dropFirst(2), radix: 16) else { return body }
      parts[place] = hexadecimal(change(number))
    }
    return body[..<key.upperBound] + parts.joined(separator: " ")
  }
}
