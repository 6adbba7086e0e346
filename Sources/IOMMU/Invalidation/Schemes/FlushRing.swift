/// One flush queue: a ring of unmapped ranges that wait for a global invalidation.
///
/// Source: Linux, drivers/iommu/iova.c (6.0 and before) and dma-iommu.c (since), `struct iova_fq`:
/// a power of two of entries of which one stays empty, so that full and empty differ; each entry
/// carries the number of flushes that had started when it was queued.
@usableFromInline
struct FlushRing: ~Copyable {
  @usableFromInline
  struct Entry {
    @usableFromInline let range: IOVARange
    @usableFromInline let startedFlushes: UInt64
    /// Whether the range was taken out; the entry keeps its place and frees nothing.
    @usableFromInline var isVoid = false

    @inlinable
    init(range: IOVARange, startedFlushes: UInt64) {
      self.range = range
      self.startedFlushes = startedFlushes
    }
  }

  @usableFromInline let lock = SpinLock()
  @usableFromInline let entries: FixedStorage<Entry>
  /// The oldest entry.
  @usableFromInline var head = 0
  /// Where the next entry goes.
  @usableFromInline var tail = 0

  init(entries count: Int) {
    entries = FixedStorage(count: count) { _ in
      Entry(range: IOVARange(byte: IOVA(0)), startedFlushes: 0)
    }
  }

  @inlinable
  func next(_ index: Int) -> Int { (index &+ 1) & (entries.count &- 1) }

  /// Whether no further entry fits; the lock is held.
  @inlinable
  var isFull: Bool { next(tail) == head }

  /// Appends a range; the lock is held and the ring is not full.
  @inlinable
  mutating func append(_ range: IOVARange, startedFlushes: UInt64) {
    entries[tail] = Entry(range: range, startedFlushes: startedFlushes)
    tail = next(tail)
  }

  /// Whether the oldest entry's flush has finished; the lock is held.
  @inlinable
  func hasFlushed(finishedFlushes: UInt64) -> Bool {
    head != tail && entries[head].startedFlushes < finishedFlushes
  }

  /// Takes the oldest entry if a flush that began after it has finished; the lock is held.
  @inlinable
  mutating func takeFlushed(finishedFlushes: UInt64) -> IOVARange? {
    while hasFlushed(finishedFlushes: finishedFlushes) {
      let oldest = head
      head = next(head)
      if !entries[oldest].isVoid { return entries[oldest].range }
    }
    return nil
  }

  /// Takes `range` out from among the others, or gives `false`; the lock is held.
  ///
  /// Complexity: linear in the entries that are younger.
  func withdraw(_ range: IOVARange) -> Bool {
    var index = tail
    while index != head {
      index = (index &- 1) & (entries.count &- 1)
      if entries[index].range == range && !entries[index].isVoid {
        entries[index].isVoid = true
        return true
      }
    }
    return false
  }
}
