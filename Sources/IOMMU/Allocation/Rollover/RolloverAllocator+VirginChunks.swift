extension RolloverAllocator {
  /// A run of more than 256 pages from chunks that were never used; what is left of the last goes
  /// on a free list.
  ///
  /// Complexity: one visit to each chunk of the run. The chunks are cut off the untouched end at
  /// once, and visited after that. A search through all chunks may take a page of theirs before
  /// they are visited, or have taken one before: then the run is undone, and has to be searched
  /// for.
  borrowing func takeVirginChunks(_ shape: RunShape) -> UInt64? {
    guard let page = cutVirginRun(shape) else { return nil }
    let pages = page...(page + shape.pages - 1)
    var takenElsewhere: Int?
    for number in chunkNumbers(of: pages) {
      chunks.lock(number)
      reclaimIfFinished(number)
      let wanted = space.bits(of: pages, inChunk: number)
      if !chunks[number].free.isSuperset(of: wanted) {
        takenElsewhere = takenElsewhere ?? number
      }
      if takenElsewhere == nil { chunks[number].busy.formUnion(wanted) }
      // The chunk is no longer virgin: from here on a list has to know of what is free in it.
      track(number)
      chunks.unlock(number)
    }
    guard let number = takenElsewhere else { return page }
    let end = UInt64(number) << 8
    if end > page { release(page...(end - 1)) }
    return nil
  }

  private borrowing func cutVirginRun(_ shape: RunShape) -> UInt64? {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    let first = lists.nextVirgin
    let start = max(UInt64(first) << 8, space.firstPage)
    guard let page = shape.start(from: start), page >> 8 == UInt64(first) else { return nil }
    lists.nextVirgin = Int((page + shape.pages - 1) >> 8) + 1
    return page
  }
}
