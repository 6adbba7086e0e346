import KernelTraces
import TestSupport
import Testing

@Suite("Reuse distances")
struct ReuseDistanceTests {
  /// The obvious way: keys in the order of their last use, latest first.
  private struct Oracle {
    var keys: [UInt64] = []

    mutating func use(_ key: UInt64) -> UInt64? {
      let place = keys.firstIndex(of: key)
      if let place { keys.remove(at: place) }
      keys.insert(key, at: 0)
      return place.map { UInt64($0) }
    }
  }

  @Test("equal those of a list that is searched", arguments: [1, 2, 40, 700, 5_000] as [UInt64])
  func oracle(_ keys: UInt64) {
    var random = SplitMix64(seed: keys)
    var distance = ReuseDistance()
    var oracle = Oracle()
    for step in 0..<12_000 {
      // Half of the uses are near the one before, so that short distances occur too.
      let near = step % 2 == 0
      let key = near ? UInt64(step) % keys : UInt64.random(in: 0..<keys, using: &random)
      let found = distance.use(key)
      let expected = oracle.use(key)
      if found != expected {
        Issue.record("use \(step) of \(key): \(String(describing: found))")
        return
      }
    }
    #expect(distance.keys == oracle.keys.count)
  }

  @Test("are those of a textbook's example")
  func example() {
    var distance = ReuseDistance()
    #expect([1, 2, 3, 1, 1, 3, 2].map { distance.use($0) } == [nil, nil, nil, 2, 0, 1, 2])
  }
}
