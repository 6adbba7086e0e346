import Synchronization

/// Retiring several pages at once.
extension RolloverAllocator {
  /// Retires any number of pages; see ``retire(_:at:on:)``.
  ///
  /// Complexity: four words for each chunk, no lock but where one page would take it.
  @usableFromInline
  @inline(never)
  borrowing func retireRange(_ range: IOVARange, at now: Instant, on cpu: CPUIndex) {
    let pages = checkedPages(of: range)
    let started = startedInvalidations()
    var page = pages.lowerBound
    while page <= pages.upperBound {
      let last = min(page | 255, pages.upperBound)
      retire(from: page, to: last, while: started, at: now, on: cpu)
      page = last + 1
    }
  }

  /// Retires pages of one chunk: without its lock, where that waits for an invalidation already.
  ///
  /// As with one page, the stamp is looked at again when all bits are there: then either whoever
  /// frees stale pages finds them, and they were covered, or this finds the stamp gone.
  private borrowing func retire(
    from first: UInt64, to last: UInt64, while started: UInt64, at now: Instant, on cpu: CPUIndex
  ) {
    let number = Int(first >> 8)
    let line = chunks.line(number)
    let name = shared.part(RolloverPart.chunk(number))
    YieldPoint.reached(.load, name)
    if line[.stamp].load(ordering: .relaxed) != started {
      return retireLocked(from: first, to: last, at: now, on: cpu)
    }
    var word = first >> 6
    var mask = UInt64.max << (first & 63)
    while word < last >> 6 {
      markStale(mask, inWord: word, of: line, name)
      mask = .max
      word += 1
    }
    markStale(mask & UInt64.max >> (63 - last & 63), inWord: word, of: line, name)
    YieldPoint.reached(.load, name)
    if line[.stamp].load(ordering: .sequentiallyConsistent) != started {
      settle(from: first, to: last, at: now, on: cpu)
    } else {
      noteRetiredRun(of: last &- first &+ 1, started: started)
    }
  }

  /// Retires pages of a chunk that may be the first there since an invalidation began.
  borrowing func retireLocked(
    from first: UInt64, to last: UInt64, at now: Instant, on cpu: CPUIndex
  ) {
    let number = Int(truncatingIfNeeded: first &>> 8)
    chunks.lock(number)
    prepareForStale(number, at: now, slot: slot(of: cpu))
    let line = chunks.line(number)
    var word = first &>> 6
    var mask = UInt64.max &<< (first & 63)
    while word < last &>> 6 {
      markLiveStale(mask, inWord: word, of: line, number)
      mask = .max
      word &+= 1
    }
    markLiveStale(mask & UInt64.max &>> (63 &- last & 63), inWord: word, of: line, number)
    if first != last { noteRetiredRun(of: last &- first &+ 1, started: chunks[number].stamp) }
    if countsStale { countStale(last &- first &+ 1, ofChunk: number, slot: slot(of: cpu)) }
    followRetired(Int(first & 255), ofChunk: number)
    chunks.unlock(number)
  }

  /// Sets the stale bits `mask` of a word, all of which are live pages, under the chunk's lock.
  @inline(__always)
  private borrowing func markLiveStale(
    _ mask: UInt64, inWord word: UInt64, of line: RolloverChunkLine, _ number: Int
  ) {
    YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
    let stale = line[staleWord: word].load(ordering: .relaxed)
    let open = openWords[Int(truncatingIfNeeded: word)].bits.load(ordering: .relaxed)
    let busy = chunks[number].busy.words[Int(truncatingIfNeeded: word & 3)]
    precondition(mask & (stale | open | ~busy) == 0, "retired a page that is not live")
    line[staleWord: word].bitwiseOr(mask, ordering: .releasing)
  }

  /// Sets the stale bits `mask` of a word, none of which may be set.
  @inline(__always)
  private borrowing func markStale(
    _ mask: UInt64, inWord word: UInt64, of line: RolloverChunkLine, _ name: SharedObject
  ) {
    YieldPoint.reached(.store, name)
    // One exchange where every bit is the range's; an OR that tells is a loop on x86-64.
    let old =
      mask == .max
      ? line[staleWord: word].exchange(.max, ordering: .sequentiallyConsistent)
      : line[staleWord: word].bitwiseOr(mask, ordering: .sequentiallyConsistent).oldValue
    precondition(old & mask == 0, "retired a page that is not live")
  }

  /// Puts the chunk of pages, whose stale bits were set without its lock, on a list, unless all of
  /// them were made free or the chunk is on one.
  @inline(never)
  borrowing func settle(
    from first: UInt64, to last: UInt64, at now: Instant, on cpu: CPUIndex
  ) {
    let number = Int(first >> 8)
    let bits = PageBits(from: Int(first & 255), to: Int(last & 255) + 1)
    chunks.lock(number)
    if !stalePages(ofChunk: number).intersection(bits).isEmpty {
      prepareForStale(number, at: now, slot: slot(of: cpu))
    }
    // Some of them may have been made free and taken since: so not only what lies around the first.
    followSummary(number)
    chunks.unlock(number)
  }
}
