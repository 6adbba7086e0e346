import Synchronization

/// Going on to the next word of the chunk that a processor hands out from.
extension RolloverAllocator {
  /// The same as a range; `nil` too where not every page would do.
  @usableFromInline
  @inline(never)
  borrowing func openNextPage(_ request: IOVARequest, on cpu: CPUIndex) -> IOVARange? {
    if request.limit < aperture.last { return nil }
    if space.pageMask & ~request.boundaryMask != 0 { return nil }
    guard let page = openNextPage(on: cpu, log2: UInt64(space.granule.log2)) else { return nil }
    return IOVARange(ordered: page.first, IOVA(page.first.rawValue &+ space.pageMask))
  }

  /// The lowest free page of the next word with one in the processor's current chunk; the others of
  /// that word are the processor's to hand out.
  ///
  /// For requests that any page of the aperture meets. Complexity: constant; takes the chunk's
  /// lock. `nil` where the chunk has none behind its cursor.
  @usableFromInline
  @inline(never)
  borrowing func openNextPage(on cpu: CPUIndex, log2: UInt64) -> OpenPage? {
    let slot = slot(of: cpu)
    YieldPoint.reached(.load, shared.part(RolloverPart.current(slot)))
    let number = processors[slot].current.load(ordering: .relaxed)
    if number == chunkCount { return nil }
    chunks.lock(number)
    reclaimIfFinished(number)
    let cursor = UInt64(chunks[number].cursor)
    var word = Int(cursor >> 6)
    // What lies below the cursor was looked at before.
    var free = UInt64.max &<< (cursor & 63)
    while word < 4 {
      free &= ~chunks[number].busy.words[word & 3]
      if free != 0 { break }
      word += 1
      free = .max
    }
    if word >= 4 {
      chunks.unlock(number)
      return nil
    }
    chunks[number].busy.words[word & 3] |= free
    chunks[number].cursor = UInt16((word + 1) << 6)
    let index = number << 2 | word
    YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
    // Another processor may have pages of the same word open; they stay.
    openWords[index].bits.bitwiseOr(free & (free &- 1), ordering: .releasing)
    chunks.unlock(number)
    makeCurrent(word: index, slot: slot)
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
    let page = UInt64(truncatingIfNeeded: free.trailingZeroBitCount)
    return openWords[index].page(page, log2: log2)
  }
}
