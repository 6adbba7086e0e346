import Synchronization

/// Going on to the next word of the chunk that a processor hands out from.
extension RolloverAllocator {
  /// The same as a range; `nil` too where not every page would do.
  @usableFromInline
  @inline(never)
  borrowing func openNextPage(_ request: IOVARequest, on cpu: CPUIndex) -> IOVARange? {
    if !takesAny(request) { return nil }
    guard let page = openNextPage(on: cpu, log2: UInt64(space.granule.log2)) else { return nil }
    return IOVARange(ordered: page.first, IOVA(page.first.rawValue &+ space.pageMask))
  }

  /// Whether a request for one page is met by any of the aperture.
  @inline(__always)
  borrowing func takesAny(_ request: IOVARequest) -> Bool {
    request.limit >= aperture.last && space.pageMask & ~request.boundaryMask == 0
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
    let page = openWord(inChunk: number)
    chunks.unlock(number)
    guard let page else { return nil }
    let index = number << 2 | page >> 6
    makeCurrent(word: index, slot: slot)
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
    return openWords[index].page(UInt64(page & 63), log2: log2)
  }

  /// Opens the first word with a free page of a chunk, from its cursor on, and takes that page.
  ///
  /// Context: the chunk's lock. `nil` where there is none.
  @inline(__always)
  borrowing func openWord(inChunk number: Int) -> Int? {
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
    if word >= 4 { return nil }
    chunks[number].busy.words[word & 3] |= free
    chunks[number].cursor = UInt16((word + 1) << 6)
    YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
    // Another processor may have pages of the same word open; they stay.
    openWords[number << 2 | word].bits.bitwiseOr(free & (free &- 1), ordering: .releasing)
    return word << 6 | free.trailingZeroBitCount
  }
}
