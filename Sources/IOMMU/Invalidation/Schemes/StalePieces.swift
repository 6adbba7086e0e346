/// The ranges that invalidate the pages of one ``RangeInvalidation`` at the least cost.
///
/// Runs of stale pages are joined wherever looking at what lies between costs no more than another
/// trap. Costs add up gap by gap, so that no other set of ranges that covers the pages is cheaper.
struct StalePieces {
  /// A range, in pages numbered from address 0 on.
  struct Piece {
    /// What to invalidate; it begins and ends with a stale page.
    var pages: ClosedRange<UInt64>
    /// The number of pages in it that are to be freed.
    var stale: UInt64
  }

  let work: RangeInvalidation
  private var page: UInt64 = 0

  /// From the first page of `work` on.
  init(_ work: RangeInvalidation) {
    self.work = work
  }

  /// The next range, or `nil` behind the last.
  ///
  /// Complexity: a visit to a chunk for each run of stale pages in it.
  mutating func next(
    in allocator: borrowing RolloverAllocator, _ cost: InvalidationCost
  ) -> Piece? {
    guard let first = allocator.nextRun(of: work, from: page) else { return nil }
    var piece = Piece(pages: first, stale: first.upperBound - first.lowerBound + 1)
    while let run = allocator.nextRun(of: work, from: piece.pages.upperBound + 1),
      cost.isWorthBridging(from: piece.pages.upperBound, to: run.lowerBound)
    {
      piece.pages = piece.pages.lowerBound...run.upperBound
      piece.stale += run.upperBound - run.lowerBound + 1
    }
    page = piece.pages.upperBound + 1
    return piece
  }
}
