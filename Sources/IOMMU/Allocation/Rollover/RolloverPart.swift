/// Which part of a ``RolloverAllocator`` a yield point touches, beside its locks.
@usableFromInline
enum RolloverPart {
  /// How many global invalidations have begun.
  @inlinable static var started: Int { 0 }
  /// The last one that has finished.
  @inlinable static var finished: Int { 1 }
  /// Where the next search begins.
  @inlinable static var scan: Int { 2 }
  /// What was counted as stale beside the processors' counts.
  @inlinable static var moved: Int { 3 }
  /// Which chunk's lease is looked at next.
  @inlinable static var leases: Int { 4 }

  /// The longest range that was retired since an invalidation began.
  @inlinable static var retiredRun: Int { 5 }

  /// The chunk, word and run that a processor's slot allocates from.
  @inlinable
  static func current(_ slot: Int) -> Int { 6 &+ 2 &* slot }

  /// What a processor's slot has counted as stale.
  @inlinable
  static func retired(_ slot: Int) -> Int { 7 &+ 2 &* slot }

  /// The word that a processor's slot hands out from, and what is left in words.
  ///
  /// One part for each chunk, apart from the processors', of which there are 2^16 at most.
  @inlinable
  static func chunk(_ number: Int) -> Int { (1 &<< 18) &+ number & 0x3ffff }
}
