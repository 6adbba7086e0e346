/// One flush queue: a ring of unmapped ranges that wait for a global invalidation.
///
/// Source: Linux, drivers/iommu/iova.c (6.0 and before) and dma-iommu.c (since), `struct iova_fq`:
/// a power of two of entries of which one stays empty, so that full and empty differ; each entry
/// carries the number of flushes that had started when it was queued.
struct FlushRing: ~Copyable {
  struct Entry {
    var first = IOVA(0)
    var byteCountMinusOne: UInt64 = 0
    var startedFlushes: UInt64 = 0
    /// Whether the range was taken out; the entry keeps its place and frees nothing.
    var isVoid = false
  }

  let lock = SpinLock()
  private let entries: FixedStorage<Entry>
  private let state: FixedStorage<Int>  // head, tail

  init(entries count: Int) {
    entries = FixedStorage(count: count) { _ in Entry() }
    state = FixedStorage(count: 2) { _ in 0 }
  }

  /// Whether no further entry fits; the lock is held.
  var isFull: Bool {
    (state[1] &+ 1) & (entries.count &- 1) == state[0]
  }

  /// Appends a range; the lock is held and the ring is not full.
  func append(_ range: IOVARange, startedFlushes: UInt64) {
    let tail = state[1]
    entries[tail] = Entry(
      first: range.first, byteCountMinusOne: range.byteCountMinusOne,
      startedFlushes: startedFlushes)
    state[1] = (tail &+ 1) & (entries.count &- 1)
  }

  /// Takes the oldest entry if a flush that began after it has finished; the lock is held.
  func takeFlushed(finishedFlushes: UInt64) -> IOVARange? {
    while state[0] != state[1] {
      let entry = entries[state[0]]
      if entry.startedFlushes >= finishedFlushes { return nil }
      state[0] = (state[0] &+ 1) & (entries.count &- 1)
      if entry.isVoid { continue }
      guard let last = entry.first.advanced(by: entry.byteCountMinusOne) else { return nil }
      return IOVARange(first: entry.first, last: last)
    }
    return nil
  }

  /// Takes `range` out from among the others, or gives `false`; the lock is held.
  ///
  /// Complexity: linear in the entries that are younger.
  func withdraw(_ range: IOVARange) -> Bool {
    var index = state[1]
    while index != state[0] {
      index = (index &- 1) & (entries.count &- 1)
      let entry = entries[index]
      if entry.first == range.first && entry.byteCountMinusOne == range.byteCountMinusOne
        && !entry.isVoid
      {
        entries[index].isVoid = true
        return true
      }
    }
    return false
  }
}
