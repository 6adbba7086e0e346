/// One flush queue: a ring of unmapped ranges that wait for a global invalidation.
///
/// Source: Linux, drivers/iommu/iova.c (6.0 and before) and dma-iommu.c (since), `struct iova_fq`:
/// a power of two of entries of which one stays empty, so that full and empty differ; each entry
/// carries the number of flushes that had started when it was queued.
/// Context: the lock of the ring, which lies elsewhere, guards every member.
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

  @usableFromInline let entries: FixedStorage<Entry>
  /// The number of entries ever taken out: modulo the ring's size, the place of the oldest.
  @usableFromInline var taken: UInt64 = 0
  /// The number of entries ever put in.
  @usableFromInline var put: UInt64 = 0
  /// Up to 128 bytes, so that no two processors' rings share lines that are fetched together.
  private let padding: [12 of UInt64] = InlineArray(repeating: 0)

  init(entries count: Int) {
    entries = FixedStorage(count: count) { _ in
      Entry(range: IOVARange(byte: IOVA(0)), startedFlushes: 0)
    }
  }

  /// Where entry `number` lies.
  @inlinable
  func place(_ number: UInt64) -> Int {
    Int(truncatingIfNeeded: number) & (entries.count &- 1)
  }

  /// Whether no further entry fits.
  @inlinable
  var isFull: Bool { put &- taken >= UInt64(truncatingIfNeeded: entries.count &- 1) }

  /// Appends a range; the ring is not full.
  @inlinable
  mutating func append(_ range: IOVARange, startedFlushes: UInt64) {
    entries[place(put)] = Entry(range: range, startedFlushes: startedFlushes)
    put &+= 1
  }

  /// Whether the oldest entry's flush has finished, or no further entry fits.
  @inlinable
  @inline(__always)
  func needsLook(finishedFlushes: UInt64) -> Bool {
    let waiting = put &- taken
    if waiting == 0 { return false }
    if waiting >= UInt64(truncatingIfNeeded: entries.count &- 1) { return true }
    return entries[place(taken)].startedFlushes < finishedFlushes
  }

  /// Takes the oldest entry if a flush that began after it has finished.
  @inlinable
  mutating func takeFlushed(finishedFlushes: UInt64) -> IOVARange? {
    while taken != put {
      let oldest = entries[place(taken)]
      if oldest.startedFlushes >= finishedFlushes { return nil }
      taken &+= 1
      if !oldest.isVoid { return oldest.range }
    }
    return nil
  }

  /// Takes `range` out from among the others, or gives `false`.
  ///
  /// Complexity: linear in the entries that are younger.
  func withdraw(_ range: IOVARange) -> Bool {
    var number = put
    while number != taken {
      number &-= 1
      let place = place(number)
      if entries[place].range == range && !entries[place].isVoid {
        entries[place].isVoid = true
        return true
      }
    }
    return false
  }
}

/// The lock of a ``FlushRing``, apart from it: a change of the ring must not be one of the lock.
@usableFromInline
struct FlushRingLock: ~Copyable, Sendable {
  @usableFromInline let lock = SpinLock("flush ring", lines: 1)
  private let padding: [15 of UInt64] = InlineArray(repeating: 0)

  init() {}
}
