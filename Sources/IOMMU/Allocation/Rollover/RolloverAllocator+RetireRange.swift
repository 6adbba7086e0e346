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
    let count = Int(last - first) + 1
    YieldPoint.reached(.load, name)
    if line[.stamp].load(ordering: .relaxed) != started {
      let bits = PageBits(from: Int(first & 255), to: Int(last & 255) + 1)
      return retireLocked(bits, count: count, ofChunk: number, at: now, on: cpu)
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
      noteRetiredRun(of: count, started: started)
    }
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
