import TestSupport
import Testing

@testable import KernelTraces

@Suite("Stale pages")
struct StalePagesTests {
  @Test("are those of a set of pages, whatever overlaps")
  func oracle() {
    var random = SplitMix64(seed: 0x57a1e)
    var stale = StalePages()
    var pages: Set<UInt64> = []
    for _ in 0..<5_000 {
      let first = UInt64.random(in: 0..<200, using: &random)
      let last = first + UInt64.random(in: 0..<12, using: &random)
      switch Int.random(in: 0..<40, using: &random) {
      case 0:
        stale.invalidateAll()
        pages.removeAll()
      case 1..<18:
        // Bytes within the pages do as well.
        stale.invalidate(first << 12 + 5, last << 12 + 7)
        pages.subtract(first...last)
      default:
        stale.add((first << 12)...(last << 12 + 4_095))
        pages.formUnion(first...last)
      }
      if stale.count != UInt64(pages.count) {
        Issue.record("\(stale.count) and not \(pages.count)")
        return
      }
    }
  }

  @Test("reach up to the top of the space")
  func top() {
    var stale = StalePages()
    stale.add((.max - 8_191)...(.max))
    stale.add((.max - 4_095)...(.max))
    stale.add(0...4_095)
    #expect(stale.count == 3)
    stale.invalidate(.max, .max)
    #expect(stale.count == 2)
    stale.invalidate(0, .max)
    #expect(stale.count == 0)
  }
}
