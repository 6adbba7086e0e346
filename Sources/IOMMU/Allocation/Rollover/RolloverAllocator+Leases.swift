public import Synchronization

/// Single pages with their leaf table at hand.
///
/// A chunk is given the lease of its entries with the first page of it that is mapped, and gives it
/// back when none of its pages is live. Between the two, mapping and unmapping a page find the
/// entry through the chunk, without a walk and without counting.
extension RolloverAllocator {
  /// What a processor has of its own.
  @inlinable
  @inline(__always)
  borrowing func source(on cpu: CPUIndex) -> OpenPageSource {
    OpenPageSource(rawValue: processors.place(of: slot(of: cpu)))
  }

  /// What the processors counted, in sum.
  var leasedMappings: LeasedMappings {
    var (made, takenBack): (UInt64, UInt64) = (0, 0)
    for slot in 0..<processors.count {
      takenBack &+= processors[slot].unmapped.load(ordering: .relaxed)
      made &+= processors[slot].mapped.load(ordering: .relaxed)
    }
    return LeasedMappings(made: made, takenBack: takenBack)
  }

  /// The lowest page left in the processor's open word, with its chunk's lease if there is one.
  ///
  /// `log2` is the granule's, which the caller knows as a constant, here and in what follows.
  /// Complexity: constant, without a lock. `nil` where the word is used up, or was taken from just
  /// now by somebody else.
  @inlinable
  @inline(__always)
  borrowing func takeOpenPage(from source: OpenPageSource, log2: UInt64) -> OpenPage? {
    let slot = processors.slot(at: source.rawValue)
    YieldPoint.reached(.load, shared.part(RolloverPart.current(slot)))
    // Relaxed: any word will do, even one that was just closed.
    let place = processors[at: source.rawValue].word.load(ordering: .relaxed)
    return openWords[at: place].takePage(
      log2: log2, shared.part(RolloverPart.chunk(openWords.number(at: place) &>> 2)))
  }

  /// A live page, with its chunk's lease; `nil` where the chunk has none.
  @usableFromInline
  borrowing func leasedPage(at first: IOVA) -> OpenPage? {
    let page = space.page(of: first)
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(Int(page >> 8))))
    let leaf = chunks[leafOf: Int(page >> 8)].load(ordering: .acquiring)
    return leaf == 0
      ? nil
      : OpenPage(
        first: first, index: page, leaf: LeafHandle(rawValue: leaf),
        place: chunks.line(Int(page >> 8)).place)
  }

  /// Has `clear` clear the entry of a page that was handed out with a lease, and retires the page.
  ///
  /// `first` is any address in the page, `place` what came with it. `clear` answers whether there
  /// was a valid entry; it orders what follows behind it, which takes the place of the fence in
  /// `startedInvalidations`. Complexity: constant, without a lock; what would need one is left to
  /// the caller.
  @inlinable
  @inline(__always)
  borrowing func retireOpenPage(
    _ first: IOVA, at place: OpenPagePlace, log2: UInt64, on cpu: CPUIndex, now: () -> Instant,
    clear: () -> Bool
  ) -> OpenPageRetirement {
    // Chunks lie at multiples of their size: the address alone tells which page of its chunk it is.
    let index = first.rawValue &>> log2
    let name = shared.part(
      RolloverPart.chunk(Int(truncatingIfNeeded: index &- space.base &>> log2) &>> 8))
    let line = RolloverChunkLine(at: place)
    if !clear() { return .refused }
    YieldPoint.reached(.load, shared.part(RolloverPart.started))
    let started = flushStarted.load(ordering: .sequentiallyConsistent)
    YieldPoint.reached(.load, name)
    if line[.stamp].load(ordering: .relaxed) != started { return .left }
    markStale(index, in: line, name, while: started) {
      settle(space.page(of: first), at: now(), on: cpu)
    }
    return .retired
  }

  /// Sets a page's stale bit without its chunk's lock; the chunk's stamp was `started` just now.
  ///
  /// Of `index` only the low 8 bits count. `name` is what yield points call the chunk; `settle` is
  /// for the rare case that the stamp was removed before the bit was there.
  @inlinable
  @inline(__always)
  borrowing func markStale(
    _ index: UInt64, in line: RolloverChunkLine, _ name: SharedObject, while started: UInt64,
    settle: () -> Void
  ) {
    let bit = UInt64(1) &<< (index & 63)
    YieldPoint.reached(.store, name)
    let old = line[staleWord: index &>> 6].bitwiseOr(
      bit, ordering: .sequentiallyConsistent
    ).oldValue
    precondition(old & bit == 0, "retired a page that is not live")
    // The chunk may have been taken off its list before the bit was there; see `freeAllStale`.
    YieldPoint.reached(.load, name)
    if line[.stamp].load(ordering: .sequentiallyConsistent) != started { settle() }
  }

  /// Gives the chunk of a live page the lease that `begin` takes, unless it has one; `true` if so.
  ///
  /// `begin` runs with the chunk's lock held, and may find that there is no memory.
  @inlinable
  borrowing func lease(chunkOf page: IOVA, _ begin: () -> LeafHandle?) -> Bool {
    let number = Int(truncatingIfNeeded: space.page(of: page) &>> 8)
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
    if chunks[leafOf: number].load(ordering: .relaxed) != 0 { return false }
    chunks.lock(number)
    defer { chunks.unlock(number) }
    YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
    if chunks[leafOf: number].load(ordering: .relaxed) != 0 { return false }
    guard let leaf = begin() else { return false }
    publish(leaf, ofChunk: number)
    return true
  }

  /// Visits the next `visits` chunks in turn, and has `end` give back the leases of those that have
  /// no live page, told by an address in each; `endings` of them at the most.
  ///
  /// `end` runs with the chunk's lock held. Complexity: constant for each visit.
  @inlinable
  borrowing func endIdleLeases(visits: Int, endings: Int, _ end: (IOVA) -> Void) {
    var left = endings
    for _ in 0..<min(visits, chunkCount) where left > 0 {
      YieldPoint.reached(.store, shared.part(RolloverPart.leases))
      let turn = turns[0].lease.wrappingAdd(1, ordering: .relaxed).oldValue
      let number = Int(turn % UInt64(truncatingIfNeeded: chunkCount))
      YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
      if chunks[leafOf: number].load(ordering: .relaxed) == 0 { continue }
      chunks.lock(number)
      YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
      if chunks[leafOf: number].load(ordering: .relaxed) != 0, isIdle(number) {
        publish(.none, ofChunk: number)
        left &-= 1
        end(max(aperture.first, space.range(ofPage: UInt64(number) &<< 8).first))
      }
      chunks.unlock(number)
    }
  }

  /// Writes a lease, or none, where those who map and unmap look for it; the lock is held.
  @usableFromInline
  borrowing func publish(_ leaf: LeafHandle, ofChunk number: Int) {
    chunks[leafOf: number].store(leaf.rawValue, ordering: .releasing)
    for word in 0..<4 {
      let part = leaf == .none ? leaf : leaf.advanced(by: word * 64)
      openWords[number << 2 | word].leaf.store(part.rawValue, ordering: .releasing)
    }
  }

  /// Whether every page of a chunk, whose lock is held, is free or stale: nobody writes an entry.
  @usableFromInline
  borrowing func isIdle(_ number: Int) -> Bool {
    if !openPages(ofChunk: number).isEmpty { return false }
    let own = space.bits(of: space.firstPage...space.lastPage, inChunk: number)
    return chunks[number].busy.intersection(own).subtracting(stalePages(ofChunk: number)).isEmpty
  }
}
