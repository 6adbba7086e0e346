extension RoundPlan {
  /// The plan of processor `index` of `count`, which has a part of the disk and a seed of its own.
  ///
  /// Requests of different parts never meet; part 0 of 1 is the plan itself. The part may be too
  /// small for its requests: ``isValid`` tells.
  public func part(_ index: Int, of count: Int) -> RoundPlan {
    precondition(index >= 0 && index < count, "a part of the plan")
    var part = self
    part.blockCount = blockCount / UInt64(count)
    part.firstBlock = firstBlock + part.blockCount * UInt64(index)
    if index > 0 { part.seed = BlockPattern.mix(seed &+ UInt64(index)) }
    return part
  }
}
