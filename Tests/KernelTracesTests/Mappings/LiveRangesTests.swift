import TestSupport
import Testing

@testable import KernelTraces

@Suite("Live ranges")
struct LiveRangesTests {
  @Test("agree with a list that is searched from end to end", arguments: [1 as UInt64, 2, 3])
  func againstList(_ seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var ranges = LiveRanges()
    var list: [LiveRanges.Entry] = []
    for step in 0..<4_000 {
      let first = UInt64.random(in: 0..<20_000, using: &random) * 4096
      let last = first + UInt64.random(in: 1...8, using: &random) * 4096 - 1
      let overlap = list.filter { $0.first <= last && first <= $0.last }.min { $0.first < $1.first }
      #expect(ranges.firstOverlap(first, last)?.mapping == overlap?.mapping)
      if let overlap, step % 3 == 0 {
        let taken = ranges.takeFirstOverlap(first, last)
        #expect(taken?.mapping == overlap.mapping)
        list.removeAll { $0.mapping == overlap.mapping }
      } else if overlap == nil {
        let entry = LiveRanges.Entry(first: first, last: last, mapping: UInt64(step))
        ranges.insert(entry)
        list.append(entry)
      }
    }
    #expect(list.count > 600, "the chunks have been split")
  }

  @Test("hold the whole space")
  func wholeSpace() {
    var ranges = LiveRanges()
    ranges.insert(LiveRanges.Entry(first: 0, last: .max, mapping: 1))
    #expect(ranges.firstOverlap(.max, .max)?.mapping == 1)
    #expect(ranges.takeFirstOverlap(0, 0)?.mapping == 1)
    #expect(ranges.firstOverlap(0, .max) == nil)
  }
}
