import Synchronization

/// The stale pages of a chunk, which retiring adds to without the chunk's lock.
extension RolloverAllocator {
  /// The stale pages of a chunk now.
  ///
  /// With the chunk's lock held none of them goes away, and any may join.
  @inline(__always)
  borrowing func stalePages(ofChunk number: Int) -> PageBits {
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
    var result = PageBits()
    let line = chunks.line(number)
    for word in 0..<4 {
      result.words[word & 3] = line[staleWord: UInt64(word)].load(ordering: .acquiring)
    }
    return result
  }

  /// Takes pages out, whose chunk's lock is held, and returns those that remain.
  borrowing func removeStale(_ bits: PageBits, inChunk number: Int) -> PageBits {
    YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
    var rest = PageBits()
    for word in 0..<4 {
      rest.words[word & 3] =
        chunks[staleOf: number << 2 | word].bitwiseAnd(
          ~bits.words[word & 3], ordering: .acquiringAndReleasing
        ).newValue
    }
    return rest
  }

  /// Lets single pages be retired without the chunk's lock as long as `stamp` is the present.
  ///
  /// With `never` none is, nor in a chunk whose leaf follows what comes back. Context: the chunk's
  /// lock.
  @inline(__always)
  borrowing func openRetiring(_ number: Int, stamp: UInt64) {
    YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
    let isFollowed = countsStale || chunks[number].isSummarised
    let allowed = isFollowed ? RolloverChunkState.never : stamp
    chunks[openStampOf: number].store(allowed, ordering: .relaxed)
  }

  /// Whether a chunk waits for an invalidation, or was covered by one and not visited since.
  @inline(__always)
  borrowing func isStale(_ number: Int) -> Bool {
    chunks[number].stamp != RolloverChunkState.never
  }

  /// Takes all stale pages out of a chunk that an invalidation has covered, and makes them free.
  ///
  /// Context: the chunk's and the lists' lock; the chunk was just taken out of its stale list. Who
  /// retires without the lock sets the bit and then looks at the stamp again: the stamp goes first
  /// here, so that either the bit is found below, and its page was covered, or the other sees the
  /// stamp gone, and settles it.
  borrowing func freeAllStale(_ number: Int) {
    openRetiring(number, stamp: RolloverChunkState.never)
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    var freed = PageBits()
    YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
    let line = chunks.line(number)
    for word in 0..<4 {
      freed.words[word & 3] = line[staleWord: UInt64(word)].exchange(
        0, ordering: .acquiringAndReleasing)
    }
    chunks[number].busy = chunks[number].busy.subtracting(freed)
    chunks[number].forgetStale()
  }
}
