public import Synchronization

/// Words of 64 pages that single pages are handed out from, without a lock.
///
/// A word is *open* while a processor hands out from it: its free pages were taken out of the
/// chunk, as if they were live, and are bits of one atomic word. Taking one is an atomic operation
/// that tells whether the bit was there: so it does no harm if another thread names the same
/// processor, or has not seen that the word was closed. Whoever takes a bit has a page that was
/// free.
extension RolloverAllocator {
  /// The lowest page left in the processor's open word, where the request's limits allow it.
  @inlinable
  @inline(__always)
  borrowing func takeNextPage(_ request: IOVARequest, on cpu: CPUIndex) -> IOVARange? {
    YieldPoint.reached(.load, shared.part(RolloverPart.current(slot(of: cpu))))
    // Relaxed: any word will do, even one that was just closed.
    let place = processors[slot(of: cpu)].word.load(ordering: .relaxed)
    let name = shared.part(RolloverPart.chunk(openWords.number(at: place) &>> 2))
    guard let index = openWords[at: place].lowest(name) else { return nil }
    let first = openWords[at: place].first &+ (index &<< UInt64(space.granule.log2))
    let range = IOVARange(ordered: IOVA(first), IOVA(first &+ space.pageMask))
    if range.last > request.limit { return nil }
    if space.pageMask & ~request.boundaryMask != 0 { return nil }
    return openWords[at: place].take(index) ? range : nil
  }

  /// Makes a word that was just opened the processor's, and closes the one before.
  ///
  /// The exchange hands each word to one thread, even if two name the same processor.
  borrowing func makeCurrent(word: Int, slot: Int) {
    YieldPoint.reached(.store, shared.part(RolloverPart.current(slot)))
    let place = openWords.place(of: word)
    let old = processors[slot].word.exchange(place, ordering: .relaxed)
    if old == place { return }
    // As a rule it is used up.
    let number = openWords.number(at: old)
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number >> 2)))
    if openWords[at: old].bits.load(ordering: .relaxed) != 0 { close(word: number) }
  }

  /// Gives the pages that are left in an open word back to its chunk.
  borrowing func close(word: Int) {
    let number = word >> 2
    chunks.lock(number)
    YieldPoint.reached(.store, shared.part(RolloverPart.chunk(number)))
    let bits = openWords[word].bits.exchange(0, ordering: .acquiring)
    chunks[number].busy.words[word & 3] &= ~bits
    if bits != 0 { trackFreed(number) }
    chunks.unlock(number)
  }

  /// Closes every processor's word and run; true where pages came back.
  borrowing func closeEverything() -> Bool {
    let words = closeWords()
    return closeRuns() || words
  }

  /// Closes every processor's word; true where pages came back.
  ///
  /// Complexity: a visit to each processor's chunk. For the searches, which have to see each free
  /// page.
  borrowing func closeWords() -> Bool {
    var found = false
    for slot in 0..<processors.count {
      YieldPoint.reached(.load, shared.part(RolloverPart.current(slot)))
      let word = openWords.number(at: processors[slot].word.load(ordering: .relaxed))
      YieldPoint.reached(.load, shared.part(RolloverPart.chunk(word >> 2)))
      if openWords[word].bits.load(ordering: .relaxed) == 0 { continue }
      found = true
      close(word: word)
    }
    return found
  }

  /// The pages of a chunk that lie in open words.
  borrowing func openPages(ofChunk number: Int) -> PageBits {
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
    var result = PageBits()
    for word in 0..<4 {
      result.words[word & 3] = openWords[number << 2 | word].bits.load(ordering: .relaxed)
    }
    return result
  }
}
