import Synchronization

// Compare and exchange, strong and weak, in every pair of orderings; the same text for each width.

/// What the cell holds, or, every third time, what it does not.
private func expected(_ cell: borrowing Atomic<UInt8>, _ step: UInt8) -> UInt8 {
  cell.load(ordering: .relaxed) &+ (step % 3 == 2 ? 1 : 0)
}

func compareExchangesUInt8() {
  let name: StaticString = "UInt8"
  let start = UInt8(truncatingIfNeeded: disguised(0x1e37_79b9_7f4a_7c55 as UInt64))
  let operand = UInt8(truncatingIfNeeded: disguised(0x0102_0408_1122_3325 as UInt64))
  let cell = Atomic<UInt8>(start)

  var digest = Digest()

  digest.add(
    cell.compareExchange(
      expected: expected(cell, 0), desired: operand &* 2, ordering: .relaxed))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 1), desired: operand &* 3, ordering: .acquiring))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 2), desired: operand &* 4, ordering: .releasing))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 3), desired: operand &* 5, ordering: .acquiringAndReleasing))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 4), desired: operand &* 6, ordering: .sequentiallyConsistent))
  show("compareExchange", name, digest)

  digest.add(
    cell.compareExchange(
      expected: expected(cell, 0), desired: operand &* 2,
      successOrdering: .relaxed, failureOrdering: .relaxed))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 1), desired: operand &* 3,
      successOrdering: .relaxed, failureOrdering: .acquiring))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 2), desired: operand &* 4,
      successOrdering: .relaxed, failureOrdering: .sequentiallyConsistent))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 3), desired: operand &* 5,
      successOrdering: .acquiring, failureOrdering: .relaxed))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 4), desired: operand &* 6,
      successOrdering: .acquiring, failureOrdering: .acquiring))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 5), desired: operand &* 7,
      successOrdering: .acquiring, failureOrdering: .sequentiallyConsistent))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 6), desired: operand &* 8,
      successOrdering: .releasing, failureOrdering: .relaxed))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 7), desired: operand &* 9,
      successOrdering: .releasing, failureOrdering: .acquiring))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 8), desired: operand &* 10,
      successOrdering: .releasing, failureOrdering: .sequentiallyConsistent))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 9), desired: operand &* 11,
      successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 10), desired: operand &* 12,
      successOrdering: .acquiringAndReleasing, failureOrdering: .acquiring))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 11), desired: operand &* 13,
      successOrdering: .acquiringAndReleasing, failureOrdering: .sequentiallyConsistent))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 12), desired: operand &* 14,
      successOrdering: .sequentiallyConsistent, failureOrdering: .relaxed))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 13), desired: operand &* 15,
      successOrdering: .sequentiallyConsistent, failureOrdering: .acquiring))
  digest.add(
    cell.compareExchange(
      expected: expected(cell, 14), desired: operand &* 16,
      successOrdering: .sequentiallyConsistent, failureOrdering: .sequentiallyConsistent))
  show("compareExchange with two orderings", name, digest)

  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 0), desired: operand &* 2, ordering: .relaxed))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 1), desired: operand &* 3, ordering: .acquiring))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 2), desired: operand &* 4, ordering: .releasing))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 3), desired: operand &* 5, ordering: .acquiringAndReleasing))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 4), desired: operand &* 6, ordering: .sequentiallyConsistent))
  show("weakCompareExchange", name, digest)

  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 0), desired: operand &* 2,
      successOrdering: .relaxed, failureOrdering: .relaxed))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 1), desired: operand &* 3,
      successOrdering: .relaxed, failureOrdering: .acquiring))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 2), desired: operand &* 4,
      successOrdering: .relaxed, failureOrdering: .sequentiallyConsistent))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 3), desired: operand &* 5,
      successOrdering: .acquiring, failureOrdering: .relaxed))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 4), desired: operand &* 6,
      successOrdering: .acquiring, failureOrdering: .acquiring))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 5), desired: operand &* 7,
      successOrdering: .acquiring, failureOrdering: .sequentiallyConsistent))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 6), desired: operand &* 8,
      successOrdering: .releasing, failureOrdering: .relaxed))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 7), desired: operand &* 9,
      successOrdering: .releasing, failureOrdering: .acquiring))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 8), desired: operand &* 10,
      successOrdering: .releasing, failureOrdering: .sequentiallyConsistent))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 9), desired: operand &* 11,
      successOrdering: .acquiringAndReleasing, failureOrdering: .relaxed))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 10), desired: operand &* 12,
      successOrdering: .acquiringAndReleasing, failureOrdering: .acquiring))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 11), desired: operand &* 13,
      successOrdering: .acquiringAndReleasing, failureOrdering: .sequentiallyConsistent))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 12), desired: operand &* 14,
      successOrdering: .sequentiallyConsistent, failureOrdering: .relaxed))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 13), desired: operand &* 15,
      successOrdering: .sequentiallyConsistent, failureOrdering: .acquiring))
  digest.add(
    cell.weakCompareExchange(
      expected: expected(cell, 14), desired: operand &* 16,
      successOrdering: .sequentiallyConsistent, failureOrdering: .sequentiallyConsistent))
  show("weakCompareExchange with two orderings", name, digest)
}
