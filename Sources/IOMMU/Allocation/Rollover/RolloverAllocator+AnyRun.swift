import Synchronization

/// Requests for up to 256 pages anywhere, when no list leads to a run.
extension RolloverAllocator {
  /// How many runs are looked at that turn out to be stale: another one may be free.
  private static var staleRunsMax: Int { 3 }

  /// A run that the lists do not lead to, or why there is none.
  ///
  /// Complexity: a visit to each processor's open word and run, then a few queries of the tree of
  /// runs, with a visit to a chunk for each; more where the tree does not know chunks yet, once for
  /// each of them.
  borrowing func takeAnyRun(
    _ shape: RunShape, _ request: IOVARequest, slot: Int
  ) throws(IOVAAllocationError) -> IOVARange {
    if processorsHoldLittle, !isCrowdedNow, hasRetiredRun(of: shape.pages) {
      throw .needsInvalidation(pages: request.pages)
    }
    if let page = takeFromProcessors(shape, slot: slot) {
      return space.range(fromPage: page, count: shape.pages)
    }
    let last = Int(space.lastPage >> 8)
    var staleRuns = 0
    var next = nextBeginning(ofRun: shape.pages, from: 0, to: last)
    while let number = next, staleRuns < RolloverAllocator.staleRunsMax {
      var from = number + 1
      switch visit(number, for: shape) {
      case .taken(let page): return space.range(fromPage: page, count: shape.pages)
      case .stale: staleRuns += 1
      case .less: from = number
      case .cut: break
      }
      next = nextBeginning(ofRun: shape.pages, from: from, to: last)
    }
    if staleRuns > 0 { throw .needsInvalidation(pages: request.pages) }
    throw .exhausted(pages: request.pages, limit: request.limit)
  }

  /// A run of what processors have: in their current chunks, or with what they have open.
  private borrowing func takeFromProcessors(_ shape: RunShape, slot: Int) -> UInt64? {
    if closeEverything(), let page = openRun(pages: Int(shape.pages), slot: slot) { return page }
    var room = 0
    return takeFromAnyCurrent(shape, room: &room)
  }

  /// Whether what processors have open is less than a 64th of the aperture: then it is not worth
  /// the steps to look for a run there, where one of stale pages is known.
  var processorsHoldLittle: Bool { UInt64(processors.count) << 15 <= space.pageCount }

  /// Whether any chunk waits for an invalidation.
  var hasStale: Bool {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    return lists.hasStale
  }

  private var isCrowdedNow: Bool {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    return isCrowded
  }

  /// What a chunk turned out to have, in which a run may begin.
  private enum Visit {
    /// A run, which begins with this page, and is the caller's now.
    case taken(UInt64)
    /// A run that would be free after an invalidation.
    case stale
    /// Less than the tree told, which tells the truth now.
    case less
    /// A run that a border cuts in two.
    case cut
  }

  /// Takes a run that lies in a chunk, or begins there and goes on in the next.
  private borrowing func visit(_ number: Int, for shape: RunShape) -> Visit {
    let pages = Int(shape.pages)
    chunks.lock(number)
    reclaimIfFinished(number)
    let first = chunks[number].free.firstRun(of: pages)
    if let first {
      occupy(number, from: first, shape, movingCursor: false)
    } else if availablePages(ofChunk: number).firstRun(of: pages) != nil {
      chunks.unlock(number)
      return .stale
    }
    let summary = correctSummary(number)
    chunks.unlock(number)
    if let first { return .taken(UInt64(number) << 8 | UInt64(first)) }
    guard let summary else { return .less }
    return number + 1 == chunkCount ? .cut : visitBorder(behind: number, for: shape, summary)
  }

  /// Takes a run that begins with the last pages of a chunk, and goes on in the next.
  private borrowing func visitBorder(
    behind number: Int, for shape: RunShape, _ summary: RunSummary
  ) -> Visit {
    let border = UInt64(number + 1) << 8
    let first = border - UInt64(summary.suffix)
    if shape.start(from: first) != first { return .cut }
    let rest = Int(first + shape.pages - border)
    chunks.lock(number + 1)
    reclaimIfFinished(number + 1)
    let isFree = chunks[number + 1].free.runEnd(from: 0) >= rest
    let isTrue = correctSummary(number + 1) != nil
    chunks.unlock(number + 1)
    if !isTrue { return .less }
    return isFree && claim(first...(first + shape.pages - 1)) ? .taken(first) : .stale
  }
}
