/// Measures after how much other work something is used again: exact LRU stack distances.
///
/// The distance of a use is the number of distinct other keys used since the use before of the same
/// key: 0 where none came between. Uses are numbered; a Fenwick tree over the numbers holds a 1 at
/// each key's last use, so that the distance is a sum over the numbers between (Bennett and
/// Kruskal, LRU Stack Processing, IBM Journal of Research and Development 19, 1975). When the
/// numbers run out, the last uses are renumbered from 1.
///
/// Complexity: O(log n) for each use in the distinct keys, amortised. Memory: O(n).
public struct ReuseDistance: Sendable {
  private var lastUse: [UInt64: Int] = [:]
  /// The tree over the numbers from 1; element 0 is not used.
  private var tree: [UInt32]
  private var useNext = 1

  /// No use yet.
  public init() {
    tree = Array(repeating: 0, count: 1_025)
  }

  /// The number of distinct keys used.
  public var keys: Int { lastUse.count }

  /// Notes a use of `key` and answers its distance, or `nil` for the first use.
  public mutating func use(_ key: UInt64) -> UInt64? {
    if useNext == tree.count { renumber() }
    let use = useNext
    useNext += 1
    guard let before = lastUse.updateValue(use, forKey: key) else {
      add(1, at: use)
      return nil
    }
    // Of all last uses, those up to `before`, its own among them, lie further back.
    let distance = lastUse.count - Int(sum(to: before))
    add(.max, at: before)
    add(1, at: use)
    return UInt64(distance)
  }

  /// Adds to one number; `.max` takes 1 away, since all sums wrap around.
  private mutating func add(_ value: UInt32, at number: Int) {
    var index = number
    while index < tree.count {
      tree[index] &+= value
      index += index & -index
    }
  }

  private func sum(to number: Int) -> UInt32 {
    var total: UInt32 = 0
    var index = number
    while index > 0 {
      total &+= tree[index]
      index -= index & -index
    }
    return total
  }

  /// Numbers the last uses from 1 in their order, with room for as many more.
  private mutating func renumber() {
    let order = lastUse.sorted { $0.value < $1.value }.map(\.key)
    let count = max(1_024, order.count * 2)
    tree = Array(repeating: 0, count: count + 1)
    for (index, key) in order.enumerated() {
      lastUse[key] = index + 1
      tree[index + 1] = 1
    }
    useNext = order.count + 1
    // Each node passes what it holds to the next one above it.
    for index in 1...count {
      let parent = index + (index & -index)
      if parent <= count { tree[parent] &+= tree[index] }
    }
  }
}
