/// The ranges that invalidate the pages of one ``RangeInvalidation`` at the least cost.
///
/// Runs of stale pages are joined wherever looking at what lies between costs no more than another
/// trap. Costs add up gap by gap, so that no other set of ranges that covers the pages is cheaper.
struct StalePieces {
  let work: RangeInvalidation
  private var page: UInt64 = 0

  /// From the first page of `work` on.
  init(_ work: RangeInvalidation) {
    self.work = work
  }

  /// The next range, in pages numbered from address 0 on, or `nil` behind the last.
  ///
  /// Complexity: a visit to a chunk for each run of stale pages in it.
  mutating func next(
    in allocator: borrowing RolloverAllocator, _ cost: InvalidationCost
  ) -> ClosedRange<UInt64>? {
    guard var piece = allocator.nextRun(of: work, from: page) else { return nil }
    while let run = allocator.nextRun(of: work, from: piece.upperBound + 1),
      cost.isWorthBridging(from: piece.upperBound, to: run.lowerBound)
    {
      piece = piece.lowerBound...run.upperBound
    }
    page = piece.upperBound + 1
    return piece
  }
}
