public import Synchronization

extension RolloverAllocator {
  /// Takes back a range that no device can reach any more; it may be handed out at once.
  ///
  /// `range` is exactly what `allocate` gave. A page that is not live is a programmer's error.
  /// Complexity: a visit to each chunk of the range; the first page freed in a full chunk takes the
  /// lists' lock. Context: any processor. Allocates: never. Invalidates: nothing, and nothing needs
  /// to be.
  @inlinable
  public borrowing func free(_ range: IOVARange, on cpu: CPUIndex) {
    if range.byteCountMinusOne != space.granule.byteCount &- 1 {
      return freeRange(range)
    }
    precondition(space.aperture.contains(range), "the range is not the allocator's")
    let page = space.page(of: range.first)
    let number = Int(truncatingIfNeeded: page &>> 8)
    let word = Int(truncatingIfNeeded: page &>> 6) & 3
    let bit = UInt64(1) &<< (page & 63)
    chunks.lock(number)
    let busy = chunks[number].busy.words[word]
    let index = number &<< 2 | word
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
    let notLive =
      chunks[staleOf: index].load(ordering: .relaxed)
      | openWords[index].bits.load(ordering: .relaxed)
    precondition(busy & ~notLive & bit != 0, "freed a page that is not live")
    chunks[number].busy.words[word] = busy & ~bit
    if !chunks[number].isTracked { return trackFreedAndUnlock(number) }
    // It may have made a run longer.
    if chunks[number].listed != 0 || chunks[number].isSummarised {
      return trackFreedAndUnlock(number)
    }
    chunks.unlock(number)
  }

  @usableFromInline
  @inline(never)
  borrowing func trackFreedAndUnlock(_ number: Int) {
    trackFreed(number)
    chunks.unlock(number)
  }

  /// Frees any number of pages.
  @usableFromInline
  @inline(never)
  borrowing func freeRange(_ range: IOVARange) {
    let pages = checkedPages(of: range)
    for number in chunkNumbers(of: pages) {
      let bits = space.bits(of: pages, inChunk: number)
      chunks.lock(number)
      precondition(isLive(bits, inChunk: number), "freed a page that is not live")
      release(bits, ofChunk: number)
      chunks.unlock(number)
    }
  }

  /// Withdraws the pages that `range` touches from being handed out, for ever.
  ///
  /// Call it before the first `allocate`. Parts outside the aperture, and parts that were reserved
  /// before, are left as they are. Complexity: a visit to each chunk. Allocates: never.
  public borrowing func reserve(_ range: IOVARange) {
    guard let pages = space.pages(of: range) else { return }
    for number in chunkNumbers(of: pages) {
      let bits = space.bits(of: pages, inChunk: number)
      chunks.lock(number)
      let added = bits.subtracting(chunks[number].busy).count
      chunks[number].busy.formUnion(bits)
      chunks.unlock(number)
      permanentPages.wrappingAdd(UInt64(added), ordering: .relaxed)
    }
  }

  /// Makes pages free that this call, or its caller, has held.
  borrowing func release(_ pages: ClosedRange<UInt64>) {
    for number in chunkNumbers(of: pages) {
      chunks.lock(number)
      release(space.bits(of: pages, inChunk: number), ofChunk: number)
      chunks.unlock(number)
    }
  }

  private borrowing func release(_ bits: PageBits, ofChunk number: Int) {
    chunks[number].busy = chunks[number].busy.subtracting(bits)
    trackFreed(number)
  }

  /// Sees to it that pages just freed in a chunk, whose lock is held, will be found.
  ///
  /// A chunk is moved to another free list when its longest run has become longer: who asks for a
  /// run of that length has to find it.
  @inline(__always)
  borrowing func trackFreed(_ number: Int) {
    followSummary(number)
    let (isNeeded, longest) = needsTracking(number)
    if isNeeded { track(number, longestFree: longest) }
  }

  /// The same for pages that lie side by side, of which `page`, 0…255, is one: no other run has
  /// become longer.
  @inline(__always)
  borrowing func trackFreed(_ number: Int, around page: Int) {
    followSummary(number)
    let listed = Int(chunks[number].listed)
    // Where it is not tracked nothing else is free.
    if listed == 0, chunks[number].isTracked { return }
    let longest = chunks[number].free.run(around: page).count
    if longest > listed { track(number, longestFree: longest) }
  }

  /// Whether a chunk in which pages became free is not listed for what it has.
  ///
  /// With its longest run, where that was looked for. Whoever has just taken it off a list finds
  /// the pages, and lists it again.
  borrowing func needsTracking(_ number: Int) -> (isNeeded: Bool, longest: Int?) {
    if !chunks[number].isTracked { return (true, nil) }
    let listed = Int(chunks[number].listed)
    if listed == 0 { return (false, nil) }
    let longest = chunks[number].free.longestRun.count
    return (longest > listed, longest)
  }

  /// Puts a chunk, whose lock is held, on the free list where it belongs.
  @inline(never)
  borrowing func track(_ number: Int, longestFree: Int? = nil) {
    lists.lock.lock()
    updateTracking(number, longestFree: longestFree)
    lists.lock.unlock()
  }

  /// Whether every page of `bits` was handed out and not given back.
  borrowing func isLive(_ bits: PageBits, inChunk number: Int) -> Bool {
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
    let line = chunks.line(number)
    let busy = chunks[number].busy
    var other: UInt64 = 0
    for word in 0..<4 {
      let notLive =
        line[staleWord: UInt64(word)].load(ordering: .relaxed)
        | openWords[number << 2 | word].bits.load(ordering: .relaxed)
      other |= bits.words[word & 3] & (notLive | ~busy.words[word & 3])
    }
    return other == 0
  }

  /// The pages of a range that was handed out.
  borrowing func checkedPages(of range: IOVARange) -> ClosedRange<UInt64> {
    precondition(space.aperture.contains(range), "the range is not the allocator's")
    return space.page(of: range.first)...space.page(of: range.last)
  }
}
